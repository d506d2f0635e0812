import { grammarsOf } from '../../src/policy/grammar.ts'
import { BUILT_IN } from '../../src/policy/grammars/list.ts'
import { understand } from '../../src/policy/shell/understand.ts'
import { HOSTILE_COMMANDS, MOST_COMMAND_BYTES } from '../../test/kit/hostile-commands.ts'
import { ORDINARY_COMMANDS } from '../../test/policy/ordinary-commands.ts'
import { quantile } from '../figures.ts'
import { defineRow } from '../row.ts'

const GRAMMARS = grammarsOf(BUILT_IN)

export const decisions = defineRow({
  name: 'decisions',
  title: 'Understanding a command',
  about:
    'What a command does, found out from its text, in this process. Ordinary: what administrators type on a day. Hostile: 64 KB each, made to take long. Of each the best of the rounds.',
  targets: {
    ordinary: { what: 'an ordinary command, p99', unit: 'ms', most: 0.3 },
    hostile: { what: 'the worst of 64 KB', unit: 'ms', most: 50 },
  },
  async measure(stage) {
    const rounds = stage.rounds(0.1, 10)
    const best = (command: string) => Math.min(...Array.from({ length: rounds }, () => takenMs(command)))
    const ordinary = ORDINARY_COMMANDS.map(({ command }) => best(command))
    const hostile = HOSTILE_COMMANDS.map(([, command]) => best(command.slice(0, MOST_COMMAND_BYTES)))
    return {
      tables: [
        {
          title: 'one command',
          measures: [
            { name: 'p50', unit: 'ms', better: 'less' },
            { name: 'p99', unit: 'ms', better: 'less' },
            { name: 'worst', unit: 'ms', better: 'less' },
          ],
          ways: [
            { way: `${ordinary.length} ordinary ones`, kind: 'ours', values: shares(ordinary) },
            { way: `${hostile.length} hostile ones`, kind: 'ours', values: shares(hostile) },
          ],
        },
      ],
      reached: { ordinary: quantile(ordinary, 0.99), hostile: Math.max(...hostile) },
    }
  },
})

const shares = (samples: readonly number[]) => [
  quantile(samples, 0.5),
  quantile(samples, 0.99),
  Math.max(...samples),
]

function takenMs(command: string): number {
  const from = performance.now()
  understand(command, GRAMMARS)
  return performance.now() - from
}
