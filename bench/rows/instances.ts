import { setTimeout as delay } from 'node:timers/promises'
import { startPostgres } from '../../test/kit/postgres.ts'
import { type Product, startProduct } from '../../test/kit/product.ts'
import { interleaved, median, perSecond, quantile, timedMs, times } from '../figures.ts'
import { HttpClient } from '../http-client.ts'
import { processorMsOf, processorMsOfAll } from '../processor-time.ts'
import { defineRow, type Measure, type Table } from '../row.ts'
import { startSimulatedHost } from '../simulated-host.ts'
import type { Stage } from '../stage.ts'

const COUNTS = [1, 2, 3] as const
type Count = (typeof COUNTS)[number]
/** In all, however many instances they ask: each count divides it. */
const IN_FLIGHT = 96
const KEY = 'bench-key-0123456789'
/** What the bridge takes of one connection: OpenSSH's MaxSessions as it is when nobody changed it. */
const CHANNELS = 10
const WAIT_S = 0.5
/** What the channels of one instance allow. */
const MOST_PER_SECOND = CHANNELS / WAIT_S

const IDLE_S = 5

const MEASURES: readonly Measure[] = [
  { name: 'calls', unit: '/s', better: 'more' },
  { name: 'to one instance', unit: '×', better: 'more' },
  { name: 'p50', unit: 'ms', better: 'less' },
  { name: 'p99', unit: 'ms', better: 'less' },
  { name: 'processor of a call: instances', unit: 'ms', better: 'less' },
  { name: 'all else', unit: 'ms', better: 'less' },
]

/** Processor time: of the instances, and of what else the benchmark has begun. */
interface Spent {
  readonly ours: number
  readonly others: number
}

interface Instance {
  readonly product: Product
  readonly client: HttpClient
}

export const instances = defineRow({
  name: 'instances',
  title: 'Several instances on one PostgreSQL',
  about: `${IN_FLIGHT} calls in flight over Streamable HTTP with an API key, spread over one, two or three instances that share one PostgreSQL with fsync. The host is simulated: it speaks SSH, runs nothing, and is not the limit. First each command takes ${WAIT_S * 1_000} ms there, and each instance has one connection (\`session.max_sessions_per_host: 1\`) and so ${CHANNELS} channels, which is ${MOST_PER_SECOND} commands a second: the rest of the calls wait for a channel. So it is seen what more instances bring where they wait for hosts, also on a machine whose few processors they share with all else. Then commands that take no time, so that these processors are the limit. All three instances live all the time.`,
  targets: { two: { what: 'calls a second of two instances, to one', least: 1.6, unit: '×' } },
  async measure(stage) {
    const all = await startInstances(stage)
    const waiting = await compared(stage, all, `sleep ${WAIT_S}`, stage.rounds(0.025, 3), 100)
    const busy = await compared(stage, all, 'true', stage.rounds(0.025, 3), 400)
    const share = (count: Count) => (100 * (waiting.rate(count) ?? 0)) / (count * MOST_PER_SECOND)
    const shares = COUNTS.map((count) => `${share(count).toFixed(0)} %`).join(', ')
    return {
      tables: [
        waiting.table(`commands of ${WAIT_S * 1_000} ms: the channels to the host are the limit`),
        busy.table('commands of no time: the processors are the limit'),
      ],
      reached: { two: times(waiting.rate(2), waiting.rate(1)) },
      notes: [
        `of what ${CHANNELS} channels for each instance allow, one, two and three instances reach ${shares}`,
        'all else: PostgreSQL, the simulated host and the clients, on the same processors',
        `asked nothing, the three instances take ${await idleNote(all)}; that is part of the figures above`,
      ],
    }
  },
})

async function startInstances(stage: Stage): Promise<Instance[]> {
  const postgres = await startPostgres()
  stage.after(() => postgres.stop())
  const database = await postgres.database()
  const host = await startSimulatedHost(stage, 'simulated')
  const all: Instance[] = []
  for (const _ of COUNTS) {
    const home = await stage.home()
    const yaml = [
      `server: {api_key: ${KEY}}`,
      'session: {max_sessions_per_host: 1}',
      'limits: {calls_per_minute: 1000000, wait: 600}',
      `hosts:\n${host.yaml}`,
    ]
    home.configure(yaml.join('\n'), database)
    const product = await startProduct(home)
    stage.after(() => product.stop())
    const client = new HttpClient(`${product.url}/mcp`, KEY, 'modern')
    stage.after(() => client.close())
    all.push({ product, client })
  }
  return all
}

/** The same command on one, two and three of them in turns; so many calls for each instance that is asked. */
async function compared(
  stage: Stage,
  all: readonly Instance[],
  command: string,
  rounds: number,
  callsEach: number,
) {
  const taken = new Map(COUNTS.map((count) => [count, { ms: [] as number[], spent: [] as Spent[] }]))
  const measure = (count: Count) => async () => {
    const calls = count * Math.min(callsEach, stage.options.rounds * 4)
    const ms: number[] = []
    const spent = spending(all)
    const rate = await perSecond(IN_FLIGHT, calls, async (worker) => {
      const client = all[worker % count]?.client
      ms.push(await timedMs(async () => client?.callTool('execute_command', { host: 'simulated', command })))
    })
    const { ours, others } = spent()
    taken.get(count)?.ms.push(...ms)
    taken.get(count)?.spent.push({ ours: ours / calls, others: others / calls })
    return rate
  }
  const contest = Object.fromEntries(COUNTS.map((count) => [nameOf(count), measure(count)]))
  // Connections are made, and what is compiled only when it is used often is.
  await interleaved(1, 1, contest)
  for (const { ms, spent } of taken.values()) ms.length = spent.length = 0
  const rates = await interleaved(rounds, 1, contest)
  const rate = (count: Count) => median(rates[nameOf(count)])
  const valuesOf = (count: Count) => {
    const { ms, spent = [] } = taken.get(count) ?? {}
    return [
      rate(count),
      times(rate(count), rate(1)),
      quantile(ms, 0.5),
      quantile(ms, 0.99),
      median(spent.map(({ ours }) => ours)),
      median(spent.map(({ others }) => others)),
    ]
  }
  const table = (title: string): Table => ({
    title,
    measures: MEASURES,
    ways: COUNTS.map((count) => ({ way: nameOf(count), kind: 'ours', values: valuesOf(count) })),
  })
  return { rate, table }
}

async function idleNote(all: readonly Instance[]): Promise<string> {
  const spent = spending(all)
  await delay(IDLE_S * 1_000)
  const { ours, others } = spent()
  return `${(ours / IDLE_S).toFixed(0)} ms of a processor each second, and all else ${(others / IDLE_S).toFixed(0)} ms`
}

/** From now on, in milliseconds of a processor. */
function spending(all: readonly Instance[]): () => Spent {
  const oursMs = () => all.reduce((sum, { product }) => sum + processorMsOf(product.process.pid), 0)
  const [oursBefore, allBefore] = [oursMs(), processorMsOfAll()]
  return () => {
    const ours = oursMs() - oursBefore
    return { ours, others: processorMsOfAll() - allBefore - ours }
  }
}

const nameOf = (count: Count) => (count === 1 ? 'one instance' : `${count} instances`)
