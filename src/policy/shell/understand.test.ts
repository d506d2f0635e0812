import { describe, expect, test } from 'vitest'
import { grammarsOf } from '../grammar.ts'
import { BUILT_IN } from '../grammars/list.ts'
import type { CommandPart, Understanding } from '../understanding.ts'
import { spelled } from '../words/judgement.ts'
import { understand } from './understand.ts'

const grammars = grammarsOf(BUILT_IN)

function understood(command: string): Extract<Understanding, { kind: 'understood' }> {
  const understanding = understand(command, grammars)
  if (understanding.kind !== 'understood') throw new Error(`${command} is opaque: ${understanding.why}`)
  return understanding
}

/** `read ls -l`, for each part. */
function sentences(command: string): string[] {
  return understood(command).parts.map(sentence)
}

function sentence(part: CommandPart): string {
  return [part.loose ? `loose ${part.class}` : part.class, ...part.argv.map(spelled)].join(' ')
}

describe('what is understood of a command', () => {
  const read: [string, string, string[]][] = [
    ['a program whose every word is listed', 'ls -la /var/log', ['read ls -la /var/log']],
    ['a pipeline', 'ps aux | grep nginx | head -5', ['read ps aux', 'read grep nginx', 'read head -5']],
    ['a list', 'ls /a && ls /b || ls /c; ls /d', ['read ls /a', 'read ls /b', 'read ls /c', 'read ls /d']],
    ['lines of text', 'ls /a\nls /b\n', ['read ls /a', 'read ls /b']],
    ['a program by its path', '/usr/bin/ls -l', ['read /usr/bin/ls -l']],
    ['a negation', '! grep -q x /etc/hosts', ['read grep -q x /etc/hosts']],
    ['a group', '(ls /a; ls /b) | head', ['read ls /a', 'read ls /b', 'read head']],
    ['errors that go nowhere', 'ls /a 2>/dev/null', ['read ls /a']],
    ['errors that go with the output', 'ls /a 2>&1 | head', ['read ls /a', 'read head']],
    ['errors piped', 'ls /a |& head', ['read ls /a', 'read head']],
    ['a text for its input', "head <<< 'a b'", ['read head']],
    ['a document for its input', 'head <<E\na\nE', ['read head']],
    ['a program started by another in the same way', 'timeout 5 nice -n 10 ls -l', ['read ls -l']],
    ['a text given to a shell', "sh -c 'ls /a | head'", ['read ls /a', 'read head']],
    ['a text evaluated', "eval 'ls /a'", ['read ls /a']],
    ['the shell looking for a program', 'command ls -l', ['read ls -l']],
    [
      'a program for every file found',
      'find /a -exec ls -l {} +',
      ['read find /a -exec ls -l {} +', 'read ls -l ./*'],
    ],
    ['a change of directory', 'cd /a && ls', ['read cd /a', 'read ls']],
  ]
  test.each(read)('%s only reads: %s', (_title, command, parts) => {
    expect(sentences(command)).toEqual(parts)
    expect(understood(command).script).toBeDefined()
  })

  test.each([
    ['named', 'head /a ~/b', ['/a', '~/b']],
    ['found', 'head /a/*.log', ['/a/*.log']],
    ['called like home', "head '~/b'", ['./~/b']],
    ['opened', 'head </a', ['/a']],
    ['opened for a text of a shell', "sh -c 'head' </a", ['/a']],
    ['behind a change of directory', 'cd /a && head b ../c /d', ['/a/b', '/a/../c', '/d']],
    ['behind two of them', 'cd /a && cd b && head c', ['/a/./b/c']],
    ['behind one that may have failed', 'cd /a; head b', ['/a/b', 'b']],
    ['behind one that failed', 'cd /a || head b', ['b']],
    ['behind one that failed, negated', '! cd /a && head b', ['b']],
    ['behind one that did not fail, negated', '! cd /a || head b', ['/a/b']],
    ['behind one that was skipped when it succeeded', 'cd /a || cd /b && head c', ['/a/c', '/b/c']],
    ['behind a group that may have changed it', '{ cd /a && ls; } && head b', ['/a/b']],
    ['behind a group that was perhaps not begun', '{ cd /a; } </x; head b', ['/a/b', 'b']],
    ['behind one that was perhaps skipped', 'ls / || cd /a && head b', ['b', '/a/b']],
    ['behind one in a group', '(cd /a); head b', ['b']],
    ['behind one that went home', 'cd && head b', ['~/b']],
    ['behind one whose output goes nowhere', 'cd /a >/dev/null && head b', ['/a/b']],
    ['by an option', 'grep -f /a x', ['/a', 'x']],
    ['without being named', 'ls', ['.']],
  ])('the paths are told that are read, %s: %s', (_title, command, reads) => {
    expect(understood(command).parts.at(-1)?.reads).toEqual(reads)
  })

  test('the directories are told that are read with all below them', () => {
    expect(understood('grep -r x /a').parts[0]).toMatchObject({ reads: ['/a'], readsBelow: true })
    expect(understood('grep x /a').parts[0]).toMatchObject({ reads: ['/a'], readsBelow: false })
  })

  const run: [string, string, string[]][] = [
    ['a program that is not known', 'rm x', ['run rm x']],
    ['an option that is not known', 'ls --frobnicate', ['run ls --frobnicate']],
    ['an abbreviated option', 'ls --recurs', ['run ls --recurs']],
    ['a letter that is not known among others', 'ls -laD', ['run ls -laD']],
    ['a program in another place', '/tmp/ls', ['run /tmp/ls']],
    ['a program by a relative path', './ls', ['run ./ls']],
    ['a variable before it', 'A=b ls', ['loose run ls']],
    ['a variable set by env', 'env LD_PRELOAD=/x ls', ['loose run ls']],
    ['a file written', 'ls >/tmp/x', ['loose run ls']],
    ['a file appended to', 'ls >>/tmp/x', ['loose run ls']],
    ['a file written by both outputs', 'ls &>/tmp/x', ['loose run ls']],
    ['a file written by a group', '{ ls; ls /a; } >/tmp/x', ['loose run ls', 'loose run ls /a']],
    ['a connection opened', 'head </dev/tcp/192.0.2.1/80', ['loose run head']],
    ['a variable', 'ls $x', ['loose run ls $x']],
    ['a program that only the host knows', '$x -l', ['loose run $x -l']],
    ['a command in a word', 'ls $(rm x)', ['loose run ls $(rm x)', 'loose run rm x']],
    ['a loop', 'for x in 1 2; do ls $x; rm $x; done', ['loose run ls $x', 'loose run rm $x']],
    ['the background', 'ls &', ['loose run ls']],
    [
      'a function with the name of a program',
      'ls() { rm x; }; ls',
      ['loose run ls() { rm x; }', 'loose run rm x', 'loose run ls'],
    ],
    ['an assignment alone', 'x=1', ['loose run x=1']],
    ['an opened file alone', '>/tmp/x', ['loose run >/tmp/x']],
    ['a comparison', '[[ a[$(rm x)] -eq 1 ]]', ['loose run [[ a[$(rm x)] -eq 1 ]]', 'loose run rm x']],
    ['arithmetic', '(( x = 1 ))', ['loose run (( x = 1 ))']],
    ['a builtin', 'export A=b', ['loose run export A=b']],
    ['a change of directory and nothing else', 'cd /a', ['loose run cd /a']],
    ['a directory that only the host knows', 'cd - && head b', ['loose run cd -', 'loose run head b']],
    ['a directory that looks like an option', 'cd -L && head b', ['loose run cd -L', 'loose run head b']],
    ['a connection opened under another spelling', 'head <//dev/./tcp/192.0.2.1/80', ['loose run head']],
    [
      'a text given to a change of directory',
      'cd /a <<< x && head b',
      ['loose run cd /a', 'loose run head b'],
    ],
    [
      'a text given to an evaluated change of directory',
      "eval 'cd /a' <<< x && head b",
      ['loose run cd /a', 'loose run head b'],
    ],
    [
      'a change of directory in a pipeline',
      'ls | cd /a; head b',
      ['loose run ls', 'loose run cd /a', 'loose run head b'],
    ],
    ['an option as a program', "-S 'rm x'", ['loose run -S rm x']],
    ['an assignment as a program', "'A=b' ls", ['loose run A=b ls']],
    ['words added', 'ls | xargs rm', ['read ls', 'run rm what it is given to add']],
    ['words added in the middle', 'xargs -I % cp % /b', ['run cp % /b what it is given to add']],
    [
      'a program for every file found',
      'find /a -exec rm {} \\;',
      ['read find /a -exec rm {} ;', 'run rm ./*'],
    ],
    ['a text that cannot be written out', 'sh -c "rm $x"', ['loose run sh -c "rm $x"']],
    ['a text with more words', "sh -c 'rm $1' _ x", ['run sh -c rm $1 _ x', 'loose run rm $1']],
    [
      'a text of many lines in a function',
      "bash -c 'f() { rm x; }; f'",
      ['loose run bash -c f() { rm x; }; f', 'loose run f() { rm x; }', 'loose run rm x', 'loose run f'],
    ],
  ]
  test.each(run)('%s is not only read: %s', (_title, command, parts) => {
    expect(sentences(command)).toEqual(parts)
  })

  test.each([
    ['sudo ls -l', ['sudo ls -l']],
    ['sudo -n -u root -- systemctl restart nginx', ['sudo systemctl restart nginx']],
    ['sudo -u www-data ls', ['sudo sudo -u www-data ls']],
    ['sudo A=b ls', ['loose sudo ls']],
    ['sudo timeout 5 ls', ['sudo ls']],
    ['sudo -i', ['sudo sudo -i']],
    ["sudo sh -c 'rm x'", ['sudo sh -c rm x', 'loose sudo rm x']],
    ["su -c 'rm x'", ['sudo su -c rm x', 'loose sudo rm x']],
    ['doas ls', ['sudo ls']],
    ['pkexec rm x', ['sudo pkexec rm x']],
  ])('what sudo runs has the rights of another user: %s', (command, parts) => {
    expect(sentences(command)).toEqual(parts)
  })

  test.each<[string, string, [string[], boolean][]]>([
    [
      'for every file',
      'find /a -exec head {} /b \\;',
      [
        [['/a'], true],
        [['/a', '/b'], true],
      ],
    ],
    [
      'and below others',
      'find /a -exec grep -r x {} /b \\;',
      [
        [['/a'], true],
        [['/a', '/b'], true],
      ],
    ],
    [
      'in its directory',
      'find /a -execdir head {} b \\;',
      [
        [['/a'], true],
        [['/a'], true],
      ],
    ],
    [
      'at home',
      'find /a -execdir head ~/b \\;',
      [
        [['/a'], true],
        [['~/b'], false],
      ],
    ],
  ])('the paths are told that find has programs read, %s: %s', (_title, command, reads) => {
    expect(understood(command).parts.map((part) => [part.reads, part.readsBelow])).toEqual(reads)
  })

  test('a program that find starts in other directories reads nothing beside them', () => {
    expect(sentences('find /a -execdir head ../b \\;')).toEqual([
      'read find /a -execdir head ../b ;',
      'run head ../b',
    ])
  })

  test('why it does not only read is told', () => {
    const whys = (command: string) => understood(command).parts.map(({ why }) => why)
    expect(whys('ls --frob')).toEqual(['ls --frob is not on the list of what only reads'])
    expect(whys('frobnicate')).toEqual(['frobnicate is not on the list of programs that are known'])
    expect(whys('/tmp/ls')).toEqual(['/tmp/ls is in no directory of the system'])
    expect(whys('ls >/tmp/x')).toEqual(["only the host's own shell can run it: it writes to /tmp/x"])
    expect(whys('while ls; do ls; done')).toEqual(
      Array(2).fill("only the host's own shell can run it: it has a loop (while)"),
    )
  })
})
