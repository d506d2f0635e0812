// Side by side in one run, so that only ratios count: `npm run bench [-- --rounds N]`. Prints Markdown.
import process from 'node:process'
import { type Home, makeHome } from '../test/kit/product.ts'
import { type Sshd, startSshd } from '../test/kit/sshd.ts'
import { type Contender, ControlMaster, ours, peers, yardsticks } from './contenders.ts'
import { interleaved, ms, quantile, ratio, table, timedMs } from './figures.ts'
import { RawSsh } from './raw-ssh.ts'
import { StdioClient } from './stdio-client.ts'

const BLOCK = 25
const rounds = Number(/--rounds[= ](\d+)/.exec(process.argv.join(' '))?.[1] ?? 200)
// More sessions than OpenSSH allows unless told otherwise: what is measured is the clients, not the host's limit.
const sshd = await startSshd({ config: ['MaxSessions 64'] })
const home = await makeHome()
const mine = ours(home, sshd)
const all = [...mine, ...peers(home, sshd)]
try {
  console.log(`# ssh-mcp-bridge, measured on Node.js ${process.version}, ${rounds} rounds`)
  console.log(await starts([...mine.slice(0, 1), ...yardsticks(home), ...all.slice(mine.length)]))
  console.log(await warmCommands('bash without start-up files', all, sshd, home))
  console.log(await warmInZsh())
  console.log(await manyAtOnce(mine.slice(0, 1)))
  console.log(await largeOutput(mine.slice(0, 1)))
} finally {
  await sshd.stop()
  await home.remove()
}

/** From the start of the process until the list of tools is answered. */
async function starts(contenders: readonly Contender[]): Promise<string> {
  const memory = new Map<string, number>()
  const tools = new Map<string, string>()
  const samples = await interleaved(
    Math.max(5, Math.round(rounds / 14)),
    1,
    Object.fromEntries(
      contenders.map(({ name, command, env }) => [
        name,
        async () => {
          let client: StdioClient | undefined
          const took = await timedMs(async () => {
            client = new StdioClient(command, env)
            const list = await client.open()
            tools.set(name, `${list.length} (${Math.round(JSON.stringify(list).length / 4)} tokens)`)
          })
          memory.set(name, client?.memoryMiB().now ?? 0)
          await client?.close()
          return took
        },
      ]),
    ),
  )
  const base = quantile(samples['SDK, one tool'] ?? [], 0.5)
  const bundled = quantile(samples['SDK, one tool, bundled'] ?? [], 0.5)
  const rows = contenders.map(({ name }) => {
    const p50 = quantile(samples[name] ?? [], 0.5)
    return [
      name,
      ms(p50),
      ratio(p50, base),
      ratio(p50, bundled),
      `${Math.round(memory.get(name) ?? 0)} MiB`,
      tools.get(name) ?? '',
    ]
  })
  return table(
    'stdio start until tools/list is answered',
    ['server', 'p50', 'to SDK', 'to SDK bundled', 'memory', 'tools'],
    rows,
  )
}

/** `true` on a connection that is already open; ours with the audit on the disk before and after. */
async function warmCommands(
  where: string,
  contenders: readonly Contender[],
  host: Sshd,
  place: Home,
): Promise<string> {
  const raw = new RawSsh()
  await raw.open(host)
  const control = new ControlMaster(place, host)
  const clients = await Promise.all(contenders.map(opened))
  const measures: Record<string, () => Promise<number>> = Object.fromEntries([
    ['raw ssh2', () => timedMs(() => raw.run('true'))],
    ...clients.map(({ name, run }) => [name, () => timedMs(() => run('true'))]),
    ['ssh over ControlMaster', () => timedMs(() => control.run('true'))],
  ])
  for (const measure of Object.values(measures)) for (let warmUp = 0; warmUp < 5; warmUp++) await measure()
  const samples = await interleaved(Math.ceil(rounds / BLOCK), BLOCK, measures)
  raw.close()
  control.close()
  await Promise.all(clients.map(({ client }) => client.close()))

  const [base50, base99] = [0.5, 0.99].map((q) => quantile(samples['raw ssh2'] ?? [], q)) as [number, number]
  const rows = Object.entries(samples).map(([name, values]) => {
    const [p50, p99] = [quantile(values, 0.5), quantile(values, 0.99)]
    return [name, ms(p50), ratio(p50, base50), ms(p99), ratio(p99, base99)]
  })
  return table(`warm \`true\`, ${where}`, ['way', 'p50', 'to raw', 'p99', 'to raw'], rows)
}

/** The same where a login shell takes a little longer to start: what the bridge adds does not grow with it. */
async function warmInZsh(): Promise<string> {
  const host = await startSshd({ shell: 'zsh' })
  const place = await makeHome()
  try {
    return await warmCommands('zsh', ours(place, host), host, place)
  } finally {
    await host.stop()
    await place.remove()
  }
}

/** Raw over as many connections as the bridge uses: at most five, ten commands each before another is opened. */
async function manyAtOnce(contenders: readonly Contender[]): Promise<string> {
  const rows: string[][] = []
  for (const inFlight of [1, 16, 64]) {
    const raws = Array.from({ length: Math.min(5, Math.ceil(inFlight / 10)) }, () => new RawSsh())
    await Promise.all(raws.map((raw) => raw.open(sshd)))
    const byRaw = (worker: number) => raws[worker % raws.length]?.run('true') ?? Promise.reject()
    for (const contender of contenders) {
      const { client, run, name } = await opened(contender)
      await perSecond(inFlight, () => run('true'))
      const [base, rate] = [await perSecond(inFlight, byRaw), await perSecond(inFlight, () => run('true'))]
      rows.push([name, String(inFlight), `${Math.round(rate)}/s`, `${Math.round(base)}/s`, ratio(rate, base)])
      await client.close()
    }
    for (const raw of raws) raw.close()
  }
  return table('commands a second', ['way', 'in flight', 'rate', 'raw ssh2', 'to raw'], rows)
}

/** `inFlight` workers, each with one call after the other; `run` is told which worker asks. */
async function perSecond(inFlight: number, run: (worker: number) => Promise<unknown>): Promise<number> {
  const total = Math.max(inFlight * 4, 100)
  let begun = 0
  const work = async (worker: number) => {
    while (begun < total) {
      begun += 1
      await run(worker)
    }
  }
  const took = await timedMs(() => Promise.all(Array.from({ length: inFlight }, (_, worker) => work(worker))))
  return (total / took) * 1_000
}

/** 100 MiB of text printed by a command: time, and how much memory it takes at most. */
async function largeOutput(contenders: readonly Contender[]): Promise<string> {
  const command = 'yes "a line of ordinary text" | head -c 104857600'
  const raw = new RawSsh()
  await raw.open(sshd)
  const rows: string[][] = []
  for (const contender of contenders) {
    const { client, run, name } = await opened(contender)
    await run('true')
    const before = client.memoryMiB().now
    const samples = await interleaved(5, 1, {
      raw: () => timedMs(() => raw.run(command)),
      bridge: () => timedMs(() => run(command)),
    })
    const [base, took] = [samples.raw, samples.bridge].map((values) => quantile(values ?? [], 0.5)) as [
      number,
      number,
    ]
    const { peak } = client.memoryMiB()
    rows.push(['raw ssh2', ms(base), '1.00 ×', '', ''])
    rows.push([
      name,
      ms(took),
      ratio(took, base),
      `${Math.round(peak)} MiB`,
      `+${Math.round(peak - before)} MiB`,
    ])
    await client.close()
  }
  raw.close()
  return table('100 MiB of output', ['way', 'time', 'to raw', 'peak memory', 'above start'], rows)
}

async function opened({ name, command, env, execute }: Contender) {
  const client = new StdioClient(command, env)
  await client.open()
  const run = (text: string) => {
    const [tool, args] = execute?.(text) ?? ['', {}]
    return client.callTool(tool, args)
  }
  return { name, client, run }
}
