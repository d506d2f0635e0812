import { hostYaml } from '../../test/kit/product.ts'
import type { Sshd } from '../../test/kit/sshd.ts'
import { type Contender, type Opened, openContender } from '../contenders/contender.ts'
import { ControlMaster } from '../contenders/openssh.ts'
import { configure, OURS, ours, startLine } from '../contenders/ours.ts'
import { peers } from '../contenders/peers.ts'
import { type Contest, interleaved, median, timedMs } from '../figures.ts'
import { type LongWire, startLongWire } from '../long-wire.ts'
import { RAW } from '../raw-many.ts'
import { RawSsh } from '../raw-ssh.ts'
import { defineRow, type Kind } from '../row.ts'
import type { Stage } from '../stage.ts'

const [SSH, CONNECT] = ['ssh', 'raw ssh2, connect alone']

export const far = defineRow({
  name: 'far',
  title: '`true` over a link of 50 ms',
  about:
    'In round trips of that link, as long as they really take. Warm: one after the other on a connection that is open. First: on a host that no connection goes to, its TCP handshake of one round trip not counted.',
  targets: {
    warm: { what: 'warm over 50 ms', most: 2.1, unit: 'round trips' },
    first: { what: 'first command on a new host', most: 7.5, unit: 'round trips' },
  },
  async measure(stage) {
    const sshd = await stage.sshd()
    const wire = await startLongWire(stage, sshd.port)
    const notes = [`A round trip took ${wire.roundTripMs.toFixed(1)} ms.`]
    const failed = (name: string, why: string) => notes.push(`${name}: ${why}`)
    const warm = await warmOver(stage, sshd, wire, failed)
    const first = await firstOver(stage, sshd, wire, failed)
    const trips = (samples: readonly number[] | undefined) => {
      const ms = median(samples)
      return ms === undefined ? undefined : ms / wire.roundTripMs
    }
    const kinds = new Map<string, Kind>([...warm.kinds, [CONNECT, 'yardstick']])
    // The handshake of TCP: everybody pays it.
    const withoutTcp = (way: string) => {
      const whole = trips(first[way])
      return whole === undefined ? undefined : whole - 1
    }
    return {
      tables: [
        {
          title: 'over 50 ms',
          base: RAW,
          measures: [
            { name: 'warm', unit: 'round trips', better: 'less' },
            { name: 'first on a new host', unit: 'round trips', better: 'less' },
          ],
          ways: [...kinds].map(([way, kind]) => ({
            way,
            kind,
            values: [trips(warm.samples[way]), withoutTcp(way)],
          })),
        },
      ],
      reached: { warm: trips(warm.samples[OURS]), first: withoutTcp(OURS) },
      notes,
    }
  },
})

type Failed = (name: string, why: string) => void

async function warmOver(stage: Stage, sshd: Sshd, { port }: LongWire, failed: Failed) {
  const raw = new RawSsh()
  await raw.open(sshd, { port })
  const master = new ControlMaster(stage, sshd, port)
  await master.open()
  const contenders = [...ours(await stage.home(), sshd, port), ...peers(stage, sshd, port)]
  const opened = await Promise.all(contenders.map((contender) => openContender(stage, contender)))
  const contest: Contest = Object.fromEntries([
    [RAW, () => timedMs(() => raw.run('true'))],
    ...opened.map(({ name, run }: Opened) => [name, () => timedMs(() => run('true'))]),
    [SSH, () => timedMs(() => master.run('true'))],
  ])
  await interleaved(2, 2, contest)
  const samples = await interleaved(stage.rounds(0.02, 2), 5, contest, failed)
  raw.close()
  await Promise.all(opened.map(({ client }) => client.close()))
  const kinds: [string, Kind][] = opened.map(({ name, kind }) => [name, kind])
  return { samples, kinds: [[RAW, 'yardstick'], ...kinds, [SSH, 'tool']] as [string, Kind][] }
}

/** Ours is one process that knows many hosts, and has run something elsewhere; a peer is started for each. */
async function firstOver(stage: Stage, sshd: Sshd, { port }: LongWire, failed: Failed) {
  const rounds = stage.rounds(0.05, 3)
  const home = await stage.home()
  const names = Array.from({ length: rounds }, (_, index) => `far-${index}`)
  const yaml = names.map((name) => hostYaml(name, sshd, { port: String(port) })).join('')
  configure(home, hostYaml('near', sshd) + yaml)
  const one: Contender = {
    name: OURS,
    kind: 'ours',
    command: startLine(home),
    env: {},
    execute: (command) => ['execute_command', { host: 'near', command }],
  }
  const { client, run } = await openContender(stage, one)
  await run('true')
  const fresh = names.values()
  const master = new ControlMaster(stage, sshd, port)
  const contest: Contest = Object.fromEntries([
    [RAW, () => rawFirst(sshd, port, 'true')],
    [CONNECT, () => rawFirst(sshd, port)],
    [
      OURS,
      () => timedMs(() => client.callTool('execute_command', { host: fresh.next().value, command: 'true' })),
    ],
    [SSH, () => timedMs(() => master.runAlone('true'))],
    ...peers(stage, sshd, port).map((peer) => [peer.name, () => peerFirst(stage, peer)]),
  ])
  const samples = await interleaved(rounds, 1, contest, failed)
  await client.close()
  return samples
}

async function rawFirst(sshd: Sshd, port: number, command?: string): Promise<number> {
  const raw = new RawSsh()
  const took = await timedMs(async () => {
    await raw.open(sshd, { port })
    if (command !== undefined) await raw.run(command)
  })
  raw.close()
  return took
}

async function peerFirst(stage: Stage, peer: Contender): Promise<number> {
  const { client, run } = await openContender(stage, peer)
  const took = await timedMs(() => run('true'))
  await client.close()
  return took
}
