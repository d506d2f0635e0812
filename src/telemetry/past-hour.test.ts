import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import type { Answer } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import { type Levels, PastHour } from './past-hour.ts'

const LEVELS: Levels = { running: 1, sessions: 2, waiting: 3, memoryBytes: 4 }
const DENIED: Answer = { kind: 'denied', reason: { code: 'locked' } }
const FAILED: Answer = { kind: 'failed', code: 'host_unreachable', message: 'away' }
const LOCKS: Answer = { kind: 'locks', locks: [] }
const CALL = {} as Call

function started(levels: () => Promise<Levels> = async () => LEVELS) {
  const clock = new ManualClock()
  const past = new PastHour(clock, levels)
  const closing = new AbortController()
  void past.follow(closing.signal)
  return { clock, past, closing }
}

test('ten seconds are one sample: how calls were answered, how long they took, what is true at its end', async () => {
  const { clock, past } = started()
  for (let ms = 1; ms <= 100; ms += 1) past.finished(CALL, LOCKS, 101 - ms)
  past.finished(CALL, DENIED, 1)
  past.finished(CALL, FAILED, 1)
  past.strangerRefused()
  await clock.advance(10_000)
  const counts = { done: 100, refused: 1, failed: 1, strangers: 1 }
  expect(past.samples).toEqual([
    { endedAtMs: clock.now().getTime(), ...counts, ...LEVELS, p50Ms: 50, p95Ms: 95 },
  ])
})

test('a quiet time has no durations, and nothing of the time before it', async () => {
  const { clock, past } = started()
  past.finished(CALL, LOCKS, 7)
  await clock.advance(10_000)
  await clock.advance(10_000)
  expect(past.samples.at(-1)).toEqual({
    ...{ endedAtMs: clock.now().getTime(), done: 0, refused: 0, failed: 0, strangers: 0 },
    ...LEVELS,
  })
})

test('an hour is remembered and no more, and what cannot be had leaves a gap', async () => {
  let turn = 0
  const { clock, past, closing } = started(async () => {
    turn += 1
    if (turn === 2) throw new Error('the database is away')
    return { ...LEVELS, running: turn }
  })
  for (let count = 0; count < 365; count += 1) await clock.advance(10_000)
  expect(past.samples).toHaveLength(360)
  expect([past.samples[0]?.running, past.samples.at(-1)?.running]).toEqual([6, 365])
  closing.abort()
  await clock.advance(10_000)
  expect(turn).toBe(365)
})
