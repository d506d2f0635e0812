import { setMaxListeners } from 'node:events'
import { afterAll, describe, expect, test } from 'vitest'
import { approvalBook } from '../../test/kit/approval-parts.ts'
import { ENGINES, testDatabases } from '../../test/kit/databases.ts'
import { principalIn } from '../../test/kit/rules.ts'
import { rememberedLog } from '../../test/kit/ssh-runner.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import type { CommandId } from '../domain/command.ts'
import type { NeedsApproval } from '../domain/decision.ts'
import { hostName } from '../domain/host.ts'
import type { Principal } from '../domain/principal.ts'
import { systemClock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import { answerRequest } from '../pipeline/approvals/answer-approval.ts'
import type { ApprovalBook } from '../pipeline/approvals/approval-book.ts'
import { isSound } from '../pipeline/approvals/request-digest.ts'
import type { Waiting } from '../pipeline/approvals/waiting.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import { ApprovalRows } from './approval-rows.ts'
import { registerInstance } from './instance.ts'
import type { Database } from './sql/database.ts'

const databases = testDatabases()

const end = new AbortController()
setMaxListeners(0, end.signal)

afterAll(async () => {
  end.abort()
})

const anna = principalIn([], { subject: 'anna' })
const bob = principalIn(['leads'], { subject: 'bob' })
const carol = principalIn(['leads'], { subject: 'carol' })

function callOf(command: string, principal: Principal = anna): Call {
  const action = { kind: 'run', host: hostName('web'), command, timeoutMs: 1_000, waitMs: 0 } as const
  return { id: randomId('call'), principal, action, edge: 'rest', receivedAt: new Date() }
}

const needs = (count = 1): NeedsApproval => ({
  verdict: 'approve',
  rule: 'ask',
  terms: { approvers: ['leads'], count, selfApprove: false, expiresAfterMs: 60_000 },
})

interface World {
  readonly database: Database
  readonly book: ApprovalBook
  readonly instance: string
  answer(by: Principal, waiting: Waiting, verdict?: 'approve' | 'deny'): Promise<string>
}

describe.each(ENGINES)('%s', (engine) => {
  /** Instances of one database, each with a book of its own, and what all of them put on record. */
  async function worlds(count: number) {
    const url = await databases.newUrl(engine)
    const events: AuditEvent[] = []
    const audit = {
      problem: () => undefined,
      append: async (...added: readonly AuditEvent[]) => void events.push(...added),
    }
    const made: World[] = []
    for (let left = count; left > 0; left -= 1) {
      const database = await databases.open(url)
      const { id: instance } = await registerInstance(database, systemClock)
      const store = new ApprovalRows({
        database,
        instance: () => instance,
        clock: systemClock,
        log: rememberedLog(),
        isSound,
      })
      const who = {
        rolesOf: ({ groups }: Principal) => new Set(groups),
        samePerson: (a: Principal, b: Principal) =>
          a.subject === b.subject ? ('same' as const) : ('different' as const),
      }
      const book = approvalBook({ store, audit, who })
      book.follow(end.signal)
      await book.load()
      const bridge = { approvals: book, clock: systemClock } as Bridge
      made.push({
        database,
        book,
        instance,
        async answer(by, waiting, verdict = 'approve') {
          const { digest } = waiting.request
          const counted = await answerRequest(waiting, callOf('', by), { verdict, digest }, bridge)
          return counted.kind === 'failed' ? counted.code : counted.begins ? 'begins' : 'counted'
        },
      })
    }
    const [one, two] = made
    if (one === undefined || two === undefined) throw new TypeError('two at least')
    return { one, two, made, events, types: () => events.map(({ type }) => type) }
  }

  async function asked(book: ApprovalBook, call: Call, count = 1): Promise<Waiting> {
    const told = await book.ask(call, needs(count))
    if ('kind' in told) throw new Error(told.message)
    return told.waiting
  }

  const seen = async (book: ApprovalBook, id: CommandId): Promise<Waiting> => {
    const waiting = await book.seek(id)
    if (waiting === undefined) throw new Error(`${id} is not known`)
    return waiting
  }

  test('what was asked on one instance is listed, followed, answered and over on another', async () => {
    const { one, two, types } = await worlds(2)
    const call = callOf('reboot')
    const here = await asked(one.book, call)
    const there = await seen(two.book, here.request.id)
    expect(there.request).toEqual(here.request)
    const changed = here.changed
    expect(await two.answer(bob, there)).toBe('begins')
    await changed
    await expect.poll(() => here.state).toBe('started')
    expect(here.answers).toMatchObject([{ by: { subject: 'bob' } }])
    await two.book.end(there, 'started', 'completed', 'it was carried out', 'what came of it')
    await expect.poll(() => [here.state, here.told]).toEqual(['completed', 'what came of it'])
    expect(await one.answer(carol, here)).toBe('approval_over')
    expect(types()).toEqual(['approval.requested', 'approval.answered', 'approval.ended'])
  })

  test('the same that is asked on two instances at once is one request', async () => {
    const { one, two, types } = await worlds(2)
    const [first, second] = await Promise.all([
      asked(one.book, callOf('reboot')),
      asked(two.book, callOf('reboot')),
    ])
    expect(second.request.id).toBe(first.request.id)
    // Each puts on record what it is asked before anybody can see it: whoever was late calls it off again.
    expect(types().slice(0, 1)).toEqual(['approval.requested'])
    expect([[], ['approval.requested', 'approval.ended']]).toContainEqual(types().slice(1))
    await one.book.end(first, 'waiting', 'cancelled', 'withdrawn')
    expect((await asked(two.book, callOf('reboot'))).request.id).not.toBe(first.request.id)
  })

  test('of two people who answer at once on two instances, the second sees what the first said', async () => {
    const { one, two, types } = await worlds(2)
    for (let left = 10; left > 0; left -= 1) {
      const here = await asked(one.book, callOf(`one ${left}`))
      const there = await seen(two.book, here.request.id)
      const both = await Promise.all([one.answer(bob, here), two.answer(carol, there, 'deny')])
      expect(both.filter((answer) => answer === 'approval_over')).toHaveLength(1)
    }
    expect(types().filter((type) => type === 'approval.answered')).toHaveLength(10)
    const pair = await asked(one.book, callOf('two'), 2)
    const there = await seen(two.book, pair.request.id)
    const both = await Promise.all([one.answer(bob, pair), two.answer(carol, there)])
    expect(both.toSorted()).toEqual(['begins', 'counted'])
  })

  test('of two instances that begin it at once, one does', async () => {
    const { one, two, made } = await worlds(3)
    const here = await asked(one.book, callOf('reboot'))
    const others = await Promise.all(made.map(({ book }) => seen(book, here.request.id)))
    // As one that died right after the answer: approved, and nobody has begun.
    const given = { verdict: 'approve', as: 'person', by: bob, at: new Date(0) } as const
    await one.book.change(here, async () => ({ ...here.record(), answers: [given] }))
    await two.book.look()
    const begun = await Promise.all(made.map(({ book }) => book.takeUp(1_000)))
    expect(begun.flat()).toHaveLength(1)
    expect(others.map(({ state }) => state)).toContain('started')
    expect((await Promise.all(made.map(({ book }) => book.takeUp(1_000)))).flat()).toEqual([])
    expect((await seen(two.book, here.request.id)).state).toBe('started')
  })

  test('what an instance that is gone was carrying out is unknown, on record once', async () => {
    const { one, two, made, types } = await worlds(3)
    const here = await asked(one.book, callOf('reboot'))
    expect(await one.answer(bob, here)).toBe('begins')
    await Promise.all(made.map(({ book }) => book.takeUp(1_000)))
    expect((await seen(two.book, here.request.id)).state).toBe('started')
    await two.database.run('UPDATE instances SET ended_at = 1 WHERE id = $1', one.instance)
    await Promise.all(made.slice(1).map(({ book }) => book.takeUp(1_000)))
    expect((await seen(two.book, here.request.id)).end).toMatchObject({ state: 'unknown' })
    expect(types().filter((type) => type === 'approval.ended')).toHaveLength(1)
  })

  test('an instance that was too slow with its turn changes nothing', async () => {
    const { one, two } = await worlds(2)
    const here = await asked(one.book, callOf('reboot'))
    const { id } = here.request
    const slow = one.book.change(here, async () => {
      await two.database.run('UPDATE approvals SET turn_until = 1 WHERE id = $1', id)
      await two.book.end(await seen(two.book, id), 'waiting', 'cancelled', 'withdrawn')
      return { ...here.record(), startedAt: new Date() }
    })
    await expect(slow).rejects.toThrow('Another instance has changed this request')
    await one.book.look()
    expect(here.state).toBe('cancelled')
  })

  test('a turn lasts as long as it does, also for an instance whose clock is ahead', async () => {
    const { one, two } = await worlds(2)
    const here = await asked(one.book, callOf('reboot'))
    let tries = 0
    const clock = {
      ...systemClock,
      now: () => new Date(Date.now() + 3_600_000),
      sleep: (ms: number) => {
        tries += 1
        return systemClock.sleep(ms)
      },
    }
    const instance = () => two.instance
    const ahead = new ApprovalRows({ database: two.database, instance, clock, log: rememberedLog(), isSound })
    const order: string[] = []
    let other: Promise<unknown> | undefined
    await one.book.change(here, async () => {
      other = ahead.change(here.request.id, async () => {
        order.push('other')
        return undefined
      })
      await expect.poll(() => tries + order.length).toBeGreaterThan(1)
      order.push('one')
      return { ...here.record(), startedAt: new Date() }
    })
    await other
    expect(order).toEqual(['one', 'other'])
  })

  test('a grant holds on every instance, until it is revoked on any of them', async () => {
    const { one, two, types } = await worlds(2)
    const call = callOf('reboot')
    const grant = await one.book.grants.add(call, needs(), bob, 60_000)
    expect(await two.book.grants.list()).toEqual([grant])
    expect(await two.book.grants.approvalFor(callOf('reboot'), needs())).toMatchObject({ by: 'grant' })
    expect(await two.book.grants.approvalFor(callOf('reboot', carol), needs())).toBeUndefined()
    await Promise.all([one.book.grants.revoke(grant, 'bob'), two.book.grants.revoke(grant, 'carol')])
    expect(await one.book.grants.approvalFor(callOf('reboot'), needs())).toBeUndefined()
    expect(types().filter((type) => type === 'grant.revoked')).toHaveLength(1)
    await one.book.grants.add(call, needs(), bob, -1)
    expect(await two.book.grants.list()).toEqual([])
  })

  test('a record that was tampered with is none, and what is forgotten is so everywhere', async () => {
    const { one, two } = await worlds(2)
    const here = await asked(one.book, callOf('harmless'))
    const other = await asked(one.book, callOf('another'))
    await seen(two.book, other.request.id)
    const { id } = here.request
    await one.database.run(
      "UPDATE approvals SET record = REPLACE(record, 'harmless', 'hostile'), version = 9",
    )
    await two.book.look()
    expect(await two.book.seek(id)).toBeUndefined()
    expect(await one.answer(bob, here)).toBe('approval_not_found')
    await one.database.run('DELETE FROM approvals WHERE id = $1', other.request.id)
    await two.book.look()
    expect(two.book.find(other.request.id)).toBeUndefined()
  })
})
