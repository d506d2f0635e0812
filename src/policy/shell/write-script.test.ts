import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { SHELLS, type ShellName, shellPath } from '../../../test/kit/session-shells.ts'
import { grammarsOf } from '../grammar.ts'
import { BUILT_IN } from '../grammars/list.ts'
import type { Word } from '../understanding.ts'
import { understand } from './understand.ts'
import { writeScript } from './write-script.ts'

const grammars = grammarsOf(BUILT_IN)
const place = mkdtempSync(join(tmpdir(), 'written-scripts-'))
const home = join(place, 'home')
mkdirSync(join(home, 'logs'), { recursive: true })
mkdirSync(join(home, 'other'))
for (const name of ['a.log', 'b c.log', '-R.log', "d'.log", 'e.txt'])
  writeFileSync(join(home, 'logs', name), `${name}\n`)
writeFileSync(join(home, 'note'), 'one\ntwo\nthree\n')
afterAll(() => rmSync(place, { recursive: true, force: true }))

function run(shell: ShellName, script: string) {
  const env = { HOME: home, USER: 'me', PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }
  const { status, stdout, stderr } = spawnSync(shellPath(shell, place), ['-c', script], {
    cwd: home,
    env,
    encoding: 'utf8',
    input: 'from input\n',
  })
  return { status, stdout, stderr }
}

function scriptOf(command: string): string {
  const understanding = understand(command, grammars)
  if (understanding.kind !== 'understood' || understanding.script === undefined)
    throw new Error(`${command} cannot be written out: ${JSON.stringify(understanding)}`)
  return understanding.script
}

const COMMANDS = [
  'echo a b   c',
  `echo 'a  b' "c  d" e\\ f`,
  `printf '%s|' "it's" '"quoted"' '\\n' '$HOME' '\`id\`' ';' '&&' '|' '*' '~'`,
  `printf '%s|' "a\\"b\\$c\\\\d" 'new\nline' ''`,
  'printf %s\\\\n a b',
  'ls logs/*.log',
  'ls logs/?.log',
  'ls logs/[ae].*',
  'ls logs/[!a]*.log',
  `ls "logs/"*'.log'`,
  'ls ~/logs',
  `ls logs/'d'\\''.'*`,
  `ls logs/'b c'.?og`,
  'ls "$HOME"/logs $HOME/other',
  'cat ~/note',
  'cat ~/no*e',
  'cat < ~/note',
  'cat < note',
  'cat note | head -2 | tail -1',
  'cat note|grep -c t',
  'grep two note && echo found',
  'grep four note || echo none',
  'grep four note; echo $((0))'.replace(' $((0))', ' next'),
  'grep e$ note',
  'grep "^t.*o$" note',
  '! grep -q four note',
  '! grep -q two note',
  'false || true && echo x',
  'true && false; echo after',
  'ls missing 2>/dev/null',
  'ls missing note 2>&1 | grep -c missing',
  'ls missing >/dev/null 2>&1',
  'ls missing 2>&1 >/dev/null | grep -c missing',
  '(echo a; echo b) | sort -r',
  '{ echo a; echo b; } | wc -l',
  '(exit-nothing 2>/dev/null; echo in) 2>/dev/null',
  'cd logs && ls',
  'cd logs; cat a.log',
  'cd missing 2>/dev/null || echo stayed',
  '(cd logs && ls e.txt); ls note',
  'cd ~/logs && cat e.txt',
  'cd logs >/dev/null && cat e.txt',
  'cd logs </dev/null 2>/dev/null && cat e.txt',
  '{ cd logs; } 2>/dev/null && cat e.txt',
  "eval 'cd logs' && cat e.txt",
  "sh -c 'cd logs' && cat note",
  '(cd logs) && cat note',
  'cat <<E\none\n  two\nE',
  `cat <<'E'\n$HOME \\n\nE`,
  "sh -c 'echo inner; cat note | wc -l'",
  "eval 'echo a b'; echo c",
  'timeout 5 cat note',
  'env echo x',
  'nice -n 5 echo nice',
  'cat',
  'cat | wc -c',
  'echo a\necho b\n\n# a comment\necho c # another',
  'find logs -name "*.log" -exec echo {} \\; | sort',
  'command echo x',
  ': && echo y',
]

describe.each(SHELLS)('what is written out for %s', (shell) => {
  test.each(COMMANDS)('does what the text does: %s', (command) => {
    const { stderr: _, ...written } = run(shell, scriptOf(command))
    const { stderr: __, ...text } = run(shell, command)
    expect(written).toEqual(text)
  })

  test.each([
    ['for input given as a word', "cat <<< 'a  b'"],
    ['for braces', 'echo {a,b}{1..3} x{,y}'],
    ['for both outputs', 'ls missing &>/dev/null'],
    ['for errors in a pipe', 'ls missing |& grep -c missing'],
    ['for ANSI-C quotes', `printf '%s|' $'a\\tb\\n\\'c'`],
  ])('does what bash does, %s: %s', (_title, command) => {
    expect(run(shell, scriptOf(command)).stdout).toBe(run('bash', command).stdout)
  })

  test('gives a program exactly the words that it was understood to get', () => {
    const word = fc
      .string({
        unit: fc.oneof(
          fc.constantFrom(...'\'"\\$`*?[]{}~!#=-;&|<>() \n\t\r%^'),
          fc.string({ minLength: 1, maxLength: 1, unit: 'binary' }),
        ),
        maxLength: 12,
      })
      .filter((text) => !text.includes('\0') && text.isWellFormed())
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), (words) => {
        const argv = ['printf', '%s\\0', ...words].map((text): Word => ({ kind: 'text', text }))
        const { stdout } = run(shell, writeScript({ kind: 'program', argv, environment: {} }))
        expect(stdout.split('\0').slice(0, -1)).toEqual(words)
      }),
      { numRuns: 20 },
    )
  })

  test('takes no file name for an option', () => {
    // As it stands, `ls *.log` would be `ls -R.log …`.
    expect(run(shell, scriptOf('cd logs && ls *.log')).stdout.split('\n').sort().slice(1)).toEqual(
      ['./-R.log', './a.log', './b c.log', "./d'.log"].sort(),
    )
  })

  test('is not changed by options of the shell, separators or the way to directories', () => {
    const strange = 'set -eu; IFS=/o; CDPATH=/; unset USER LOGNAME'
    expect(run(shell, `${strange}\n${scriptOf('cd logs && cat *.txt; ls ~/note')}`)).toEqual({
      status: 0,
      stdout: `e.txt\n${home}/note\n`,
      stderr: '',
    })
  })

  test('starts the program and no alias', () => {
    const aliases = `alias ls='echo alias' cd='echo alias' exec='echo alias' /usr/bin/env='echo alias'\n`
    const all = shell === 'zsh' ? `${aliases}alias -g note='alias' ls='alias' '*'=alias\n` : aliases
    const prelude = shell === 'bash' ? `shopt -s expand_aliases\n${all}` : all
    // A second reading of the text: aliases count from there on.
    const script = `${prelude}eval '${scriptOf('cd logs && ls ../note').replaceAll("'", "'\\''")}'`
    expect(run(shell, script).stdout).toBe('../note\n')
  })

  test('takes no home directory for an option', () => {
    const { status, stdout } = run(shell, `HOME=-l; ${scriptOf('ls ~')}`)
    expect([status, stdout]).toEqual([2, ''])
  })

  test('does not give the environment of the host to the program', () => {
    const { stdout } = run(
      shell,
      `export LD_PRELOAD= GREP_OPTIONS=x LESSOPEN=x BASH_ENV=x\n${scriptOf('env')}`,
    )
    expect(
      stdout
        .split('\n')
        .map((line) => line.split('=')[0])
        .filter((name) => name !== '' && name !== 'LOGNAME')
        .sort(),
    ).toEqual([
      'AWS_PAGER',
      'GIT_PAGER',
      'HOME',
      'LANG',
      'MANPAGER',
      'PAGER',
      'PATH',
      'SYSTEMD_LESS',
      'SYSTEMD_PAGER',
      'TERM',
      'USER',
    ])
  })
})

test.each(['bash', 'dash', 'ash'] as const)('in %s no function takes the place of a program', (shell) => {
  const functions = {
    bash: 'exec() { echo shadowed; }; function /usr/bin/env { echo shadowed; }; env() { echo shadowed; }; ls() { echo shadowed; }',
    dash: 'env() { echo shadowed; }; ls() { echo shadowed; }',
    ash: 'env() { echo shadowed; }; ls() { echo shadowed; }',
  }[shell]
  expect(run(shell, `${functions}\n${scriptOf('ls note')}`).stdout).toBe('note\n')
})
