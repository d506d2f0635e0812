import { openContender } from '../contenders/contender.ts'
import { ControlMaster } from '../contenders/openssh.ts'
import { OURS, ours } from '../contenders/ours.ts'
import { peers } from '../contenders/peers.ts'
import { type Contest, interleaved, median, timedMs, times } from '../figures.ts'
import { RAW } from '../raw-many.ts'
import { RawSsh } from '../raw-ssh.ts'
import { defineRow } from '../row.ts'

const COMMAND = 'yes "a line of ordinary text" | head -c 104857600'
const SSH = 'ssh > /dev/null'

export const output = defineRow({
  name: 'output',
  title: '100 MiB of output',
  about:
    'One command that prints 100 MiB of text. Ours keeps the beginning, the end and a handle to the whole, which is written to the disk.',
  targets: {
    time: { what: '100 MiB of output, to raw ssh2', most: 1.3, unit: '×' },
    memory: { what: 'peak memory above that of the start', most: 25, unit: 'MiB' },
  },
  async measure(stage) {
    const sshd = await stage.sshd()
    const raw = new RawSsh()
    await raw.open(sshd)
    const master = new ControlMaster(stage, sshd)
    await master.open()
    const contenders = [...ours(await stage.home(), sshd).slice(0, 1), ...peers(stage, sshd)]
    const opened = await Promise.all(contenders.map((contender) => openContender(stage, contender)))
    for (const { run } of opened) await run('true')
    const before = new Map(opened.map(({ name, client }) => [name, client.memoryMiB().now]))
    const contest: Contest = Object.fromEntries([
      [RAW, () => timedMs(() => raw.run(COMMAND))],
      ...opened.map(({ name, run }) => [name, () => timedMs(() => run(COMMAND))]),
      [SSH, () => timedMs(() => master.run(COMMAND))],
    ])
    const notes: string[] = []
    const failed = (name: string, why: string) => notes.push(`${name}: ${why}`)
    const samples = await interleaved(stage.rounds(0.025, 3), 1, contest, failed)
    const memory = new Map(
      opened.map(({ name, client }) => {
        const { peak } = client.memoryMiB()
        return [name, { peak, above: peak - (before.get(name) ?? 0) }]
      }),
    )
    raw.close()
    await Promise.all(opened.map(({ client }) => client.close()))
    const rows = [
      { way: RAW, kind: 'yardstick' as const },
      ...opened.map(({ name, kind }) => ({ way: name, kind })),
      { way: SSH, kind: 'tool' as const },
    ]
    const values = (way: string) => {
      const held = memory.get(way)
      return [median(samples[way]), held?.peak, held?.above]
    }
    return {
      tables: [
        {
          title: '100 MiB of output',
          base: RAW,
          measures: [
            { name: 'time', unit: 'ms', better: 'less' },
            { name: 'peak memory', unit: 'MiB', better: 'less' },
            { name: 'above the start', unit: 'MiB', better: 'less' },
          ],
          ways: rows.map(({ way, kind }) => ({ way, kind, values: values(way) })),
        },
      ],
      reached: { time: times(median(samples[OURS]), median(samples[RAW])), memory: memory.get(OURS)?.above },
      notes,
    }
  },
})
