import { describe, expect, test } from 'vitest'
import { taintBook } from '../../test/kit/command-parts.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { callOf, loadRules, principalIn, ROLES, readFile, transfer, writeFile } from '../../test/kit/rules.ts'
import type { Action } from '../domain/call.ts'
import type { RealPlace } from '../domain/file.ts'
import { Permit } from '../domain/permit.ts'
import { decide } from '../policy/decide.ts'
import { mayTouchBy } from './may-touch.ts'

type Row = [
  sentence: string,
  rules: string,
  action: Action,
  end: 'from' | 'to' | undefined,
  real: RealPlace,
  expected: boolean,
]

const logs = "- {name: logs, actions: read, paths: ['/var/log/**'], effect: allow}"
const writes =
  "- {name: ask, actions: write, paths: ['/srv/**', '/etc/**'], effect: approve, approvers: leads}"
const moves = "- {name: move, actions: [transfer, read, write], paths: ['/srv/**'], effect: allow}"

const rows: Row[] = [
  [
    'a path that is what it seems is within reach',
    logs,
    readFile('/var/log/a'),
    undefined,
    { path: '/var/log/a' },
    true,
  ],
  [
    'so is another that the rules allow',
    logs,
    readFile('/var/log/a'),
    undefined,
    { path: '/var/log/b' },
    true,
  ],
  [
    'one that they do not allow is not',
    logs,
    readFile('/var/log/a'),
    undefined,
    { path: '/etc/shadow' },
    false,
  ],
  ['nor is one that the host does not tell', logs, readFile('/var/log/a'), undefined, {}, false],
  [
    'unless the rules allow every path',
    '- {name: all, actions: read, effect: allow}',
    readFile('/var/log/a'),
    undefined,
    {},
    true,
  ],
  [
    'where the home is told, rules about it hold for the real path',
    "- {name: home, actions: read, paths: ['~/**'], effect: allow}",
    readFile('~/a'),
    undefined,
    { path: '/home/ada/a', home: '/home/ada' },
    true,
  ],
  [
    'and not for another home',
    "- {name: home, actions: read, paths: ['~/**'], effect: allow}",
    readFile('~/a'),
    undefined,
    { path: '/home/eve/a', home: '/home/ada' },
    false,
  ],
  [
    'what was approved may be reached by another name that needs the same approval',
    writes,
    writeFile('/srv/current/x'),
    undefined,
    { path: '/srv/42/x' },
    true,
  ],
  [
    'but not in a place that would have been shown as what it is',
    writes,
    writeFile('/srv/current/x'),
    undefined,
    { path: '/etc/sudoers.d/x' },
    false,
  ],
  [
    'both ends of a transfer are asked about',
    moves,
    transfer('web-1:/srv/a', 'web-2:/srv/b'),
    'from',
    { path: '/srv/c' },
    true,
  ],
  ['the source', moves, transfer('web-1:/srv/a', 'web-2:/srv/b'), 'from', { path: '/etc/shadow' }, false],
  ['and the place', moves, transfer('web-1:/srv/a', 'web-2:/srv/b'), 'to', { path: '/etc/x' }, false],
]

describe('the real path of what was permitted', () => {
  test.each(rows)('%s', async (_, text, action, end, real, expected) => {
    const { rules, hosts } = await loadRules(`${ROLES}rules:\n${text}\n`)
    const clock = new ManualClock()
    const call = callOf(action, principalIn(['ops']))
    const decision = decide(call, { hosts, rules, now: clock.now() })
    const approval = { call: call.id, by: 'people', who: [] } as const
    const permit = Permit.for(call, decision, approval)
    const asked = { hosts, rules: () => rules, clock, taints: taintBook() }
    expect(mayTouchBy(permit, end, asked)?.(real)).toBe(expected)
  })

  test('is not asked about where there are no rules', async () => {
    const { hosts } = await loadRules('rules: []\n')
    const call = callOf(readFile('/x'), principalIn([]))
    const permit = Permit.for(call, { verdict: 'allow', rule: 'required-scopes' })
    const asked = { hosts, rules: () => undefined, clock: new ManualClock(), taints: taintBook() }
    expect(mayTouchBy(permit, undefined, asked)).toBe(undefined)
  })
})
