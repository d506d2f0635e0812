import { openContender } from '../contenders/contender.ts'
import { OURS, ours } from '../contenders/ours.ts'
import { peers } from '../contenders/peers.ts'
import { type Contest, interleaved, median, perSecond, type Samples, times } from '../figures.ts'
import { openRaws, RAW } from '../raw-many.ts'
import { defineRow, type Kind, type Measure } from '../row.ts'

const IN_FLIGHT = [1, 16, 64] as const

export const rate = defineRow({
  name: 'rate',
  title: 'Commands a second',
  about:
    'So many calls of `true` at the same time, each followed by the next. Raw ssh2 has as many connections as the bridge: ten commands each, five at most. Processor time: of the process that speaks SSH, with 64 in flight.',
  targets: {
    1: { what: '1 in flight, to raw ssh2', least: 0.7, unit: '×' },
    16: { what: '16 in flight, to raw ssh2', least: 0.85, unit: '×' },
    64: { what: '64 in flight, to raw ssh2', least: 0.9, unit: '×' },
  },
  async measure(stage) {
    const sshd = await stage.sshd()
    const contenders = [...ours(await stage.home(), sshd).slice(0, 1), ...peers(stage, sshd)]
    const opened = await Promise.all(contenders.map((contender) => openContender(stage, contender)))
    const notes: string[] = []
    const measured = new Map<number, Samples>()
    /** Of the last: what does not depend on who else is busy on the machine. */
    const processor = new Map<string, number[]>()
    for (const inFlight of IN_FLIGHT) {
      const raws = await openRaws(sshd, inFlight)
      const total = Math.min(Math.max(inFlight * 4, 100), stage.options.rounds * 4)
      const busy =
        (clock: () => number, run: (worker: number) => Promise<unknown>, way: string) => async () => {
          const before = clock()
          const rate = await perSecond(inFlight, total, run)
          processor.set(way, [...(processor.get(way) ?? []), (clock() - before) / total])
          return rate
        }
      const measures: Contest = Object.fromEntries([
        [RAW, busy(ownProcessorMs, (worker) => raws.run(worker, 'true'), RAW)],
        ...opened.map(({ name, run, client }) => [
          name,
          busy(
            () => client.processorMs(),
            () => run('true'),
            name,
          ),
        ]),
      ])
      const failed = (name: string, why: string) => notes.push(`${name}, ${inFlight} in flight: ${why}`)
      await interleaved(1, 1, measures)
      processor.clear()
      measured.set(inFlight, await interleaved(stage.rounds(0.025, 3), 1, measures, failed))
      raws.close()
    }
    await Promise.all(opened.map(({ client }) => client.close()))
    const at = (inFlight: number, way: string) => median(measured.get(inFlight)?.[way])
    const kinds: [string, Kind][] = [
      [RAW, 'yardstick'],
      ...opened.map(({ name, kind }) => [name, kind] as [string, Kind]),
    ]
    const reached = (inFlight: number) => times(at(inFlight, OURS), at(inFlight, RAW))
    return {
      tables: [
        {
          title: 'commands a second',
          base: RAW,
          measures: [
            ...IN_FLIGHT.map(
              (inFlight): Measure => ({ name: `${inFlight} in flight`, unit: '/s', better: 'more' }),
            ),
            { name: 'processor time each', unit: 'ms', better: 'less' },
          ],
          ways: kinds.map(([way, kind]) => ({
            way,
            kind,
            values: [...IN_FLIGHT.map((inFlight) => at(inFlight, way)), median(processor.get(way))],
          })),
        },
      ],
      reached: { 1: reached(1), 16: reached(16), 64: reached(64) },
      notes,
    }
  },
})

function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}
