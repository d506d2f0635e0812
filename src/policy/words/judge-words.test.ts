import { describe, expect, test } from 'vitest'
import type { Grammar } from '../grammar.ts'
import type { Word } from '../understanding.ts'
import { judgeWords } from './judge-words.ts'

/** Words as they are read here: `glob:` and `unknown:` before what is not plain text, `~/` for the home directory. */
function words(text: string): Word[] {
  return text.split(' ').map((word): Word => {
    if (word.startsWith('glob:')) return { kind: 'glob', pattern: word.slice(5) }
    if (word.startsWith('unknown:')) return { kind: 'unknown', source: word.slice(8) }
    return word.startsWith('~/') ? { kind: 'text', text: word, home: true } : { kind: 'text', text: word }
  })
}

const judge = (grammar: Partial<Grammar>, text: string) =>
  judgeWords(words(`x ${text}`.trim()), { program: 'x', ...grammar })

const FILES: Partial<Grammar> = {
  flags: '-a -b --all',
  options: { '-n --lines': 'number', '-f': 'path', '--sort': ['size', 'time'], '--like': 'text' },
  optional: { '-U --unified': 'number', '--color': ['always', 'never'] },
  operands: [{ is: 'path', count: 'any' }],
  below: '-b',
}
const FIND: Partial<Grammar> = {
  bundles: false,
  ends: false,
  flags: '-print -o',
  options: { '-name': 'text', '-exec': 'command' },
  words: ['/[!()]/'],
  operands: [{ is: 'path', count: 'any', default: '.' }],
  below: true,
}
const PS: Partial<Grammar> = {
  flags: '-e -f',
  dashless: { where: 'any', flags: 'aux', options: { o: 'text', p: '/[0-9]+/' } },
  words: ['/[0-9]+/'],
}
const TAR: Partial<Grammar> = {
  flags: '-t -v',
  options: { '-f': 'path' },
  dashless: { where: 'first', flags: 'tv', options: { f: 'path' } },
  needs: ['-t', '-f'],
  operands: [{ is: 'text', count: 'any' }],
}
const CTL: Partial<Grammar> = {
  flags: '-q',
  options: { '-n': 'name' },
  bare: true,
  subcommands: {
    'list ls': { inherit: true, flags: '-l', operands: [{ is: 'name', count: 'optional' }] },
    show: { flags: '-v', operands: [{ is: 'name', count: 'some' }] },
    node: { subcommands: { list: {}, top: { needs: ['-1'], flags: '-1' } } },
  },
}
const GREP: Partial<Grammar> = {
  flags: '-r',
  options: { '-e': 'text' },
  operands: [
    { is: 'text', unless: '-e' },
    { is: 'path', count: 'any', unless: '-r' },
    { is: 'path', count: 'any', default: '.', if: '-r' },
  ],
}
const TIMEOUT: Partial<Grammar> = {
  position: 'first',
  flags: '-v',
  options: { '-k': 'number' },
  operands: [{ is: 'number' }],
  runs: 'same',
}

describe('the words of a program', () => {
  test.each<[string, Partial<Grammar>, string, string[]]>([
    ['may be none', FILES, '', []],
    ['may be listed flags', FILES, '-a --all', []],
    ['may be letters in one word', FILES, '-ab', []],
    ['may be a value behind its option', FILES, '-n 5 /a', ['/a']],
    ['may be a value in its option', FILES, '-n5 --lines=5 -an5 /a', ['/a']],
    ['may be a value in the next word of a long option', FILES, '--lines 5 /a', ['/a']],
    ['may be a value that looks like an option, where one has to be', FILES, '-n -5 /a', ['/a']],
    ['may be one of some values', FILES, '--sort=size', []],
    ['may leave out a value', FILES, '-U --unified --color /a', ['/a']],
    ['may have a value where it can be left out', FILES, '-U3 --unified=3 --color=never', []],
    ['tell the path that an option reads', FILES, '-f /a', ['/a']],
    ['tell the path in an option', FILES, '-f/a', ['/a']],
    ['tell paths at home', FILES, '~/a', ['~/a']],
    ['do not take standard input for a path', FILES, '-', []],
    ['may be anything behind the end of the options', FILES, '-- -z --all', ['-z', '--all']],
    ['may be names of files', FILES, 'glob:./*', ['./*']],
    ['may be names of files in a text', FILES, 'glob:--like=*.c', []],
    ['may be whole words with one dash', FIND, '/a -name *.c -o -print', ['/a']],
    ['may be signs', FIND, '! ( -print )', ['.']],
    ['may be letters without a dash', PS, 'aux', []],
    ['may be letters with a value behind', PS, 'axo pid,comm', []],
    ['may be letters with a value in the word', PS, 'axopid', []],
    ['may be words of a pattern', PS, '12 34', []],
    ['may be letters in the first word alone', TAR, 'tvf /a.tar b', ['/a.tar']],
    ['may be a subcommand', CTL, 'ls', []],
    ['may be a subcommand behind options', CTL, '-q list web', []],
    ['may be options of the program behind a subcommand that inherits them', CTL, 'list -q -l -n a', []],
    ['may be a subcommand of a subcommand', CTL, 'node list', []],
    ['may be options alone where no subcommand is needed', CTL, '-q', []],
    ['may be a text and paths', GREP, 'a /b /c', ['/b', '/c']],
    ['may be paths alone when an option gives the text', GREP, '-e a /b /c', ['/b', '/c']],
    ['tell the path that is read without one', GREP, '-r a', ['.']],
    ['tell no path where the standard input is read', GREP, 'a', []],
  ])('%s', (_title, grammar, text, reads) => {
    expect(judge(grammar, text)).toEqual({ reads, readsBelow: expect.any(Boolean), started: [] })
  })

  test.each<[string, Partial<Grammar>, string, string]>([
    ['an unlisted flag', FILES, '-z', 'x -z is not on the list of what only reads'],
    ['an unlisted letter', FILES, '-az', 'x -z is not on the list of what only reads'],
    ['an unlisted long option', FILES, '--frob', 'x --frob is not on the list of what only reads'],
    ['an abbreviated long option', FILES, '--al', 'x --al is not on the list of what only reads'],
    [
      'an abbreviated long option with a value',
      FILES,
      '--line=5',
      'x --line is not on the list of what only reads',
    ],
    ['a value where there is none', FILES, '--all=x', 'x --all is not on the list of what only reads'],
    ['a missing value', FILES, '-n', 'x has no value behind -n'],
    ['a value of another kind', FILES, '-n five', 'x has a value behind -n that is not on its list: five'],
    [
      'a value that is none of some',
      FILES,
      '--sort=name',
      'x has a value behind --sort that is not on its list: name',
    ],
    [
      'names of files for a value',
      FILES,
      '-f glob:/a*',
      'x has a value behind -f that only the host knows: /a*',
    ],
    ['names of files that are options', FILES, 'glob:-*', 'x may find a name that is an option: -*'],
    ['names of files for an option', FILES, 'glob:--sort=*', 'x may find a name that is an option: --sort=*'],
    ['a word that only the host knows', FILES, 'unknown:$y', 'x has a word that only the host knows: $y'],
    [
      'home for a value that is no path',
      FILES,
      '--like ~/a',
      'x has a value behind --like that is not on its list: ~/a',
    ],
    ['letters where they are words', FIND, '-no', 'x -no is not on the list of what only reads'],
    ['an end of options that is none', FIND, '--', 'x -- is not on the list of what only reads'],
    ['a command without an end', FIND, '-exec ls {}', 'x has no whole command behind -exec'],
    ['names of files where letters may be', PS, 'glob:./*', 'x may find a name that is an option: ./*'],
    ['an operand that is no letters', PS, 'nginx', 'x has an operand too many: nginx'],
    ['letters that are not listed', TAR, 'xf /a', 'x x is not on the list of what only reads'],
    ['names of files in the place of letters', TAR, 'glob:t*', 'x may find a name that is an option: t*'],
    ['letters behind the first word', TAR, '-t tf', 'x only reads with -f'],
    ['no option of those needed', TAR, '-vf /a', 'x only reads with -t'],
    ['an unlisted subcommand', CTL, 'delete', 'x delete is not on the list of what only reads'],
    [
      'an unlisted subcommand of a subcommand',
      CTL,
      'node drain',
      'x node drain is not on the list of what only reads',
    ],
    ['a subcommand by names of files', CTL, 'glob:l*', 'x l* is not on the list of what only reads'],
    ['no subcommand where one is needed', CTL, 'node', 'x node does not say what to do'],
    [
      'options of the program behind a subcommand of its own',
      CTL,
      'show -q a',
      'x show -q is not on the list of what only reads',
    ],
    ['options of a subcommand before it', CTL, '-l list', 'x -l is not on the list of what only reads'],
    ['no operand where one is needed', CTL, 'show', 'x show lacks an operand'],
    ['an operand too many', CTL, 'list a b', 'x list has an operand too many: b'],
    ['what a subcommand needs', CTL, 'node top', 'x node top only reads with -1'],
    ['names of files for a text', GREP, 'glob:./* /b', 'x has an operand that is not on its list: ./*'],
    ['nothing to run', TIMEOUT, '5', 'x does not say what to do'],
    [
      'an option that is not listed before what is run',
      TIMEOUT,
      '--frob 5 ls',
      'x --frob is not on the list of what only reads',
    ],
  ])('are not known with %s', (_title, grammar, text, why) => {
    expect(judge(grammar, text)).toMatchObject({ why })
  })

  test('tell whether all below is read', () => {
    expect(judge(FILES, '-b /a').readsBelow).toBe(true)
    expect(judge(FILES, '-a /a').readsBelow).toBe(false)
    expect(judge(FIND, '/a').readsBelow).toBe(true)
  })

  test('tell what is started', () => {
    expect(judge(TIMEOUT, '-v -k 1 5 ls -k').started).toEqual([{ how: 'same', argv: words('ls -k') }])
    expect(judge(TIMEOUT, '-v 5 -- ls').started).toEqual([{ how: 'same', argv: words('ls') }])
    expect(judge({ ...TIMEOUT, runs: 'other', operands: [] }, '-v unknown:$y z').started).toEqual([
      { how: 'other', argv: words('unknown:$y z') },
    ])
    const more = { ...TIMEOUT, operands: [], options: { '-I': 'text' }, runs: 'more' } as const
    expect(judge(more, '-I % cp %').started).toEqual([{ how: 'more', argv: words('cp %'), replaces: '%' }])
    expect(judge(FIND, '/a -exec ls -l {} ; -exec cat {} + -print').started).toEqual([
      { how: 'each', argv: words('ls -l {}') },
      { how: 'each', argv: words('cat {}') },
    ])
  })

  test.each([
    ['number', '5 +5 -5 1.5 .5 10k 10MiB 1.5s 50%', 'five 5x5 5kilo 0x10 --5 1e400e'],
    ['name', 'nginx nginx.service a@b web-* eth0:1 sda,sdb x[0-9] a/b:latest', '-x /etc @file ~x a=b a;b $x'],
    ['host', 'web-1 192.0.2.1 ::1 [::1]:80 10.0.0.0/8 fe80::1%eth0 a:80', '-x a@b /etc a=b $x a;b'],
    ['text', "-x @file ~ $x `id` it's ;", ''],
    ['/a+b?/', 'a aab', 'b aabb xa a\n'],
  ] as const)('of kind %s are these', (kind, these, others) => {
    const grammar = { operands: [{ is: kind }] } satisfies Partial<Grammar>
    const fits = (value: string) =>
      judgeWords(
        [
          { kind: 'text', text: 'x' },
          { kind: 'text', text: '--' },
          { kind: 'text', text: value },
        ],
        {
          program: 'x',
          ...grammar,
        },
      ).why === undefined
    for (const value of these.split(' ')) expect(fits(value), value).toBe(true)
    for (const value of others.split(' ')) expect(fits(value), value).toBe(kind === 'text')
  })
})
