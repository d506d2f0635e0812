import { randomBytes } from 'node:crypto'
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/lib/clock.ts'
import { hostYaml, startProduct } from '../../test/kit/product.ts'
import { sftpRunner } from '../../test/kit/sftp-runner.ts'
import type { Sshd } from '../../test/kit/sshd.ts'
import { openContender } from '../contenders/contender.ts'
import { ControlMaster, ended } from '../contenders/openssh.ts'
import { configure, OURS } from '../contenders/ours.ts'
import { peers } from '../contenders/peers.ts'
import { type Contest, interleaved, median, type Samples, timedMs, times } from '../figures.ts'
import { HttpClient } from '../http-client.ts'
import { RawSsh } from '../raw-ssh.ts'
import { defineRow, type Kind } from '../row.ts'
import { getFile, putFile } from '../sftp.ts'
import type { Stage } from '../stage.ts'

const MIB = 1_048_576
const FILE_MIB = 256
const KEY = 'bench-key-0123456789'
/** What ssh2 is quickest with. */
const TUNED = { concurrency: 64, chunkSize: 256 * 1_024 }
const [RAW, ALONE, LINK, SCP] = ['ssh2, 64 × 256 KiB', 'our SFTP client alone', `${OURS}, by link`, 'scp']

/** A way to move a file; the directions that it has. */
interface Mover {
  readonly way: string
  readonly kind: Kind
  readonly put?: (localPath: string, remotePath: string) => Promise<unknown>
  readonly get?: (remotePath: string, localPath: string) => Promise<unknown>
  readonly copy?: (fromPath: string, toPath: string) => Promise<unknown>
}

export const files = defineRow({
  name: 'files',
  title: 'A file of 256 MiB',
  about:
    'To the host, from it, and from host to host through this machine, over connections that are open. By link: curl to the bridge to the host, with the digest, the call that makes the link included.',
  targets: {
    put: { what: 'put, our SFTP client to tuned ssh2', least: 0.95, unit: '×' },
    get: { what: 'get, our SFTP client to tuned ssh2', least: 0.95, unit: '×' },
    linkPut: { what: 'put by link, to tuned ssh2', least: 0.95, unit: '×' },
    linkGet: { what: 'get by link, to tuned ssh2', least: 0.95, unit: '×' },
  },
  async measure(stage) {
    const sshd = await stage.sshd()
    const folder = stage.folder()
    const [source, remote] = [join(folder, 'source'), join(folder, 'on-the-host')]
    fill(source)
    fill(remote)
    const notes: string[] = []
    const movers = [
      await byRaw(stage, sshd),
      await byOurClient(stage, sshd),
      await byTool(stage, sshd),
      await byScp(stage, sshd),
      ...(await byPeers(stage, sshd)),
    ]
    const failed = (name: string, why: string) => notes.push(`${name}: ${why}`)
    const rounds = stage.rounds(0.025, 2)
    const target = join(folder, 'target')
    const race = (work: (mover: Mover) => (() => Promise<unknown>) | undefined): Promise<Samples> => {
      const contest: Contest = Object.fromEntries(
        movers.flatMap((mover) => {
          const move = work(mover)
          return move === undefined ? [] : [[mover.way, () => rateOf(move, target)]]
        }),
      )
      return interleaved(rounds, 1, contest, failed)
    }
    const put = await race(({ put }) => put && (() => put(source, target)))
    const get = await race(({ get }) => get && (() => get(remote, target)))
    const copy = await race(({ copy }) => copy && (() => copy(remote, target)))
    const against = (samples: Samples, way: string) => times(median(samples[way]), median(samples[RAW]))
    return {
      tables: [
        {
          title: '256 MiB',
          base: RAW,
          measures: [
            { name: 'put', unit: 'MiB/s', better: 'more' },
            { name: 'get', unit: 'MiB/s', better: 'more' },
            { name: 'host to host', unit: 'MiB/s', better: 'more' },
          ],
          ways: movers.map(({ way, kind }) => ({
            way,
            kind,
            values: [put, get, copy].map((samples) => median(samples[way])),
          })),
        },
      ],
      reached: {
        put: against(put, ALONE),
        get: against(get, ALONE),
        linkPut: against(put, LINK),
        linkGet: against(get, LINK),
      },
      notes,
    }
  },
})

function fill(path: string): void {
  const file = openSync(path, 'w')
  for (let written = 0; written < FILE_MIB; written++) writeSync(file, randomBytes(MIB))
  closeSync(file)
}

/** MiB a second; fails unless all of the file came. */
async function rateOf(move: () => Promise<unknown>, target: string): Promise<number> {
  rmSync(target, { force: true })
  const tookMs = await timedMs(move)
  const { size } = statSync(target)
  if (size !== FILE_MIB * MIB) throw new Error(`${size} bytes came`)
  return FILE_MIB / (tookMs / 1_000)
}

async function byRaw(stage: Stage, sshd: Sshd): Promise<Mover> {
  const raw = new RawSsh()
  await raw.open(sshd)
  stage.after(() => raw.close())
  const sftp = await raw.sftp()
  const settle = (work: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => work((error) => (error ? reject(error) : resolve())))
  return {
    way: RAW,
    kind: 'yardstick',
    put: (local, remote) => settle((done) => sftp.fastPut(local, remote, TUNED, done)),
    get: (remote, local) => settle((done) => sftp.fastGet(remote, local, TUNED, done)),
  }
}

async function byOurClient(stage: Stage, sshd: Sshd): Promise<Mover> {
  const runner = sftpRunner([sshd.target('web-server')])
  stage.after(() => runner.close())
  const sftp = await runner.open()
  return {
    way: ALONE,
    kind: 'ours',
    put: (local, remote) => putFile(sftp, systemClock, local, remote),
    get: (remote, local) => getFile(sftp, systemClock, remote, local),
  }
}

async function byTool(stage: Stage, sshd: Sshd): Promise<Mover> {
  const home = await stage.home()
  const hosts = hostYaml('here', sshd) + hostYaml('there', sshd)
  configure(home, hosts, `server: {api_key: ${KEY}}\n`)
  const product = await startProduct(home)
  stage.after(() => product.stop())
  const client = new HttpClient(`${product.url}/mcp`, KEY, 'modern')
  stage.after(() => client.close())
  const ask = async (args: Record<string, unknown>) => {
    const { structuredContent } = await client.callTool('transfer_file', { ...args, overwrite: true })
    return structuredContent as { readonly url?: string }
  }
  const curl = ['-sS', '--fail', '-o']
  return {
    way: LINK,
    kind: 'ours',
    async put(local, remote) {
      const { url = '' } = await ask({ to_host: 'here', to_path: remote })
      await ended('curl', [...curl, '/dev/null', '-T', local, url])
    },
    async get(remote, local) {
      const { url = '' } = await ask({ from_host: 'here', from_path: remote })
      await ended('curl', [...curl, local, url])
    },
    copy: (from, to) => ask({ from_host: 'here', from_path: from, to_host: 'there', to_path: to }),
  }
}

async function byScp(stage: Stage, sshd: Sshd): Promise<Mover> {
  const master = new ControlMaster(stage, sshd)
  await master.open()
  return {
    way: SCP,
    kind: 'tool',
    put: (local, remote) => master.put(local, remote),
    get: (remote, local) => master.get(remote, local),
    copy: (from, to) => master.copy(from, to),
  }
}

async function byPeers(stage: Stage, sshd: Sshd): Promise<Mover[]> {
  const movers: Mover[] = []
  for (const peer of peers(stage, sshd)) {
    const { put, get } = peer
    if (put === undefined || get === undefined) continue
    const { client, run } = await openContender(stage, peer)
    stage.after(() => client.close())
    await run('true')
    movers.push({
      way: peer.name,
      kind: 'peer',
      put: (local, remote) => client.callTool(...put(local, remote)),
      get: (remote, local) => client.callTool(...get(remote, local)),
    })
  }
  return movers
}
