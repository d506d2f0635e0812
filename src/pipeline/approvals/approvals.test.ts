import { beforeAll, describe, expect, test } from 'vitest'
import { approvalBook, MemoryApprovals } from '../../../test/kit/approval-parts.ts'
import { smallAudit } from '../../../test/kit/audit-parts.ts'
import { budgetBook } from '../../../test/kit/budget-parts.ts'
import { commandBook, secretBook, taintBook } from '../../../test/kit/command-parts.ts'
import { lockParts } from '../../../test/kit/lock-parts.ts'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { MemoryChanges } from '../../../test/kit/memory-changes.ts'
import { smallShelf } from '../../../test/kit/recording-parts.ts'
import { redactorOf } from '../../../test/kit/redactors.ts'
import { type Loaded, loadRules, principalIn } from '../../../test/kit/rules.ts'
import type { Standing } from '../../domain/approval-record.ts'
import type { AuditEvent } from '../../domain/audit.ts'
import type { Action, Call } from '../../domain/call.ts'
import type { CommandId } from '../../domain/command.ts'
import { BridgeError } from '../../domain/errors.ts'
import { hostName } from '../../domain/host.ts'
import type { Principal } from '../../domain/principal.ts'
import { randomId } from '../../lib/ids.ts'
import type { Budget } from '../../policy/budget.ts'
import { samePerson } from '../../policy/who/person-of.ts'
import { rolesOf } from '../../policy/who/roles-of.ts'
import type { Bridge } from '../bridge.ts'
import { Gate } from '../gate.ts'
import { perform, performApproved } from '../perform.ts'
import { RunningCalls } from '../running-calls.ts'
import { carryOutApproved } from './carry-out-approved.ts'
import { exactText } from './exact-text.ts'

const RULES = `
people:
  - {name: anna, emails: [anna@example.com, anna@private.example.org]}
rules:
  - {name: ask, hosts: [web-1], actions: [run], effect: approve, approvers: [leads]}
  - {name: two, hosts: [db-1], actions: [run], effect: approve, approvers: [leads], count: 2}
  - {name: own, hosts: [lab-1], actions: [run], effect: approve, approvers: [leads], self_approve: true}
  - {name: rest, actions: [read], effect: allow}
`

let loaded: Loaded
let changed: Loaded
beforeAll(async () => {
  const roles = `roles:\n  - {name: leads, match: [{groups: [leads]}]}\n`
  loaded = await loadRules(roles + RULES)
  changed = await loadRules(`${roles}${RULES}  - {name: last, effect: deny}\n`)
})

const anna = principalIn([], { subject: 'anna', email: 'anna@example.com', scopes: new Set(['mcp:execute']) })
const lead = (subject: string, more: Partial<Principal> = {}) =>
  principalIn(['leads'], {
    subject,
    email: `${subject}@example.com`,
    scopes: new Set(['mcp:execute', 'mcp:approve']),
    ...more,
  })
const bob = lead('bob')
const carol = lead('carol')

function world(given?: MemoryApprovals, events: AuditEvent[] = [], limits: readonly Budget[] = []) {
  const budgets = budgetBook(limits)
  const clock = new ManualClock()
  const store = given ?? new MemoryApprovals(clock)
  const state = {
    rules: loaded,
    standing: { way: 'a', host_key: 'b' } as Standing,
    known: (principal: Principal): Principal | undefined => principal,
    failing: undefined as AuditEvent['type'] | undefined,
    ran: [] as string[],
    clock,
    store,
    events,
  }
  const audit = {
    problem: () => undefined,
    append: async (...added: readonly AuditEvent[]) => {
      if (added.some(({ type }) => type === state.failing)) throw new Error('disk full')
      events.push(...added)
    },
  }
  const bridge: Bridge = {
    audit,
    clock,
    hosts: loaded.hosts,
    rules: () => state.rules.rules,
    approvals: approvalBook({
      store,
      audit,
      clock,
      who: {
        rolesOf: (principal) => rolesOf(principal, state.rules.rules),
        samePerson: (a, b) => samePerson(a, b, state.rules.rules.people),
      },
      standingOf: async () => state.standing,
      principalNow: (principal) => state.known(principal),
    }),
    executor: {
      execute: () => Promise.reject(new Error('only commands here')),
      nudge: () => undefined,
      async run({ call }, sink) {
        if (call.action.kind !== 'run') throw new TypeError(call.action.kind)
        sink.begun()
        const { host, command } = call.action
        state.ran.push(`${host}: ${command}`)
        return { kind: 'ran', host, command, end: { how: 'exited', code: 0 }, durationMs: 1 }
      },
    },
    gate: new Gate({ callsPerMinute: 1_000 }),
    running: new RunningCalls((call) => budgets.hasEnded(call)),
    redactor: redactorOf(),
    secrets: secretBook(),
    auditReader: smallAudit,
    recordings: smallShelf,
    taints: taintBook(),
    locks: lockParts().book,
    budgets,
    changes: new MemoryChanges(),
    observer: { finished: () => undefined },
    commands: commandBook({ clock }),
    limits: { answerBytes: 1_024, fanOut: { maxHosts: 10, maxParallel: 10 } },
  }
  const act = (principal: Principal, action: Action) => perform(callOf(principal, action), bridge, never)
  return Object.assign(state, {
    bridge,
    act,
    async ask(host = 'web-1', command = 'reboot', by = anna): Promise<CommandId> {
      const answer = await act(by, run(host, command))
      if (answer.kind !== 'waiting_approval') throw new Error(JSON.stringify(answer))
      return answer.commandId
    },
    async answer(by: Principal, command: CommandId, verdict: 'approve' | 'deny' = 'approve', more = {}) {
      const digest = bridge.approvals.find(command)?.request.digest ?? ''
      const answer = await act(by, { kind: 'answer_approval', command, verdict, digest, ...more })
      await settled()
      return answer.kind === 'failed' ? answer.code : answer.kind
    },
    state: (command: CommandId) => bridge.approvals.find(command)?.state,
    why: (command: CommandId) => bridge.approvals.find(command)?.end?.why,
  })
}

const never = new AbortController().signal

function run(host: string, command: string): Action {
  return { kind: 'run', host: hostName(host), command, timeoutMs: 60_000, waitMs: 45_000 }
}

function callOf(principal: Principal, action: Action): Call {
  return { id: randomId('call'), principal, action, edge: 'mcp_http', receivedAt: new Date(0) }
}

/** What was begun in the background has come to its end. */
async function settled() {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('a request', () => {
  test('is on record and durable before its caller is told', async () => {
    const w = world()
    const id = await w.ask()
    const types = w.events.map(({ type }) => type)
    expect(types).toEqual(['call.received', 'call.decided', 'approval.requested'])
    expect(w.store.records.has(id)).toBe(true)
    expect(w.ran).toEqual([])
  })

  test('is on record before anybody can see it, and off the record again when it cannot be kept', async () => {
    const w = world()
    const add = w.store.add.bind(w.store)
    const before: string[] = []
    w.store.add = (...asked) => {
      before.push(...w.events.map(({ type }) => type))
      return add(...asked)
    }
    await w.ask()
    expect(before.at(-1)).toBe('approval.requested')
    w.store.fault = new Error('disk full')
    await expect(w.ask('web-1', 'another')).rejects.toThrow()
    const [requested, ended] = w.events.filter(({ type }) => type.startsWith('approval.')).slice(-2)
    expect(requested).toMatchObject({ type: 'approval.requested' })
    expect(ended).toMatchObject({ type: 'approval.ended', state: 'cancelled', why: 'it could not be kept' })
    expect(w.bridge.approvals.list()).toHaveLength(1)
  })

  test('is none when it cannot be kept or recorded: nothing waits and nothing is run', async () => {
    const w = world()
    w.store.fault = new Error('disk full')
    await expect(w.ask()).rejects.toThrow()
    w.store.fault = undefined
    w.failing = 'approval.requested'
    await expect(w.ask()).rejects.toThrow()
    expect(w.bridge.approvals.list()).toEqual([])
  })

  test('expires when nobody answers, and cannot be approved at that very moment', async () => {
    const w = world()
    const id = await w.ask()
    await w.clock.advance(3_599_000)
    expect(w.state(id)).toBe('waiting')
    await w.clock.advance(1_000)
    await settled()
    expect([w.state(id), w.why(id)]).toEqual(['expired', 'nobody answered in time'])
    expect(await w.answer(bob, id)).toBe('approval_over')
    expect(w.ran).toEqual([])
  })

  test('that is late by the clock is not approved, whoever was slow to notice', async () => {
    const w = world()
    const id = await w.ask()
    const now = w.clock.now()
    w.clock.now = () => new Date(now.getTime() + 3_600_001)
    expect(await w.answer(bob, id)).toBe('approval_over')
    expect(w.ran).toEqual([])
  })

  test('that has expired while nothing could be recorded is ended as soon as something can be', async () => {
    const w = world()
    const id = await w.ask()
    w.failing = 'approval.ended'
    await w.clock.advance(3_600_000)
    await settled()
    expect(w.state(id)).toBe('waiting')
    w.failing = undefined
    await w.clock.advance(5_000)
    await settled()
    expect(w.state(id)).toBe('expired')
    await w.clock.advance(60_000)
    expect(w.events.filter(({ type }) => type === 'approval.ended')).toHaveLength(1)
  })

  test('of one person is bounded in number, and does not take the room of another', async () => {
    const w = world()
    for (let index = 0; index < 20; index += 1) await w.ask('web-1', `reboot ${index}`)
    const refused = await w.act(anna, run('web-1', 'one more'))
    expect(refused).toMatchObject({ kind: 'failed', code: 'rate_limited' })
    await w.ask('web-1', 'one more', lead('dora'))
  })

  test('from many hosts is one for each host', async () => {
    const w = world()
    const hosts = ['web-1', 'db-1']
    const action = {
      kind: 'run_on_hosts',
      hosts,
      command: 'reboot',
      timeoutMs: 1_000,
      deadlineMs: 2_000,
      canary: 0,
    } as const
    const answer = await w.act(anna, action)
    expect(answer).toMatchObject({ kind: 'ran_on_hosts', report: { counts: { denied: 2 } } })
    expect(w.bridge.approvals.list().map(({ request }) => request.decision.rule)).toEqual(['two', 'ask'])
  })
})

describe('an answer', () => {
  test('of a person whose role the rule names runs the command once', async () => {
    const w = world()
    const id = await w.ask()
    expect(await w.answer(bob, id)).toBe('approval_answered')
    expect(w.ran).toEqual(['web-1: reboot'])
    expect(w.state(id)).toBe('completed')
    expect(await w.answer(carol, id)).toBe('approval_over')
    expect(w.ran).toHaveLength(1)
  })

  test('of the requester is none, through none of its accounts', async () => {
    const w = world()
    const id = await w.ask()
    const same = lead('anna')
    const sameMail = lead('other-account', { email: 'ANNA@example.com' })
    const samePerson = lead('private', {
      issuer: 'https://other.example.org/',
      email: 'anna@private.example.org',
    })
    for (const account of [same, sameMail, samePerson]) expect(await w.answer(account, id)).toBe('forbidden')
    expect(w.ran).toEqual([])
  })

  test('of a program, a key or an operating-system user is none as long as nobody says whose it is', async () => {
    const w = world()
    const id = await w.ask()
    const nobodies = [
      lead('service', { isMachine: true }),
      lead('robot', { method: 'api_key', issuer: 'api-key' }),
      lead('root', { method: 'stdio', issuer: 'os' }),
    ].map(({ email: _, ...principal }) => principal)
    for (const nobody of nobodies) expect(await w.answer(nobody, id)).toBe('forbidden')
    expect(w.ran).toEqual([])
  })

  test('to a request of a key that is nobody in particular is none: its approver may stand behind it', async () => {
    const w = world()
    const { email: _, ...key } = principalIn([], { subject: 'robot', method: 'api_key', issuer: 'api-key' })
    const id = await w.ask('web-1', 'reboot', { ...key, scopes: 'all' })
    expect(await w.answer(bob, id)).toBe('forbidden')
  })

  test('of a stranger is answered like one to a request that never was', async () => {
    const w = world()
    const id = await w.ask()
    const stranger = principalIn([], { subject: 'eve', scopes: new Set(['mcp:approve']) })
    const to = (command: CommandId) =>
      w.act(stranger, { kind: 'answer_approval', command, verdict: 'approve', digest: '0' })
    expect(await to(id)).toEqual(await to(`cmd_${'A'.repeat(22)}` as CommandId))
    expect(await w.act(stranger, { kind: 'list_approvals', all: true })).toEqual({
      kind: 'approvals',
      approvals: [],
    })
  })

  test('without the scope is refused with the scope that it needs', async () => {
    const w = world()
    const id = await w.ask()
    const answer = await w.act(
      { ...bob, scopes: new Set(['mcp:execute']) },
      { kind: 'list_approvals', all: false },
    )
    expect(answer).toMatchObject({
      kind: 'denied',
      reason: { code: 'insufficient_scope', missing: ['mcp:approve'] },
    })
    expect(w.state(id)).toBe('waiting')
  })

  test('counts once for each person, and two are needed where the rule says two', async () => {
    const w = world()
    const id = await w.ask('db-1')
    expect(await w.answer(bob, id)).toBe('approval_answered')
    expect(await w.answer({ ...bob, issuer: 'https://other.example.org/' }, id)).toBe('approval_over')
    expect(w.ran).toEqual([])
    expect(await w.answer(carol, id)).toBe('approval_answered')
    expect(w.ran).toEqual(['db-1: reboot'])
  })

  test('of no ends it, also after a yes', async () => {
    const w = world()
    const id = await w.ask('db-1')
    await w.answer(bob, id)
    await w.answer(carol, id, 'deny', { reason: 'no' })
    expect([w.state(id), w.why(id)]).toEqual(['denied', 'denied by carol@example.com: no'])
    expect(w.ran).toEqual([])
  })

  test('and a withdrawal at the same moment: one of the two holds, and what was withdrawn is not run', async () => {
    const w = world()
    const id = await w.ask()
    const [answered] = await Promise.all([
      w.answer(bob, id),
      w.act(anna, { kind: 'cancel_command', command: id }),
    ])
    await settled()
    expect(w.ran).toHaveLength(answered === 'approval_answered' ? 1 : 0)
    expect(w.state(id)).toBe(answered === 'approval_answered' ? 'completed' : 'cancelled')
  })

  test('names the digest of what was seen', async () => {
    const w = world()
    const id = await w.ask()
    expect(await w.answer(bob, id, 'approve', { digest: 'f'.repeat(64) })).toBe('approval_changed')
    expect(w.state(id)).toBe('waiting')
  })

  test('that cannot be kept does not count, and can be given again', async () => {
    const w = world()
    const id = await w.ask()
    w.store.fault = new Error('disk full')
    await expect(w.answer(bob, id)).rejects.toThrow(BridgeError)
    expect([w.state(id), w.ran]).toEqual(['waiting', []])
    w.store.fault = undefined
    expect(await w.answer(bob, id)).toBe('approval_answered')
    expect(w.ran).toHaveLength(1)
  })

  test('that cannot be recorded does not count', async () => {
    const w = world()
    const id = await w.ask()
    w.failing = 'approval.answered'
    await expect(w.answer(bob, id)).rejects.toThrow()
    expect([w.state(id), w.ran]).toEqual(['waiting', []])
  })
})

describe('what was approved', () => {
  test('is not run under other rules than those that asked', async () => {
    const w = world()
    const id = await w.ask()
    w.rules = changed
    await w.answer(bob, id)
    expect([w.state(id), w.why(id)]).toEqual(['expired', expect.stringContaining('rules have changed')])
    expect(w.ran).toEqual([])
  })

  test.each([
    ['way', 'how the host is reached'],
    ['host_key', 'host keys that are trusted'],
    ['session', 'state of the session'],
  ])('is not run when the %s is another by then', async (part, told) => {
    const w = world()
    const id = await w.ask()
    w.standing = { ...w.standing, [part]: 'other' }
    await w.answer(bob, id)
    expect([w.state(id), w.why(id)]).toEqual(['expired', expect.stringContaining(told)])
    expect(w.ran).toEqual([])
  })

  test('is not run for somebody who would not be let in any more', async () => {
    const w = world()
    const id = await w.ask()
    w.known = () => undefined
    await w.answer(bob, id)
    expect([w.state(id), w.ran]).toEqual(['denied', []])
  })

  test('is not run while the bridge takes no calls', async () => {
    const w = world()
    const id = await w.ask()
    const digest = w.bridge.approvals.find(id)?.request.digest ?? ''
    const answered = w.act(bob, { kind: 'answer_approval', command: id, verdict: 'approve', digest })
    w.bridge.gate.close()
    await answered
    await settled()
    expect([w.state(id), w.ran]).toEqual(['denied', []])
  })

  test('and was not begun when the bridge stopped, is carried out after the start; what was begun is unknown', async () => {
    const before = world()
    const approved = await before.ask('web-1', 'first')
    const begun = await before.ask('web-1', 'second')
    const at = before.clock.now()
    for (const [id, startedAt] of [
      [approved, undefined],
      [begun, at],
    ] as const) {
      const record = before.store.records.get(id)
      if (record === undefined) throw new Error(`${id} is not kept`)
      const answers = [{ verdict: 'approve', as: 'person', by: bob, at }] as const
      before.store.records.set(id, { ...record, answers, ...(startedAt && { startedAt }) })
    }
    const after = world(before.store)
    for (const waiting of await after.bridge.approvals.load())
      carryOutApproved(waiting, after.bridge, performApproved)
    await settled()
    expect(after.ran).toEqual(['web-1: first'])
    expect([after.state(approved), after.state(begun)]).toEqual(['completed', 'unknown'])
  })

  test('is unknown once that can be kept, where what came of it could not be', async () => {
    const w = world()
    const id = await w.ask()
    w.failing = 'approval.ended'
    await w.answer(bob, id)
    expect(w.ran).toEqual(['web-1: reboot'])
    w.failing = undefined
    expect(await w.bridge.approvals.takeUp(0)).toEqual([])
    expect([w.state(id), w.ran.length]).toEqual(['unknown', 1])
  })

  test('says in the record of its start who said yes', async () => {
    const w = world()
    await w.answer(bob, await w.ask())
    expect(w.events.find(({ type }) => type === 'call.started' && 'approval')).toBeDefined()
    const started = w.events.filter((event) => event.type === 'call.started' && event.approval !== undefined)
    expect(started).toMatchObject([{ approval: { by: 'people', who: ['bob@example.com'] } }])
  })
})

describe("the requester's own word", () => {
  test('is enough where the rule takes it, and is recorded as that', async () => {
    const w = world()
    const id = await w.ask('lab-1')
    await w.act(anna, { kind: 'confirm_command', command: id, waitMs: 0 })
    await settled()
    expect(w.ran).toEqual(['lab-1: reboot'])
    expect(w.events.find(({ type }) => type === 'approval.answered')).toMatchObject({
      answer: { as: 'confirmation' },
    })
  })

  test('is nothing where it does not, nor of anybody else', async () => {
    const w = world()
    const id = await w.ask('web-1')
    const confirm = (by: Principal, command: CommandId) =>
      w.act(by, { kind: 'confirm_command', command, waitMs: 0 })
    expect(await confirm(anna, id)).toMatchObject({ code: 'forbidden' })
    expect(await confirm(bob, await w.ask('lab-1'))).toMatchObject({ code: 'approval_not_found' })
    expect(w.ran).toEqual([])
  })
})

describe('a grant', () => {
  test('answers for exactly the same, while it lasts, and under the same rule', async () => {
    const w = world()
    await w.answer(bob, await w.ask(), 'approve', { grantMs: 60_000 })
    expect(await w.act(anna, run('web-1', 'reboot'))).toMatchObject({ kind: 'ran' })
    expect(await w.act(anna, run('web-1', 'reboot '))).toMatchObject({ kind: 'waiting_approval' })
    expect(await w.act(anna, run('db-1', 'reboot'))).toMatchObject({ kind: 'waiting_approval' })
    expect(await w.act(lead('dora'), run('web-1', 'reboot'))).toMatchObject({ kind: 'waiting_approval' })
    await w.clock.advance(60_000)
    expect(await w.act(anna, run('web-1', 'reboot'))).toMatchObject({ kind: 'waiting_approval' })
    expect(w.ran).toEqual(['web-1: reboot', 'web-1: reboot'])
  })

  test('holds no longer once the host shows another key', async () => {
    const w = world()
    await w.answer(bob, await w.ask(), 'approve', { grantMs: 60_000 })
    w.standing = { ...w.standing, host_key: 'other' }
    expect(await w.act(anna, run('web-1', 'reboot'))).toMatchObject({ kind: 'waiting_approval' })
  })

  test('needs as many people as the rule asks, each of whom gives it, and lasts as long as each of them says', async () => {
    const w = world()
    const [{ ran }, again] = [w, () => w.act(anna, run('db-1', 'reboot'))]
    const first = await w.ask('db-1')
    await w.answer(bob, first, 'approve', { grantMs: 60_000 })
    expect(await again()).toMatchObject({ kind: 'waiting_approval', commandId: first })
    await w.answer(carol, first)
    expect(await w.bridge.approvals.grants.list()).toEqual([])

    const second = await w.ask('db-1')
    await w.answer(bob, second, 'approve', { grantMs: 60_000 })
    await w.answer(carol, second, 'approve', { grantMs: 30_000 })
    expect(await again()).toMatchObject({ kind: 'ran' })
    expect(ran).toHaveLength(3)
    await w.clock.advance(30_000)
    expect(await again()).toMatchObject({ kind: 'waiting_approval' })
  })

  test('goes round no budget: calls that come at once are counted one after the other', async () => {
    const budget = { name: 'team', per: 'person', concurrentCommands: 1 } as const
    const w = world(undefined, [], [budget])
    await w.answer(bob, await w.ask(), 'approve', { grantMs: 60_000 })
    w.ran.length = 0
    const answers = await Promise.all([1, 2, 3].map(() => w.act(anna, run('web-1', 'reboot'))))
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['denied', 'denied', 'ran'])
    expect(w.ran).toHaveLength(1)
  })

  test('is none when somebody who is needed says no', async () => {
    const w = world()
    const id = await w.ask('db-1')
    await w.answer(bob, id, 'approve', { grantMs: 60_000 })
    await w.answer(carol, id, 'deny')
    expect(await w.act(anna, run('db-1', 'reboot'))).toMatchObject({ kind: 'waiting_approval' })
    expect(w.ran).toEqual([])
  })

  test('is made by no confirmation', async () => {
    const w = world()
    const id = await w.ask('lab-1')
    const own = { ...anna, scopes: new Set(['mcp:execute', 'mcp:approve']) }
    expect(await w.answer(own, id, 'approve', { grantMs: 60_000 })).toBe('approval_answered')
    expect(await w.bridge.approvals.grants.list()).toEqual([])
  })
})

test.each([
  ['a line end', 'a\nb', 'a\\nb'],
  ['a backslash', 'a\\nb', 'a\\\\nb'],
  ['an escape sequence', '\u001b[31m', '\\u{1b}[31m'],
  ['text that is turned around', '\u202eabc', '\\u{202e}abc'],
  ['a letter that looks like another', 'c\u0430t', 'c\\u{430}t'],
  ['padding', `a${' '.repeat(99)}b`, 'a\\x20{99}b'],
  ['an emoji', '\u{1f600}', '\\u{1f600}'],
  ['ordinary text, as it is', 'ls -l  /tmp', 'ls -l  /tmp'],
])('%s is shown for what it is', (_, text, shown) => {
  expect(exactText(text)).toBe(shown)
})
