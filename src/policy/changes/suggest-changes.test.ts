import { beforeAll, describe, expect, test } from 'vitest'
import { withRoom } from '../../../test/kit/room.ts'
import { callOf, type Loaded, loadRules, principalIn, ROLES, readFile, run } from '../../../test/kit/rules.ts'
import type { Action } from '../../domain/call.ts'
import type { SuggestedChange } from '../../domain/check.ts'
import type { Principal } from '../../domain/principal.ts'
import { decide } from '../decide.ts'
import { suggestChanges } from './suggest-changes.ts'

/** A Monday. */
const NOW = new Date('2026-11-23T12:00:00Z')
const RULES = `${ROLES}
programs:
  - {program: cat uptime df ls ps, flags: -h -l, dashless: {where: any, flags: aux}, operands: [{is: path, count: any}]}
  - {program: sort, flags: -n -r, operands: [{is: path, count: any}]}
  - {program: sed, operands: [{is: text}, {is: path, count: any}]}
rules:
  - {name: read, hosts: ['tag:prod'], actions: [read], effect: allow}
  - {name: logs, hosts: [lab-1], actions: [read], paths: ['/var/log/**'], effect: allow}
  - {name: page, roles: [operators], hosts: [web-1, web-2], actions: [write], paths: ['/srv/www/**'], effect: allow}
  - {name: restart, roles: [operators], hosts: ['tag:web'], actions: [run], commands: ['systemctl restart nginx'], when: [{days: mon-fri, from: '22:30', to: '23:00'}], effect: allow}
  - {name: flush, roles: [operators], hosts: [web-2], actions: [run], commands: ['varnishadm ban *'], effect: allow}
  - {name: strong, roles: [operators], hosts: [db-1], actions: [run], commands: ['pg_ctl reload'], step_up: 'mcp:admin', effect: allow}
  - {name: ask, roles: [operators], hosts: [web-1], actions: [run], approvers: [leads], effect: approve}
`
let loaded: Loaded

beforeAll(async () => {
  loaded = await loadRules(RULES)
})

const ops = principalIn(['ops'])
const changes = (action: Action, principal: Principal = ops): readonly SuggestedChange[] => {
  const context = { ...loaded, now: NOW }
  const call = callOf(action, principal)
  return suggestChanges(call, decide(call, context), context)
}
const allowed = (change: object) => ({ verdict: 'allow', ...change })
const command = (text: string, sudo = false) => allowed({ kind: 'command', command: text, sudo })

describe('the smallest change that is allowed', () => {
  test.each<[string, Action, object[]]>([
    ['of what is allowed is none', run('ls -l /srv', 'db-1'), []],
    [
      'leaves out an option, or what may be its value as well',
      run('sort -o /tmp/x /etc/passwd', 'db-1'),
      [command('sort /tmp/x /etc/passwd'), command('sort /etc/passwd')],
    ],
    ['leaves out a redirection', run('ps aux > /tmp/ps', 'db-1'), [command('ps aux')]],
    ['leaves out sudo', run('sudo cat /etc/motd', 'db-1'), [command('cat /etc/motd')]],
    ['leaves out root’s rights', run('cat /etc/motd', 'db-1', { sudo: true }), [command('cat /etc/motd')]],
    ['leaves out parts of a list', run('df -h; rm -rf /tmp/x; uptime', 'db-1'), [command('df -h; uptime')]],
    ['leaves out a stage', run('ps aux | sh', 'db-1'), [command('ps aux')]],
    [
      'writes out what a variable stands for',
      run('cat $LOG', 'db-1'),
      [allowed({ kind: 'literal', words: ['$LOG'] })],
    ],
    [
      'takes a tool for what a redirection does',
      run('uptime > /srv/www/up.txt', 'web-2'),
      [
        command('uptime'),
        allowed({ kind: 'tool', tool: 'write_file', path: '/srv/www/up.txt', command: 'uptime' }),
      ],
    ],
    [
      'takes a tool for what is only said',
      run('echo hello > /srv/www/x', 'web-2'),
      [command('echo hello'), allowed({ kind: 'tool', tool: 'write_file', path: '/srv/www/x' })],
    ],
    [
      'takes a tool for editing',
      run('sed -i s/a/b/ /srv/www/x', 'web-2'),
      [
        command('sed s/a/b/ /srv/www/x'),
        command('sed /srv/www/x'),
        allowed({ kind: 'tool', tool: 'edit_file', path: '/srv/www/x' }),
      ],
    ],
    [
      'waits for a window, told to the minute',
      run('systemctl restart nginx', 'web-2'),
      [allowed({ kind: 'time', from: new Date('2026-11-23T22:30:00Z') })],
    ],
    [
      'goes to a host of the same kind',
      run('varnishadm ban x', 'web-1'),
      [allowed({ kind: 'host', hosts: ['web-2'] })],
    ],
    [
      'asks for a scope',
      run('pg_ctl reload', 'db-1'),
      [allowed({ kind: 'scope', scopes: ['mcp:execute', 'mcp:admin'] })],
    ],
    ['is none where nothing helps', run('rm -rf /', 'db-1'), []],
    ['of a file is found as well', readFile('/etc/passwd', 'lab-1'), []],
  ])('%s', (_, action, expected) => {
    expect(changes(action)).toEqual(expect.arrayContaining(expected))
    expect(changes(action).slice(0, expected.length)).toEqual(expected)
  })

  test('where nothing is allowed is one that people could allow', async () => {
    loaded = await loadRules(
      RULES.replace(
        '{name: ask',
        '{name: nobody, hosts: [web-1], actions: [sudo], effect: deny}\n  - {name: ask',
      ),
    )
    expect(changes(run('sudo reboot', 'web-1'))).toEqual([
      { verdict: 'approve', kind: 'command', command: 'reboot', sudo: false },
    ])
    loaded = await loadRules(RULES)
  })

  test('tells of no host that the caller does not see, and of none where it is not allowed', () => {
    const all = JSON.stringify(changes(run('varnishadm ban x', 'web-1'), principalIn(['nobody'])))
    expect(all).not.toContain('web-2')
    expect(JSON.stringify(changes(run('varnishadm ban x', 'web-1')))).not.toContain('db-1')
  })

  test('of a host that is not there, or out of reach, is none', () => {
    expect(changes(run('ls', 'nowhere'))).toEqual([])
    expect(changes(run('ls', 'vault'))).toEqual([])
  })

  test('is allowed, whatever it is', () => {
    const parts = ['ls -Z /srv', 'rm x', 'ps aux > y', 'cat $F', 'sudo ls', 'df', 'sort -o a b']
    for (const first of parts) {
      for (const second of parts) {
        for (const joint of ['; ', ' && ', ' | ', '\n']) {
          const action = run(first + joint + second, 'db-1')
          for (const change of changes(action)) {
            if (change.kind !== 'command') continue
            const other = run(change.command, 'db-1', { sudo: change.sudo })
            expect(decide(callOf(other, ops), { ...loaded, now: NOW }).verdict, change.command).toBe(
              change.verdict,
            )
          }
        }
      }
    }
  })

  test('is looked for in bounded time', () => {
    const long = Array.from({ length: 400 }, (_, index) => `rm x${index}`).join('; ')
    const startMs = performance.now()
    const nested = [
      '$(',
      '(',
      '{ ',
      '`',
      '((',
      '${',
      '[[ ',
      'if ',
      '"$(',
      '<(',
      '$((',
      'a<<x;',
      '|',
      '&',
      '>',
      "$'",
    ]
    for (const piece of nested) {
      const text = piece.repeat(4_000 / piece.length)
      expect(changes(run(text, 'lab-1')), piece).toEqual([])
      expect(changes(run(`${text} x > /srv/y`, 'lab-1')), piece).toEqual([])
    }
    expect(changes(run(long.slice(0, 4_000), 'lab-1'))).toEqual([])
    expect(changes(run('a'.repeat(60_000), 'lab-1'))).toEqual([])
    expect(performance.now() - startMs).toBeLessThan(withRoom(10_000))
  })
})
