import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type CommandPattern, matches, parseCommandPattern } from '../command-pattern.ts'
import { parsePathPattern } from '../rules/path-pattern.ts'
import { fewerCommands } from './fewer-commands.ts'
import { fewerPaths } from './fewer-paths.ts'

const hasSubcommands = (program: string) => program === 'systemctl'
const commandsOf = (...texts: string[]) =>
  fewerCommands(
    texts.map((text) => ({ argv: text.split(' ') })),
    hasSubcommands,
  )
    .map(({ pattern }) => pattern)
    .sort()
const pathsOf = (...paths: string[]) =>
  fewerPaths(paths.map((path) => ({ path, below: path.endsWith('/…'), isPattern: false })))
    .map(({ pattern }) => pattern)
    .sort()

describe('patterns for commands', () => {
  test.each([
    ['the same command is that command', ['uptime', 'uptime'], ['uptime']],
    [
      'two units are two',
      ['systemctl restart a', 'systemctl restart b'],
      ['systemctl restart a', 'systemctl restart b'],
    ],
    [
      'three units are any, with what they have in common',
      ['systemctl restart app-1', 'systemctl restart app-2', 'systemctl restart app-3'],
      ['systemctl restart app-*'],
    ],
    [
      'another subcommand is another thing',
      ['systemctl restart a', 'systemctl stop b', 'systemctl start c'],
      ['systemctl restart a', 'systemctl start c', 'systemctl stop b'],
    ],
    ['another option is another thing', ['kill 1', 'kill -9 2', 'kill 3'], ['kill -9 2', 'kill 1', 'kill 3']],
    ['numbers are any number', ['kill 1', 'kill 22', 'kill 333'], ['kill /[0-9]+/']],
    [
      'what a program is told first may be what it does',
      ['deploy web', 'deploy api', 'deploy db'],
      ['deploy api', 'deploy db', 'deploy web'],
    ],
    [
      'files of one directory are any plain file of it',
      ['rm /srv/app/a.log', 'rm /srv/app/b.log', 'rm /srv/app/c.log'],
      ['rm /\\/srv\\/app\\/[A-Za-z0-9_][A-Za-z0-9._-]*/'],
    ],
    [
      'what an interpreter runs is never any of a kind',
      ['bash /srv/a', 'bash /srv/b', 'bash /srv/c', 'python3.11 1', 'python3.11 2', 'python3.11 3'],
      ['bash /srv/a', 'bash /srv/b', 'bash /srv/c', 'python3.11 1', 'python3.11 2', 'python3.11 3'],
    ],
    [
      'files of several are each its own',
      ['rm /srv/a/x', 'rm /srv/b/x', 'rm /srv/c/x'],
      ['rm /srv/a/x', 'rm /srv/b/x', 'rm /srv/c/x'],
    ],
    [
      'one place may vary while another tells things apart',
      ['cp a.1 /x', 'cp a.2 /x', 'cp a.3 /x', 'cp a.1 /y'],
      ['cp a.1 /x', 'cp a.1 /y', 'cp a.2 /x', 'cp a.3 /x'],
    ],
  ])('%s', (_, commands, patterns) => {
    expect(commandsOf(...commands)).toEqual(patterns)
  })

  test('mean every command that they were made of, and no option in an argument’s place', () => {
    const word = fc.oneof(
      fc.constantFrom(
        'restart',
        'a',
        'b',
        'c',
        'app-1',
        'app-2',
        '12',
        '13',
        '-f',
        '/srv/a',
        '/srv/b',
        '/srv/c',
      ),
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !text.includes('\0')),
    )
    const program = fc.constantFrom('systemctl', 'kill', 'tool')
    const commands = fc.array(
      fc
        .tuple(program, fc.array(word, { maxLength: 3 }))
        .map(([name, words]) => ({ argv: [name, ...words] })),
      { minLength: 1, maxLength: 12 },
    )
    fc.assert(
      fc.property(commands, (seen) => {
        const fewer = fewerCommands(seen, hasSubcommands)
        expect(fewer.flatMap((one) => one.seen).length).toBe(seen.length)
        for (const { pattern, seen: of } of fewer) {
          const parsed = parseCommandPattern(pattern) as CommandPattern
          expect(parsed, pattern).not.toHaveProperty('mistake')
          for (const { argv } of of)
            expect(fits(parsed, argv), `${pattern} for ${argv.join(' ')}`).toBe('yes')
          const [first] = of
          const last = first?.argv.at(-1) ?? ''
          if (!last.startsWith('-') && (first?.argv.length ?? 0) > 1)
            expect(fits(parsed, [...(first?.argv.slice(0, -1) ?? []), '--exec=x'])).not.toBe('yes')
        }
      }),
    )
  })

  function fits(pattern: CommandPattern, argv: readonly string[]) {
    const words = argv.map((text) => ({ kind: 'text', text }) as const)
    return matches(pattern, { argv: words, class: 'run' })
  }
})

describe('patterns for paths', () => {
  test.each([
    ['a file is that file', ['/etc/motd', '/etc/motd'], ['/etc/motd']],
    ['two files are two', ['/srv/a', '/srv/b'], ['/srv/a', '/srv/b']],
    [
      'three files of a directory are all of it',
      ['/srv/a', '/srv/b', '/srv/c', '/srv/d/e'],
      ['/srv/*', '/srv/d/e'],
    ],
    ['but never all of /etc', ['/etc/a', '/etc/b', '/etc/c'], ['/etc/a', '/etc/b', '/etc/c']],
    ['nor all of the keys', ['~/.ssh/a', '~/.ssh/b', '~/.ssh/c'], ['~/.ssh/a', '~/.ssh/b', '~/.ssh/c']],
    ['a slash at the end says nothing', ['/srv/app/'], ['/srv/app']],
    ['what is special in patterns is meant as it is', ['/srv/a*b[c]'], ['/srv/a[*]b[[]c]']],
    ['what no pattern can be certain of is left out', ['x', '/srv/../etc/passwd', '~root/x'], []],
  ])('%s', (_, paths, patterns) => {
    expect(pathsOf(...paths)).toEqual(patterns)
    for (const pattern of patterns) expect(typeof parsePathPattern(pattern)).toBe('object')
  })

  test('a directory with all below it takes what is named below it', () => {
    const seen = [
      { path: '/var/log', below: true, isPattern: false },
      { path: '/var/log/nginx', below: true, isPattern: false },
      { path: '/var/log/syslog', below: false, isPattern: false },
      { path: '/var/lib/x', below: false, isPattern: false },
    ]
    expect(fewerPaths(seen).map(({ pattern, seen: of }) => [pattern, of.length])).toEqual([
      ['/var/log/**', 3],
      ['/var/lib/x', 1],
    ])
  })

  test('a pattern that the host’s shell was given stays one', () => {
    expect(fewerPaths([{ path: '/var/log/*.log', below: false, isPattern: true }])[0]?.pattern).toBe(
      '/var/log/*.log',
    )
  })
})
