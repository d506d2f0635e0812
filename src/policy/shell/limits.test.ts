import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { grammarsOf } from '../grammar.ts'
import { BUILT_IN } from '../grammars/list.ts'
import { understand } from './understand.ts'

const grammars = grammarsOf(BUILT_IN)
const BYTES = 65_536
/** Twenty times what is promised, of the processor's time: it is cold here, and the machine may do other things as well. */
const MOST_MS = 1_000

const filled = (start: string, piece: string, end = '') =>
  start + piece.repeat(Math.floor((BYTES - start.length - end.length) / piece.length)) + end
const nested = (open: string, times: number, close: string) => open.repeat(times) + close.repeat(times)

const HOSTILE: [string, string][] = [
  ['commands', filled('', 'a;')],
  ['lines', filled('', 'a\n')],
  ['stages', filled('a', '|a')],
  ['alternatives', filled('a', '||a')],
  ['words', filled('ls', ' a')],
  ['flags', filled('ls', ' -l')],
  ['letters of one flag', filled('ls -', 'l')],
  ['a long word', filled('ls ', 'a')],
  ['empty quotes', filled('ls ', "''")],
  ['backslashes', filled('ls ', '\\a')],
  ['stars', filled('ls ', '*')],
  ['words with stars', filled('ls', ' a*')],
  ['brackets', filled('ls ', '[')],
  ['brackets and an end', filled('ls ', '[a', ']')],
  ['braces', filled('ls ', '{a,b}')],
  ['words with braces', filled('ls', ' {a,b}')],
  ['variables', filled('ls ', '$x')],
  ['substitutions', filled('ls', ' $(a)')],
  ['backticks', filled('ls ', '``')],
  ['expansions with patterns', filled('ls ', '${a/b/c}')],
  ['here-documents', filled('cat', ' <<E', '\nE')],
  ['here-documents that follow', filled('', 'cat <<E\nE\n')],
  ['redirections', filled('ls', ' 2>&1')],
  ['files opened', filled('ls', ' </a')],
  ['assignments', filled('', 'a=1 ')],
  ['negations', filled('', '! ', 'ls')],
  ['sums', filled('echo $((1', '+1', '))')],
  ['wrappers', filled('', 'timeout 5 ', 'ls')],
  ['elevations', filled('', 'sudo ', 'ls')],
  ['evaluations', filled('', 'eval ', 'ls')],
  ['a text for a shell', filled("sh -c '", 'ls;', "'")],
  ['programs for files found', filled('find .', ' -exec ls \\;')],
  ['changes of directory', filled('', 'cd a;')],
  ['10,000 substitutions in each other', nested('$(a ', 10_000, ')')],
  ['10,000 quoted substitutions in each other', nested('"$(a ', 9_000, ')"')],
  ['10,000 groups in each other', nested('(', 10_000, ')')],
  ['10,000 blocks in each other', nested('{ ', 10_000, '; }')],
  ['10,000 conditions in each other', 'if '.repeat(10_000)],
  ['10,000 defaults in each other', `ls ${nested('${a:-', 10_000, '}')}`],
  ['10,000 sums in each other', `ls $((${nested('(', 10_000, ')')}))`],
  ['10,000 tests in each other', `[[ ${nested('( ', 10_000, ' )')} ]]`],
  ['10,000 extended patterns in each other', `ls ${nested('@(', 10_000, ')')}`],
  ['10,000 coprocesses in each other', 'coproc '.repeat(9_000)],
  ['long words in substitutions in each other', `ls ${nested('$(a '.padEnd(6_000, 'b'), 9, ')')}`],
]

describe('what takes long is not looked at for long', () => {
  test.each(HOSTILE)('%s', (_title, command) => {
    const begun = process.cpuUsage()
    const understanding = understand(command.slice(0, BYTES), grammars)
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
    ['more than 64 KB', `ls ${'a'.repeat(BYTES)}`, 'it is longer than 65536 bytes'],
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
