import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Certainty } from './certainty.ts'
import { type CommandPattern, matches, parseCommandPattern } from './command-pattern.ts'
import { grammarsOf } from './grammar.ts'
import { BUILT_IN } from './grammars/list.ts'
import { understand } from './shell/understand.ts'
import type { CommandPart } from './understanding.ts'

const grammars = grammarsOf(BUILT_IN)

function pattern(text: string): CommandPattern {
  const parsed = parseCommandPattern(text)
  if ('mistake' in parsed) throw new Error(`${text}: ${parsed.mistake}`)
  return parsed
}

/** The last program of a command. */
function part(command: string): CommandPart {
  const understanding = understand(command, grammars)
  const last = understanding.kind === 'understood' ? understanding.parts.at(-1) : undefined
  if (last === undefined) throw new Error(`${command} is not understood`)
  return last
}

describe('a pattern of commands', () => {
  const table: [string, string, string, Certainty][] = [
    ['means the same words', 'systemctl restart nginx', 'systemctl restart nginx', 'yes'],
    ['means no other argument', 'systemctl restart nginx', 'systemctl restart sshd', 'no'],
    ['means no fewer arguments', 'systemctl restart nginx', 'systemctl restart', 'no'],
    ['means no more arguments', 'systemctl restart nginx', 'systemctl restart nginx sshd', 'no'],
    [
      'means the words however they are quoted',
      'systemctl restart nginx',
      `sys"temctl" 'restart' ngin\\x`,
      'yes',
    ],
    [
      'matches the end of a word by a star',
      'systemctl restart nginx*',
      'systemctl restart nginx-proxy',
      'yes',
    ],
    ['matches nothing by a star too', 'systemctl restart nginx*', 'systemctl restart nginx', 'yes'],
    ['matches within a word by a star', 'cat /srv/*/log', 'cat /srv/a/b/log', 'yes'],
    ['does not match two words by one star', 'systemctl restart *', 'systemctl restart a b', 'no'],
    [
      'takes no option for what a star means',
      'systemctl restart *',
      'systemctl restart --host=evil',
      'maybe',
    ],
    ['may have a star behind a dash', 'ls -*', 'ls -la', 'yes'],
    ['may have several stars', 'cat *a*b*c', 'cat xaybzc', 'yes'],
    ['does not use a character twice', 'cat ab*bc', 'cat abc', 'no'],
    ['means any further words by two stars', 'journalctl **', 'journalctl -u nginx -f', 'yes'],
    ['means no further word by them too', 'journalctl **', 'journalctl', 'yes'],
    ['may be of any program', '**', 'rm -rf /', 'yes'],
    ['matches a whole argument by a regular expression', 'kill /[0-9]+/', 'kill 123', 'yes'],
    ['does not match a piece of an argument by it', 'kill /[0-9]+/', 'kill 123x', 'no'],
    ['has words with spaces in quotes', `echo "a b"`, "echo 'a b'", 'yes'],
    ['has plain stars in quotes', "echo 'a*'", "echo 'ab'", 'no'],
    ['has plain stars behind a backslash', 'echo a\\*', "echo 'a*'", 'yes'],
    ['means the program in a directory of the system', 'ls', '/usr/bin/ls', 'yes'],
    ['means it when it names another of them', '/bin/ls', 'ls', 'yes'],
    ['means no program elsewhere', 'ls', '/tmp/ls', 'no'],
    ['means no program of a relative path', 'ls', './ls', 'no'],
    ['means a program elsewhere by its path', '/opt/app/bin/tool', '/opt/app/bin/tool', 'yes'],
    ['is not sure of a program that only the host knows', 'ls', '$x', 'maybe'],
    ['is not sure of an argument that only the host knows', 'kill 1', 'kill $x', 'maybe'],
    ['is not sure how many arguments that is', 'kill 1 2', 'kill $x', 'maybe'],
    ['is sure of a word that differs before it', 'systemctl restart x', 'systemctl stop $x', 'no'],
    ['is sure of words too many behind it', 'kill 1', 'kill 1 $x 2', 'no'],
    ['is not sure of names of files', 'rm /tmp/*', 'rm /tmp/a*', 'maybe'],
    ['is sure of names of files elsewhere', 'rm /tmp/*', 'rm /etc/a*', 'no'],
    ['means files at home', 'cat ~/notes', 'cat $HOME/notes', 'yes'],
    ['means no file that is called like home', 'cat ~/notes', "cat '~/notes'", 'no'],
    ['is not sure where a variable is set', 'ls **', 'LD_PRELOAD=/tmp/x ls', 'maybe'],
    ['is not sure where a file is written', 'echo **', 'echo x >/etc/passwd', 'maybe'],
    ['is not sure in a loop', 'rm x', 'for i in 1 2; do rm x; done', 'maybe'],
    ['means what sudo runs', 'systemctl restart nginx', 'sudo -n systemctl restart nginx', 'yes'],
    ['may name sudo', 'sudo systemctl restart nginx', 'sudo systemctl restart nginx', 'yes'],
    [
      'may name sudo and a path',
      'sudo /usr/bin/systemctl restart nginx',
      'sudo systemctl restart nginx',
      'yes',
    ],
    [
      'with sudo does not mean the same without',
      'sudo systemctl restart nginx',
      'systemctl restart nginx',
      'no',
    ],
    ['means a program as another user by all words', 'sudo -u www-data id', 'sudo -u www-data id', 'yes'],
    ['does not mean a program as another user by its own', 'id', 'sudo -u www-data id', 'no'],
    ['means a program that another starts', 'df -h', 'timeout 5 df -h', 'yes'],
    ['means every program that find starts', 'rm **', 'find /a -exec rm {} +', 'yes'],
  ]
  test.each(table)('%s: %s of %s', (_title, source, command, match) => {
    expect(matches(pattern(source), part(command))).toBe(match)
  })

  test.each([
    ['it is empty', '', 'it is empty'],
    ['it is blank', ' \t', 'it is empty'],
    ['a quote has no end', "echo 'a", 'it has a quote'],
    ['two stars are not the last word', 'ls ** /etc', '** can only be the last word'],
    ['it is of several programs', 'ls | head', '| is for several programs'],
    ['it has a variable', 'ls $HOME', '$ is for several programs or for a shell'],
    ['a program is relative', 'bin/tool x', 'bin/tool: a program is named'],
    ['a path looks like a regular expression', 'ls /var/log/', 'with a slash in it'],
    ['a regular expression is none', 'kill /[0-9/', 'missing closing ]'],
    ['a regular expression looks back', 'kill /(a)\\1/', 'no back-references'],
    ['a regular expression counts far', 'kill /(a{1000}){1000}/', '/(a{1000}){1000}/: '],
  ])('is a mistake when %s: %s', (_title, source, mistake) => {
    expect(parseCommandPattern(source)).toEqual({ mistake: expect.stringContaining(mistake) })
  })

  test('with stars means what a regular expression would', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })
    fc.assert(
      fc.property(letters, text, (stars, argument) => {
        fc.pre(stars !== '**' && stars !== '')
        const argv = ['echo', argument].map((each) => ({ kind: 'text' as const, text: each }))
        const expected = new RegExp(`^${stars.replaceAll('*', '.*')}$`).test(argument)
        expect(matches(pattern(`echo ${stars}`), { argv, class: 'run' })).toBe(expected ? 'yes' : 'no')
      }),
    )
  })

  test('takes no long time for hostile words', () => {
    const argv = ['echo', 'a'.repeat(60_000)].map((text) => ({ kind: 'text' as const, text }))
    expect(matches(pattern(`echo ${'*a'.repeat(500)}b`), { argv, class: 'run' })).toBe('no')
    expect(matches(pattern('echo /(a*)*b/'), { argv, class: 'run' })).toBe('maybe')
  })
})
