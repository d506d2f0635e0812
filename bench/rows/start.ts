import { type Contender, openContender } from '../contenders/contender.ts'
import { BUNDLED, oneTool } from '../contenders/one-tool.ts'
import { OURS, ours } from '../contenders/ours.ts'
import { peers } from '../contenders/peers.ts'
import { interleaved, median, timedMs, times } from '../figures.ts'
import { defineRow } from '../row.ts'

export const start = defineRow({
  name: 'start',
  title: 'Start over stdio until tools/list is answered',
  about:
    'From the start of the process until the list of tools is there, and how much memory the process holds then.',
  targets: {
    time: { what: 'start, to the bundled one-tool SDK server', most: 1.2, unit: '×' },
    memory: { what: 'memory after the start', most: 60, unit: 'MiB' },
  },
  async measure(stage) {
    const sshd = await stage.sshd()
    const mine = ours(await stage.home(), sshd).slice(0, 1)
    const contenders = [...mine, ...oneTool(stage), ...peers(stage, sshd)]
    const memory = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
    const once = (contender: Contender) => async () => {
      let opened: Awaited<ReturnType<typeof openContender>> | undefined
      const took = await timedMs(async () => {
        opened = await openContender(stage, contender)
      })
      memory.get(contender.name)?.push(opened?.client.memoryMiB().now ?? Number.NaN)
      await opened?.client.close()
      return took
    }
    const measures = Object.fromEntries(contenders.map((contender) => [contender.name, once(contender)]))
    for (const measure of Object.values(measures)) await measure()
    const samples = await interleaved(stage.rounds(0.08, 5), 1, measures)
    return {
      tables: [
        {
          title: 'start until tools/list is answered',
          base: BUNDLED,
          measures: [
            { name: 'p50', unit: 'ms', better: 'less' },
            { name: 'memory', unit: 'MiB', better: 'less' },
          ],
          ways: contenders.map(({ name, kind }) => ({
            way: name,
            kind,
            values: [median(samples[name]), median(memory.get(name))],
          })),
        },
      ],
      reached: {
        time: times(median(samples[OURS]), median(samples[BUNDLED])),
        memory: median(memory.get(OURS)),
      },
    }
  },
})
