import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { HOSTILE_COMMANDS, MOST_COMMAND_BYTES, nested } from '../../../test/kit/hostile-commands.ts'
import { grammarsOf } from '../grammar.ts'
import { BUILT_IN } from '../grammars/list.ts'
import { understand } from './understand.ts'

const grammars = grammarsOf(BUILT_IN)
/** Twenty times what is promised, of the processor's time: it is cold here, and the machine may do other things as well. */
const MOST_MS = 1_000

describe('what takes long is not looked at for long', () => {
  test.each(HOSTILE_COMMANDS)('%s', (_title, command) => {
    const begun = process.cpuUsage()
    const understanding = understand(command.slice(0, MOST_COMMAND_BYTES), grammars)
    const { user, system } = process.cpuUsage(begun)
    expect((user + system) / 1_000).toBeLessThan(MOST_MS)
    if (understanding.kind === 'understood') expect(understanding.parts.length).toBeLessThanOrEqual(200)
  })

  test.each([
    ['many words', `ls${' a'.repeat(2_001)}`, 'it has more than 2000 words'],
    ['many programs', 'ls;'.repeat(201), 'it starts more than 200 programs'],
    ['many here-documents', `cat${' <<E'.repeat(101)}\nE\n`, 'it has very many here-documents'],
    ['scripts in scripts in scripts', `${'eval '.repeat(20)}ls`, 'it has scripts in scripts in scripts'],
    [
      'substitutions in substitutions',
      `ls ${nested('$(a ', 20, ')')}`,
      'it has scripts in scripts in scripts',
    ],
    ['deep sums', `ls $((${'- '.repeat(60)}1))`, 'it is nested too deeply'],
    ['more than 64 KB', `ls ${'a'.repeat(MOST_COMMAND_BYTES)}`, 'it is longer than 65536 bytes'],
  ])('%s make a command opaque', (_title, command, why) => {
    expect(understand(command, grammars)).toEqual({ kind: 'opaque', why })
  })

  test('while a long text for a program is no reason', () => {
    const command = `grep -c 'x' <<'E'\n${'a line with $signs and "quotes"\n'.repeat(1_500)}E\n`
    expect(understand(command, grammars)).toMatchObject({
      parts: [{ class: 'read' }],
      script: expect.any(String),
    })
  })
})
