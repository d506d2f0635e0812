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
    'From the start of the process until the list of tools is there, and how much memory the process holds then. Ours opens its database and reads the rest only after that answer: `once open` is its memory after a first call of `list_hosts`.',
  targets: {
    time: { what: 'start, to the bundled one-tool SDK server', most: 1.2, unit: '×' },
    memory: { what: 'memory after the start', most: 60, unit: 'MiB' },
  },
  async measure(stage) {
    const sshd = await stage.sshd()
    const mine = ours(await stage.home(), sshd).slice(0, 1)
    const contenders = [...mine, ...oneTool(stage), ...peers(stage, sshd)]
    const memory = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
    const open: number[] = []
    const once = (contender: Contender) => async () => {
      let opened: Awaited<ReturnType<typeof openContender>> | undefined
      const took = await timedMs(async () => {
        opened = await openContender(stage, contender)
      })
      memory.get(contender.name)?.push(opened?.client.memoryMiB().now ?? Number.NaN)
      if (contender.name === OURS && opened !== undefined) {
        await opened.client.callTool('list_hosts', {})
        open.push(opened.client.memoryMiB().now)
      }
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
            { name: 'once open', unit: 'MiB', better: 'less' },
          ],
          ways: contenders.map(({ name, kind }) => ({
            way: name,
            kind,
            values: [
              median(samples[name]),
              median(memory.get(name)),
              name === OURS ? median(open) : undefined,
            ],
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
