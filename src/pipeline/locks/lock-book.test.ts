import { describe, expect, test } from 'vitest'
import { lockOn, lockParts } from '../../../test/kit/lock-parts.ts'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import type { Call } from '../../domain/call.ts'
import type { Decision } from '../../domain/decision.ts'
import type { LockTarget } from '../../domain/lock.ts'

const ALLOWED: Decision = { verdict: 'allow', rule: 'x' }
const ALL: LockTarget = { kind: 'all' }

const call: Call = {
  id: 'call_1',
  principal: { issuer: 'os', subject: 'u1', method: 'stdio', groups: [], roles: [], scopes: 'all' },
  action: { kind: 'list_hosts' },
  edge: 'rest',
  receivedAt: new Date(0),
}

describe('the locks in force', () => {
  test('one that is added holds, and has ended what it holds, before it is on record', async () => {
    const { book, events } = lockParts()
    const order: string[] = []
    book.whenLocked(() => {
      order.push(`ended, ${book.over(call, ALLOWED).verdict}, ${events.length} on record`)
      return 2
    })
    const lock = lockOn(ALL)
    expect(await book.add(lock)).toBe(2)
    expect(order).toEqual(['ended, deny, 0 on record'])
    expect(events).toMatchObject([{ type: 'lock.added', lock, endedCalls: 2 }])
  })

  test('one that expires lifts itself, at the instant it says', async () => {
    const clock = new ManualClock()
    const { book } = lockParts({ clock })
    await book.add(lockOn(ALL, { expiresAt: new Date(clock.now().getTime() + 60_000) }))
    await clock.advance(59_999)
    expect(book.over(call, ALLOWED).verdict).toBe('deny')
    await clock.advance(1)
    expect([book.over(call, ALLOWED), book.inForce(), book.holds(call)]).toEqual([ALLOWED, [], false])
  })

  test('what was changed from the command line is in force and on record as soon as it is seen, and once', async () => {
    const { book, store, events } = lockParts()
    let ended = 0
    book.whenLocked(() => {
      ended += 1
      return 3
    })
    book.follow(new AbortController().signal)
    const lock = lockOn(ALL)
    const added = { what: 'added', lock, by: 'root at the command line' } as const
    store.become({ kind: 'known', locks: [lock], unrecorded: [added] })
    expect([book.over(call, ALLOWED).verdict, ended]).toEqual(['deny', 1])
    await expect.poll(() => store.state).toMatchObject({ locks: [lock], unrecorded: [] })
    store.become({ ...store.state })
    const removed = { what: 'removed', lock, by: 'root at the command line' } as const
    store.become({ kind: 'known', locks: [], unrecorded: [removed] })
    expect(book.over(call, ALLOWED)).toBe(ALLOWED)
    await expect.poll(() => store.state).toMatchObject({ unrecorded: [] })
    expect(events).toMatchObject([
      { type: 'lock.added', lock, endedCalls: 3 },
      { type: 'lock.removed', lock, by: 'root at the command line' },
    ])
    expect(ended).toBe(1)
  })

  test('of several bridges that see a change of the command line, one puts it on record', async () => {
    const [first, clock] = [lockParts(), new ManualClock()]
    const { store } = first
    const second = lockParts({ store })
    const third = lockParts({ store, clock })
    const { signal } = new AbortController()
    for (const { book } of [first, second]) book.follow(signal)
    const lock = lockOn(ALL)
    store.become({ kind: 'known', locks: [lock], unrecorded: [{ what: 'added', lock, by: 'root' }] })
    await expect.poll(() => store.state).toMatchObject({ unrecorded: [] })
    expect([...first.events, ...second.events]).toHaveLength(1)

    // One that died before it was on record does not keep it for ever.
    const taken = { by: 'another', until: new Date(clock.now().getTime() + 10_000) }
    store.state = { kind: 'known', locks: [lock], unrecorded: [{ what: 'added', lock, by: 'root', taken }] }
    third.book.follow(signal)
    await clock.advance(1_000)
    expect(third.events).toEqual([])
    await clock.advance(10_000)
    await expect.poll(() => store.state).toMatchObject({ unrecorded: [] })
    expect(third.events).toMatchObject([{ type: 'lock.added', lock }])
  })

  test('what was changed while no bridge ran is on record at the next start', async () => {
    const { book, store, events } = lockParts()
    const lock = lockOn(ALL)
    store.state = { kind: 'known', locks: [lock], unrecorded: [{ what: 'added', lock, by: 'root' }] }
    book.follow(new AbortController().signal)
    await expect.poll(() => store.state).toMatchObject({ unrecorded: [] })
    expect(events).toMatchObject([{ type: 'lock.added', lock }])
  })

  test('while nobody can tell what is locked nothing is begun, and what runs goes on under the locks that were known', async () => {
    const { book, store } = lockParts()
    book.follow(new AbortController().signal)
    const on = { kind: 'person', issuer: 'os', subject: 'u2' } as const
    await book.add(lockOn(on))
    store.become({ kind: 'damaged', why: 'locks.json is not what the bridge writes' })
    expect(book.problem()).toContain('locks.json')
    for (const kind of ['list_hosts', 'list_locks'] as const)
      expect(book.over({ ...call, action: { kind } }, ALLOWED).verdict).toBe('deny')
    expect(book.holds(call)).toBe(false)
    expect(book.holds({ ...call, principal: { ...call.principal, subject: 'u2' } })).toBe(true)
    await expect(book.add(lockOn(ALL))).rejects.toThrow('not what the bridge writes')
    store.become({ kind: 'known', locks: [], unrecorded: [] })
    expect([book.problem(), book.over(call, ALLOWED)]).toEqual([undefined, ALLOWED])
  })

  test('what operators are doing about locks is not ended by one', async () => {
    const { book } = lockParts()
    await book.add(lockOn({ kind: 'person', issuer: 'os', subject: 'u1' }))
    expect(book.holds(call)).toBe(true)
    expect(book.holds({ ...call, action: { kind: 'remove_lock', lock: 'lock_1' } })).toBe(false)
  })
})
