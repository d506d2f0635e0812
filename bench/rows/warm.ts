import type { Sshd } from '../../test/kit/sshd.ts'
import { type Contender, openContender } from '../contenders/contender.ts'
import { ControlMaster } from '../contenders/openssh.ts'
import { OURS, ours } from '../contenders/ours.ts'
import { peers } from '../contenders/peers.ts'
import { type Contest, interleaved, quantile, type Samples, timedMs, times } from '../figures.ts'
import { RAW } from '../raw-many.ts'
import { RawSsh } from '../raw-ssh.ts'
import { defineRow, type Kind, type Table } from '../row.ts'
import type { Stage } from '../stage.ts'

const BLOCK = 25
const WARM_UP = 5

export const warm = defineRow({
  name: 'warm',
  title: 'A warm `true`',
  about:
    'One command after the other on a connection that is open; ours with the audit on the disk before and after. In bash without start-up files, and in zsh, which takes longer to start.',
  targets: {
    p50: { what: 'p50, to raw ssh2', most: 1.4, unit: '×' },
    p99: { what: 'p99, to raw ssh2', most: 2, unit: '×' },
  },
  async measure(stage) {
    const notes: string[] = []
    const bash = await stage.sshd()
    const contenders = [...ours(await stage.home(), bash), ...peers(stage, bash)]
    const inBash = await oneAfterTheOther(stage, bash, contenders, notes)
    const zsh = await stage.sshd({ shell: 'zsh' })
    const inZsh = await oneAfterTheOther(stage, zsh, ours(await stage.home(), zsh), notes)
    const reached = (q: number) => times(quantile(inBash.samples[OURS], q), quantile(inBash.samples[RAW], q))
    return {
      tables: [asTable('bash without start-up files', inBash), asTable('zsh', inZsh)],
      reached: { p50: reached(0.5), p99: reached(0.99) },
      notes,
    }
  },
})

interface Measured {
  readonly samples: Samples
  readonly kinds: ReadonlyMap<string, Kind>
}

async function oneAfterTheOther(
  stage: Stage,
  sshd: Sshd,
  contenders: readonly Contender[],
  notes: string[],
): Promise<Measured> {
  const raw = new RawSsh()
  await raw.open(sshd)
  const control = new ControlMaster(stage, sshd)
  await control.open()
  const opened = await Promise.all(contenders.map((contender) => openContender(stage, contender)))
  const [master, kinds] = ['ssh over ControlMaster', new Map<string, Kind>()]
  kinds.set(RAW, 'yardstick')
  for (const { name, kind } of opened) kinds.set(name, kind)
  kinds.set(master, 'tool')
  const measures: Contest = Object.fromEntries([
    [RAW, () => timedMs(() => raw.run('true'))],
    ...opened.map(({ name, run }) => [name, () => timedMs(() => run('true'))]),
    [master, () => timedMs(() => control.run('true'))],
  ])
  for (const measure of Object.values(measures)) for (let call = 0; call < WARM_UP; call++) await measure()
  const { rounds } = stage.options
  const block = Math.min(BLOCK, rounds)
  const samples = await interleaved(Math.ceil(rounds / block), block, measures, (name, why) =>
    notes.push(`${name}: ${why}`),
  )
  raw.close()
  await Promise.all(opened.map(({ client }) => client.close()))
  return { samples, kinds }
}

function asTable(title: string, { samples, kinds }: Measured): Table {
  return {
    title,
    base: RAW,
    measures: [
      { name: 'p50', unit: 'ms', better: 'less' },
      { name: 'p99', unit: 'ms', better: 'less' },
    ],
    ways: [...kinds].map(([way, kind]) => ({
      way,
      kind,
      values: [quantile(samples[way], 0.5), quantile(samples[way], 0.99)],
    })),
  }
}
