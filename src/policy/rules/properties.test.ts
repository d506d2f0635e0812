import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  callOf,
  type Loaded,
  listDirectory,
  loadRules,
  principalIn,
  ROLES,
  readFile,
  run,
  transfer,
  writeFile,
} from '../../../test/kit/rules.ts'
import type { Action } from '../../domain/call.ts'
import type { Decision } from '../../domain/decision.ts'
import { decide } from '../decide.ts'
import type { Rule, RuleSet } from '../rule-set.ts'

/** Rules of every kind, to be put together in any order. */
const RULES = `
  - {name: r01, effect: allow}
  - {name: r02, actions: read, effect: allow}
  - {name: r03, actions: [run, sudo], effect: allow}
  - {name: r04, actions: [read, run], commands: ['ps **', 'systemctl restart nginx'], effect: allow}
  - {name: r05, paths: ['/var/log/**', '~/notes/**'], effect: allow}
  - {name: r06, roles: operators, hosts: 'tag:prod', actions: [write, transfer, read], effect: allow}
  - {name: r07, hosts: ['web-*', '!web-2'], actions: [run, session], effect: approve, approvers: leads}
  - {name: r08, actions: run, commands: ['reboot', 'rm **'], effect: deny}
  - {name: r09, paths: ['/etc/shadow', '/root/**'], effect: deny}
  - {name: r10, hosts: 'tag:db', actions: sudo, effect: deny}
  - {name: r11, from: 10.0.0.0/8, effect: allow}
  - {name: r12, when: [{days: mon-fri}], actions: [terminal, write], effect: allow}
  - {name: r13, step_up: prod:write, actions: write, effect: allow}
  - {name: r14, effect: allow, when_tainted: deny}
  - {name: r15, effect: observe, would: deny}
  - {name: r16, actions: read, effect: deny}
  - {name: r17, roles: leads, effect: deny}
  - {name: r18, paths: ['/srv/**'], actions: [read, write], effect: approve, approvers: leads, count: 2}
`

let loaded: Loaded
beforeAll(async () => {
  loaded = await loadRules(`${ROLES}rules:${RULES}`)
})

const COMMANDS = [
  'ps aux',
  'ps aux | grep x',
  'tail /var/log/syslog',
  'tail /etc/shadow',
  'ls; reboot',
  'sudo ps',
  'rm -rf /srv/x',
  'systemctl restart nginx',
  'for i in 1 2; do ps; done',
  '$(x) y',
  'ps "aux',
  'frobnicate',
]
const PATHS = [
  '/var/log/x',
  '/etc/shadow',
  '/srv/x',
  '~/notes/a',
  'x',
  '/srv/../etc/shadow',
  '/proc/self/root/x',
]
const HOSTS = ['web-1', 'web-2', 'db-1', 'lab-1', 'nowhere']

const host = fc.constantFrom(...HOSTS)
const path = fc.constantFrom(...PATHS)
const action: fc.Arbitrary<Action> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...COMMANDS), host, fc.boolean())
    .map(([command, on, sudo]) => run(command, on, sudo ? { sudo } : {})),
  fc.tuple(path, host, fc.boolean()).map(([at, on, sudo]) => readFile(at, on, sudo)),
  fc.tuple(path, host).map(([at, on]) => listDirectory(at, on)),
  fc.tuple(path, host, fc.boolean()).map(([at, on, sudo]) => writeFile(at, on, sudo)),
  fc.tuple(path, path).map(([from, to]) => transfer(`web-1:${from}`, `db-1:${to}`)),
)
const caller = fc
  .tuple(
    fc.subarray(['ops', 'leads']),
    fc.subarray(['prod:write']),
    fc.constantFrom('10.1.1.1', '192.0.2.9', undefined),
  )
  .map(([groups, scopes, remoteAddress]) => ({
    principal: principalIn(groups, { scopes: new Set(['mcp:execute', ...scopes]) }),
    ...(remoteAddress !== undefined && { remoteAddress }),
  }))
const asked = fc.record({ action, caller, tainted: fc.option(fc.constant('/x'), { nil: undefined }) })
/** Any of the rules, in any order. */
const picked = fc.shuffledSubarray(Array.from({ length: 18 }, (_, index) => index))

const STRICTNESS: Readonly<Record<Decision['verdict'], number>> = { allow: 0, approve: 1, deny: 2 }

type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never

function judged(rules: readonly Rule[], { action: what, caller: who, tainted }: Asked): Decision {
  const { principal, ...more } = who
  const set: RuleSet = { ...loaded.rules, rules }
  return decide(callOf(what, principal, more), {
    hosts: loaded.hosts,
    rules: set,
    now: new Date('2026-01-07T12:00:00Z'),
    ...(tainted !== undefined && { tainted }),
  })
}

const pick = (indexes: readonly number[]) => indexes.flatMap((index) => loaded.rules.rules[index] ?? [])
const named = (name: string) => loaded.rules.rules.find((rule) => rule.name === name) as Rule

describe('whatever the rules and whatever is asked', () => {
  test('a rule that denies, put before the others, never allows more', () => {
    const denying = fc.constantFrom('r08', 'r09', 'r10', 'r16', 'r17')
    fc.assert(
      fc.property(picked, denying, asked, (indexes, name, what) => {
        const rules = pick(indexes)
        const before = judged(rules, what)
        const after = judged([named(name), ...rules], what)
        expect(STRICTNESS[after.verdict]).toBeGreaterThanOrEqual(STRICTNESS[before.verdict])
      }),
      { numRuns: 500 },
    )
  })

  test('a rule behind all others never makes less of what was allowed', () => {
    fc.assert(
      fc.property(picked, asked, (indexes, what) => {
        const rules = pick(indexes)
        const [last, ...others] = rules.toReversed()
        if (last === undefined || judged(others.toReversed(), what).verdict !== 'allow') return
        expect(judged(rules, what).verdict).toBe('allow')
      }),
      { numRuns: 500 },
    )
  })

  test('without any rule everything is denied, and so it is where none is about it', () => {
    fc.assert(
      fc.property(asked, (what) => {
        expect(judged([], what).verdict).toBe('deny')
        expect(judged(pick([14]), what).verdict).toBe('deny')
      }),
    )
  })

  test('a rule that only observes changes nothing of the verdict', () => {
    fc.assert(
      fc.property(picked, fc.nat(18), asked, (indexes, at, what) => {
        const rules = pick(indexes.filter((index) => index !== 14))
        const observed = [...rules.slice(0, at), named('r15'), ...rules.slice(at)]
        const [one, other] = [judged(rules, what), judged(observed, what)]
        expect([other.verdict, other.rule]).toEqual([one.verdict, one.rule])
      }),
    )
  })

  test('what was not understood is never allowed by a pattern, nor as reading', () => {
    const texts = fc.constantFrom('ps "aux', 'for i in 1 2; do ps; done', '$(x) y', 'ps $(x)', 'A=1 ps')
    const narrow = fc.shuffledSubarray([1, 3, 4, 14])
    fc.assert(
      fc.property(narrow, texts, fc.boolean(), (indexes, command, sudo) => {
        const what = {
          action: run(command, 'web-1', sudo ? { sudo } : {}),
          caller: { principal: principalIn(['ops']) },
          tainted: undefined,
        }
        expect(judged(pick(indexes), what).verdict).toBe('deny')
      }),
    )
  })

  test('what only reading allows is run as what was understood, never as the text', () => {
    const narrow = fc.shuffledSubarray([1, 3, 4, 7, 8, 14])
    fc.assert(
      fc.property(narrow, fc.constantFrom(...COMMANDS), (indexes, command) => {
        const what = { action: run(command), caller: { principal: principalIn(['ops']) }, tainted: undefined }
        const decision = judged(pick(indexes), what)
        if (decision.verdict === 'allow') expect(decision.script).toBeDefined()
      }),
    )
  })

  test('a host that is not there and one out of reach are told in the same words', () => {
    fc.assert(
      fc.property(picked, asked, (indexes, what) => {
        const decision = judged(pick(indexes), what)
        const isNowhere = 'host' in what.action && what.action.host === 'nowhere'
        const code = decision.verdict === 'deny' ? decision.reason.code : undefined
        if (isNowhere) expect(decision).toMatchObject({ verdict: 'deny', rule: 'known-hosts-only' })
        if (code === 'host_not_found' && decision.verdict === 'deny')
          expect(decision.reason).toEqual({ code: 'host_not_found' })
      }),
    )
  })
})
