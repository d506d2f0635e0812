import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { hostYaml } from '../../test/kit/product.ts'
import { openContender } from '../contenders/contender.ts'
import { configure, OURS, probedLine } from '../contenders/ours.ts'
import { interleaved, median } from '../figures.ts'
import { probe } from '../probe.ts'
import { RAW } from '../raw-many.ts'
import { RawSsh } from '../raw-ssh.ts'
import { defineRow } from '../row.ts'

const COMMAND = 'yes "a line of ordinary text" | head -c 67108864'
const RESOLUTION_MS = 2

export const loop = defineRow({
  name: 'loop',
  title: 'Event loop while 64 MiB stream',
  about:
    'How late the event loop of the process is while a command prints 64 MiB: what everybody else has to wait. The median of the rounds.',
  targets: {},
  async measure(stage) {
    const sshd = await stage.sshd()
    const home = await stage.home()
    configure(home, hostYaml('web-server', sshd))
    const path = join(home.directory, 'probe')
    const { client, run } = await openContender(stage, {
      name: OURS,
      kind: 'ours',
      command: probedLine(home),
      env: { BENCH_PROBE: path },
      execute: (command) => ['execute_command', { host: 'web-server', command }],
    })
    const raw = new RawSsh()
    await raw.open(sshd)
    await run(COMMAND)
    await raw.run(COMMAND)
    const late: Record<string, { p99: number[]; max: number[] }> = {
      [RAW]: { p99: [], max: [] },
      [OURS]: { p99: [], max: [] },
    }
    const keep = (way: string, p99: number, max: number) => {
      late[way]?.p99.push(p99)
      late[way]?.max.push(max)
      return max
    }
    await interleaved(stage.rounds(0.025, 3), 1, {
      [RAW]: async () => {
        const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
        delays.enable()
        await raw.run(COMMAND)
        delays.disable()
        const lateMs = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION_MS)
        return keep(RAW, lateMs(delays.percentile(99)), lateMs(delays.max))
      },
      [OURS]: async () => {
        await probe(client.pid, path)
        await run(COMMAND)
        const { p99, max } = (await probe(client.pid, path)).loop
        return keep(OURS, p99, max)
      },
    })
    raw.close()
    await client.close()
    return {
      tables: [
        {
          title: 'late by, while 64 MiB stream',
          base: RAW,
          measures: [
            { name: 'p99', unit: 'ms', better: 'less' },
            { name: 'at most', unit: 'ms', better: 'less' },
          ],
          ways: [RAW, OURS].map((way) => ({
            way,
            kind: way === RAW ? 'yardstick' : 'ours',
            values: [median(late[way]?.p99), median(late[way]?.max)],
          })),
        },
      ],
      reached: {},
    }
  },
})
