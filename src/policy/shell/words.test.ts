import { type Word as AstWord, type Command, parse } from 'unbash'
import { describe, expect, test } from 'vitest'
import type { Word } from '../understanding.ts'
import { resolveWord } from './words.ts'

function resolved(source: string): readonly Word[] {
  const command = parse(`echo ${source}`).commands[0]?.command as Command
  return resolveWord(command.suffix[0] as AstWord)
}

const text = (value: string): Word => ({ kind: 'text', text: value })
const glob = (pattern: string): Word => ({ kind: 'glob', pattern })

describe('a word of a command', () => {
  const same: [string, string, readonly Word[]][] = [
    ['without quotes is itself', 'nginx.service', [text('nginx.service')]],
    ['in single quotes is itself', "'a b$c`d`'", [text('a b$c`d`')]],
    ['in double quotes loses backslashes before what they protect', '"a\\"b\\$c\\d"', [text('a"b$c\\d')]],
    ['in pieces is put together', `a'b c'"d"\\ e`, [text('ab cd e')]],
    ['goes on behind the end of a line', 'a\\\nb', [text('ab')]],
    ['in ANSI-C quotes has its newline and tab', "$'a\\n\\tb\\''", [text("a\n\tb'")]],
    ['may end with a dollar sign', 'foo$', [text('foo$')]],
    ['may end with one in quotes', '"^foo$"', [text('^foo$')]],
    ['may have one that begins nothing', '"a$ b$/c"', [text('a$ b$/c')]],
    ['may be empty', "''", [text('')]],
    ['with a wildcard is a pattern', '/var/log/*.log', [glob('/var/log/*.log')]],
    ['that begins with a wildcard begins with a directory then', '*.log', [glob('./*.log')]],
    ['that begins with a question mark does so too', '?at', [glob('./?at')]],
    ['with a bracket is a pattern', '/dev/sd[a-z]', [glob('/dev/sd[a-z]')]],
    ['negates a bracket as every shell does', 'x[^a]', [glob('x[!a]')]],
    ['with quoted wildcards is none', `'*'"?"\\[a]`, [text('*?[a]')]],
    ['keeps quoted wildcards plain beside others', `a'*'*`, [glob('a\\**')]],
    ['is the home directory', '~', [{ kind: 'text', text: '~', home: true }]],
    ['is below the home directory', '~/x', [{ kind: 'text', text: '~/x', home: true }]],
    ['is below $HOME', '$HOME/x', [{ kind: 'text', text: '~/x', home: true }]],
    ['is below "$HOME"', '"${HOME}/x y"', [{ kind: 'text', text: '~/x y', home: true }]],
    ['finds files at home', '~/*.log', [{ kind: 'glob', pattern: '~/*.log', home: true }]],
    ['with a quoted tilde is not at home', "'~/x'", [text('~/x')]],
    ['has no home behind an equals sign', '--file=~/x', [text('--file=~/x')]],
    ['is each of those in braces', '/etc/{passwd,group}', [text('/etc/passwd'), text('/etc/group')]],
    ['counts in braces', 'web{1..3}', [text('web1'), text('web2'), text('web3')]],
    ['with empty braces is what find wants', '{}', [text('{}')]],
    ['may be called like a bracket', '[', [text('[')]],
    ['does not look below directories for two stars', '/a/**', [glob('/a/*')]],
  ]
  test.each(same)('%s: %s %s', (_title, source, words) => {
    expect(resolved(source)).toEqual(words)
  })

  const unknown: [string, string][] = [
    ['a variable', '$x'],
    ['a variable in quotes', '"$x"'],
    ['the home directory within a word', 'a$HOME'],
    ['a variable whose name begins like the home directory', '$HOMER'],
    ["another user's home", '~root'],
    ['what tildes with signs mean', '~+'],
    ['a command in a word', 'a$(id)'],
    ['a command in backticks', '`id`'],
    ['arithmetic', '$((1+1))'],
    ['a translated text', '$"hi"'],
    ['a process as a file', '<(id)'],
    ['bytes by their numbers', "$'\\x41'"],
    ['an extended pattern', '@(a|b)'],
    ['a strange bracket', '[a$x]'],
    ['braces in braces', '{a,{b,c}}'],
    ['leading zeros in braces', '{01..03}'],
    ['very many words in braces', '{1..1000000}'],
  ]
  test.each(unknown)('is unknown with %s: %s', (_title, source) => {
    expect(resolved(source)).toEqual([{ kind: 'unknown', source }])
  })

  test('is unknown where two readers of the same text do not agree', () => {
    const word: AstWord = { type: 'Word', text: "'a'", value: 'b', pos: 0, end: 3 }
    expect(resolveWord(word)).toEqual([{ kind: 'unknown', source: "'a'" }])
  })

  test('is unknown with very many braces', () => {
    expect(resolved('{}'.repeat(10_000))).toEqual([{ kind: 'unknown', source: expect.any(String) }])
  })
})
