import { beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { type HostTarget, hostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { Breaker } from './breaker.ts'

const target = { host: { name: hostName('web-server') } } as HostTarget
const failure = (code: NotStarted['code']): NotStarted => ({
  kind: 'not_started',
  code,
  message: 'web-server failed.',
})
const unreachable = failure('host_unreachable')

let clock: ManualClock
let breaker: Breaker

beforeEach(() => {
  clock = new ManualClock()
  breaker = new Breaker(clock)
})

const fail = (times: number, answer = unreachable) => {
  for (let count = 0; count < times; count += 1) breaker.note(answer, '')
}

describe('a host that cannot be reached', () => {
  test('is asked again at once the first two times', () => {
    fail(2)
    expect(breaker.answer(target, '')).toBeUndefined()
  })

  test('is not asked for a second after the third, and callers are told when it will be', () => {
    fail(3)
    const answer = breaker.answer(target, '')
    expect(answer).toMatchObject({ code: 'host_unreachable' })
    expect(answer?.message).toMatch(/^web-server failed\. .*next attempt is made in 1 s/)
  })

  test('is asked after pauses that double, up to half a minute, by chance a little shorter', async () => {
    fail(3)
    for (const pauseMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      await clock.advance(pauseMs * 0.75 - 1)
      expect(breaker.answer(target, '')).toBeDefined()
      await clock.advance(pauseMs * 0.25 + 1)
      expect(breaker.answer(target, '')).toBeUndefined()
      fail(1)
    }
  })

  test('begins anew with a success', () => {
    fail(5)
    breaker.note(undefined, '')
    expect(breaker.answer(target, '')).toBeUndefined()
    expect(breaker.isClosed).toBe(true)
    fail(2)
    expect(breaker.answer(target, '')).toBeUndefined()
  })
})

describe('a host that refused', () => {
  test('the credential is asked once in half a minute: accounts get locked', async () => {
    fail(1, failure('host_auth_failed'))
    await clock.advance(29_999)
    expect(breaker.answer(target, '')).toMatchObject({ code: 'host_auth_failed' })
    await clock.advance(1)
    expect(breaker.answer(target, '')).toBeUndefined()
  })

  test('to show a trusted key is asked at once when other keys are trusted', () => {
    fail(3, failure('host_key_unknown'))
    expect(breaker.answer(target, '')).toMatchObject({ code: 'host_key_unknown' })
    expect(breaker.answer(target, 'one more key')).toBeUndefined()
  })
})

test('a bridge that stops says nothing about the host', () => {
  fail(5, failure('shutting_down'))
  expect(breaker.isClosed).toBe(true)
})
