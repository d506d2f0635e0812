import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Certainty } from '../certainty.ts'
import { matchPath, type Place } from './match-path.ts'
import { type PathPattern, parsePathPattern } from './path-pattern.ts'

const pattern = (text: string) => parsePathPattern(text) as PathPattern
const match = (text: string, place: string | Place) =>
  matchPath(pattern(text), typeof place === 'string' ? { path: place } : place)

const exact: [pattern: string, path: string, expected: Certainty][] = [
  ['/etc/hosts', '/etc/hosts', 'yes'],
  ['/etc/hosts', '/etc/hosts.bak', 'no'],
  ['/etc/hosts', '/etc/hosts/', 'yes'],
  ['/etc/*', '/etc/hosts', 'yes'],
  ['/etc/*', '/etc/.hidden', 'yes'],
  ['/etc/*', '/etc', 'no'],
  ['/etc/*', '/etc/ssh/sshd_config', 'no'],
  ['/etc/*.conf', '/etc/a.conf', 'yes'],
  ['/etc/h?sts', '/etc/hosts', 'yes'],
  ['/etc/[a-h]osts', '/etc/hosts', 'yes'],
  ['/srv/web-[01-03]/**', '/srv/web-02/x', 'yes'],
  ['/srv/web-[01-03]/**', '/srv/web-04/x', 'no'],
  ['/var/log/**', '/var/log', 'yes'],
  ['/var/log/**', '/var/log/a/b/c', 'yes'],
  ['/var/log/**', '/var/logs', 'no'],
  ['/**/id_rsa', '/home/ada/.ssh/id_rsa', 'yes'],
  ['/**/id_rsa', '/id_rsa', 'yes'],
  ['/**', '/', 'yes'],
  ['/srv/**/logs/*.log', '/srv/a/b/logs/x.log', 'yes'],
  ['/srv/**/logs/*.log', '/srv/logs/x.log', 'yes'],
  ['/srv/**/logs/*.log', '/srv/a/logs/b/x.log', 'no'],
  ['/Etc/hosts', '/etc/hosts', 'no'],
  // A star in the name of a file is a star.
  ['/srv/*', '/srv/a*b', 'yes'],
  ['/srv/a[*]b', '/srv/a*b', 'yes'],
  // Nobody can tell from the text.
  ['/etc/**', '/etc/../root/x', 'maybe'],
  ['/etc/**', '/srv/../x', 'maybe'],
  ['/etc/**', 'etc/hosts', 'maybe'],
  ['/etc/**', '~bob/x', 'maybe'],
  ['/etc/**', '', 'maybe'],
  ['/etc/**', '/etc/a\0b', 'maybe'],
  ['/etc/**', '/proc/self/root/srv', 'maybe'],
  ['/etc/**', '/proc/1/cwd', 'maybe'],
  ['/proc/**', '/proc/self/fd/3', 'maybe'],
  ['/etc/**', '/dev/stdin', 'maybe'],
  ['/etc/**', '/dev/fd/3', 'maybe'],
  ['/proc/**', '/proc/meminfo', 'yes'],
  ['/proc/**', '/proc/self/status', 'yes'],
  // Below the home, and the home is not known.
  ['~/notes/**', '~/notes/a', 'yes'],
  ['~/notes/**', '~/other', 'no'],
  ['~/**', '~', 'yes'],
  ['~/**', '/home/ada/x', 'maybe'],
  ['~/.ssh/**', '/home/ada/.ssh/config', 'maybe'],
  ['~/.ssh/**', '/home/ada/notes', 'no'],
  ['/home/**', '~/x', 'maybe'],
  ['/home/**/.ssh/*', '~/x', 'maybe'],
  ['/home/**/.ssh/*', '~/x/y/z', 'no'],
  ['/home/*/.ssh/id', '~/x', 'no'],
  ['/**', '~/x', 'yes'],
]

const places: [what: string, pattern: string, place: Place, expected: Certainty][] = [
  ['a pattern of a command within it', '/var/log/**', { path: '/var/log/*.log', isGlob: true }, 'yes'],
  ['one that may be it', '/var/log/syslog', { path: '/var/log/sys*', isGlob: true }, 'maybe'],
  ['one that cannot be', '/var/log/syslog', { path: '/var/log/x*', isGlob: true }, 'no'],
  ['the same pattern', '/var/log/*.log', { path: '/var/log/*.log', isGlob: true }, 'yes'],
  ['one name of any kind', '/var/log/*', { path: '/var/log/*.log', isGlob: true }, 'yes'],
  ['a pattern that leads elsewhere', '/var/log/**', { path: '/var/*/syslog', isGlob: true }, 'maybe'],
  ['one that may find two dots', '/var/log/**', { path: '/var/log/.*/x', isGlob: true }, 'maybe'],
  ['so may this', '/var/log/**', { path: '/var/log/[.]?/x', isGlob: true }, 'maybe'],
  ['braces', '/var/log/**', { path: '/var/log/{a,../../etc}/x', isGlob: true }, 'maybe'],
  ['any depth', '/var/log/**', { path: '/var/log/**', isGlob: true }, 'yes'],
  ['everything below', '/var/log/**', { path: '/var/log/nginx', below: true }, 'yes'],
  [
    'everything below, and only that is meant',
    '/var/log/nginx',
    { path: '/var/log/nginx', below: true },
    'maybe',
  ],
  ['everything below what holds it', '/etc/shadow', { path: '/etc', below: true }, 'maybe'],
  ['everything below something else', '/etc/shadow', { path: '/srv', below: true }, 'no'],
  ['everything there is', '/**', { path: '/', below: true }, 'maybe'],
  ['the home that the host told', '/home/ada/**', { path: '~/x', home: '/home/ada' }, 'yes'],
  ['another home', '/home/eve/**', { path: '~/x', home: '/home/ada' }, 'no'],
  ['a pattern of the home that the host told', '~/x', { path: '/home/ada/x', home: '/home/ada' }, 'yes'],
  ['and of no other', '~/x', { path: '/home/eve/x', home: '/home/ada' }, 'no'],
  ['a home with a star in it is a name', '~/x', { path: '/home/b/x', home: '/home/*' }, 'no'],
]

describe('a pattern of paths', () => {
  test.each(exact)('%s on %j: %s', (text, path, expected) => {
    expect(match(text, path)).toBe(expected)
  })

  test.each(places)('%s: %s on %j is %s', (_, text, place, expected) => {
    expect(match(text, place)).toBe(expected)
  })
})

const name = fc.constantFrom('a', 'b', 'ab', 'x.log', '.h', '*', '?')
const text = fc.array(name, { maxLength: 5 }).map((names) => `/${names.join('/')}`)
const patternText = fc
  .array(fc.constantFrom('a', 'b', '*', '**', 'a*', '*.log', '.h', '?'), { maxLength: 5 })
  .map((names) => `/${names.join('/')}`)

describe('whatever the pattern', () => {
  test('a path is matched as a regular expression of the same meaning would', () => {
    fc.assert(
      fc.property(patternText, text, (wanted, path) => {
        expect(match(wanted, path)).toBe(expressionOf(wanted).test(path) ? 'yes' : 'no')
      }),
    )
  })

  test('what it surely holds of a pattern in a command, it holds of every path that the pattern finds', () => {
    fc.assert(
      fc.property(patternText, patternText, text, (wanted, asked, found) => {
        const certainty = match(wanted, { path: asked, isGlob: true })
        if (!expressionOf(asked).test(found)) return
        const one = match(wanted, found)
        if (certainty === 'yes') expect(one).toBe('yes')
        if (certainty === 'no') expect(one).toBe('no')
      }),
    )
  })

  test('what it surely holds of everything below, it holds of each', () => {
    fc.assert(
      fc.property(patternText, text, text, (wanted, root, rest) => {
        const certainty = match(wanted, { path: root, below: true })
        const one = match(wanted, `${root}/${rest}`)
        if (certainty !== 'maybe') expect(one).toBe(certainty)
      }),
    )
  })
})

/** On the names of a path, each ended by a slash. */
function expressionOf(wanted: string): { readonly test: (path: string) => boolean } {
  const parts = namesOf(wanted).map((one) => {
    if (one === '**') return '(?:[^/]+/)*'
    return `${one.replace(/[.]/g, '\\.').replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]')}/`
  })
  const whole = new RegExp(`^${parts.join('')}$`)
  return {
    test: (path) =>
      whole.test(
        namesOf(path)
          .map((one) => `${one}/`)
          .join(''),
      ),
  }
}

function namesOf(path: string): string[] {
  return path.split('/').filter((one) => one !== '')
}
