import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../src/lib/clock.ts'
import { freePort } from '../../test/kit/free-port.ts'
import { hostYaml, startProduct } from '../../test/kit/product.ts'
import type { Sshd } from '../../test/kit/sshd.ts'
import { TokenForge } from '../../test/kit/token-forge.ts'
import { configure, OURS } from '../contenders/ours.ts'
import { peers } from '../contenders/peers.ts'
import { type Contest, interleaved, median, perSecond, times } from '../figures.ts'
import { HttpClient } from '../http-client.ts'
import { openRaws, RAW } from '../raw-many.ts'
import { defineRow, type Kind } from '../row.ts'
import type { Stage } from '../stage.ts'

const IN_FLIGHT = 64
const KEY = 'bench-key-0123456789'
const [BY_KEY, BY_JWT, LEGACY] = [`${OURS}, API key`, `${OURS}, JWT`, `${OURS}, JWT, revision 2025-06-18`]

/** A way to call over HTTP, ready. */
interface Caller {
  readonly name: string
  readonly kind: Kind
  run(): Promise<unknown>
}

export const http = defineRow({
  name: 'http',
  title: 'Commands a second over HTTP with a bearer token',
  about:
    '64 calls of `true` in flight over Streamable HTTP, each with its token checked; raw ssh2 has five connections and no HTTP before it.',
  targets: {
    key: { what: 'HTTP with an API key, 64 in flight, to raw ssh2', least: 0.75, unit: '×' },
    jwt: { what: 'HTTP with a JWT, 64 in flight, to raw ssh2', least: 0.75, unit: '×' },
  },
  async measure(stage) {
    const sshd = await stage.sshd()
    const notes: string[] = []
    const callers = [...(await oursOverHttp(stage, sshd)), ...(await peersOverHttp(stage, sshd, notes))]
    const raws = await openRaws(sshd, IN_FLIGHT)
    const total = Math.min(256, stage.options.rounds * 8)
    const contest: Contest = Object.fromEntries([
      [RAW, () => perSecond(IN_FLIGHT, total, (worker) => raws.run(worker, 'true'))],
      ...callers.map(({ name, run }) => [name, () => perSecond(IN_FLIGHT, total, run)]),
    ])
    const failed = (name: string, why: string) => notes.push(`${name}: ${why}`)
    await interleaved(1, 1, contest)
    const samples = await interleaved(stage.rounds(0.035, 3), 1, contest, failed)
    raws.close()
    const rate = (name: string) => median(samples[name])
    const ways: [string, Kind][] = [
      [RAW, 'yardstick'],
      ...callers.map(({ name, kind }): [string, Kind] => [name, kind]),
    ]
    return {
      tables: [
        {
          title: 'commands a second, 64 in flight',
          base: RAW,
          measures: [{ name: 'rate', unit: '/s', better: 'more' }],
          ways: ways.map(([way, kind]) => ({ way, kind, values: [rate(way)] })),
        },
      ],
      reached: { key: times(rate(BY_KEY), rate(RAW)), jwt: times(rate(BY_JWT), rate(RAW)) },
      notes,
    }
  },
})

async function oursOverHttp(stage: Stage, sshd: Sshd): Promise<Caller[]> {
  const home = await stage.home()
  const port = await freePort()
  const resource = `http://127.0.0.1:${port}`
  const forge = await TokenForge.start({ resource, clock: systemClock, marginS: 20 })
  stage.after(() => forge.close())
  const oauth = `{enabled: true, issuer: "${forge.issuer.url}", audience: "${resource}", jwks_uri: "${forge.issuer.jwksUri}"}`
  configure(home, hostYaml('web-server', sshd), `server:\n  api_key: ${KEY}\n  oauth: ${oauth}\n`)
  const product = await startProduct(home, { port })
  stage.after(() => product.stop())
  const jwt = forge.having({ exp: forge.nowS + 3_600 })
  const caller = async (name: string, token: string, revision: 'legacy' | 'modern'): Promise<Caller> => {
    const client = new HttpClient(`${product.url}/mcp`, token, revision)
    stage.after(() => client.close())
    await client.open()
    const run = () => client.callTool('execute_command', { host: 'web-server', command: 'true' })
    return { name, kind: 'ours', run }
  }
  return [
    await caller(BY_KEY, KEY, 'modern'),
    await caller(BY_JWT, jwt, 'modern'),
    await caller(LEGACY, jwt, 'legacy'),
  ]
}

async function peersOverHttp(stage: Stage, sshd: Sshd, notes: string[]): Promise<Caller[]> {
  const callers: Caller[] = []
  for (const { name, env, execute, http: overHttp } of peers(stage, sshd)) {
    if (overHttp === undefined || execute === undefined) continue
    const port = await freePort()
    const { command, path, token } = overHttp(port)
    const [program = '', ...args] = command
    const child: ChildProcess = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'ignore' })
    stage.after(() => child.kill('SIGTERM'))
    const client = new HttpClient(`http://127.0.0.1:${port}${path}`, token)
    stage.after(() => client.close())
    const [tool, toolArgs] = execute('true')
    try {
      await answering(() => client.open())
      callers.push({ name, kind: 'peer', run: () => client.callTool(tool, toolArgs) })
    } catch (error) {
      notes.push(`${name}: ${String(error)}`)
    }
  }
  return callers
}

/** Tries until it works: at most ten seconds. */
async function answering(attempt: () => Promise<void>): Promise<void> {
  for (let left = 50; ; left--) {
    try {
      return await attempt()
    } catch (error) {
      if (left === 0) throw error
      await delay(200)
    }
  }
}
