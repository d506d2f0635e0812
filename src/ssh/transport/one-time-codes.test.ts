import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { totp } from '../../lib/totp.ts'
import { OneTimeCodes } from './one-time-codes.ts'

/** RFC 6238 appendix B: `12345678901234567890`, of which the shorter codes are the last digits. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

describe('a one-time code', () => {
  test.each([
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ])('at %i s is the one of RFC 6238', (seconds, code) => {
    const step = Math.floor(seconds / 30)
    expect(totp(SECRET, step, 8)).toBe(code)
    expect(totp(SECRET, step)).toBe(code.slice(-6))
  })

  test('is the same for a secret in lower case, in groups and with padding', () => {
    expect(totp(' gezd gnbv-gy3t qojq gezd gnbv gy3t qojq====', 1)).toBe(totp(SECRET, 1))
  })

  test('is given once: who comes in the same 30 s waits for the next', async () => {
    const clock = new ManualClock()
    const codes = new OneTimeCodes(clock)
    const step = clock.now().getTime() / 30_000
    const signal = new AbortController().signal
    expect(await codes.next(SECRET, signal)).toBe(totp(SECRET, step))
    let second: string | undefined
    const waiting = codes.next(SECRET, signal).then((code) => {
      second = code
    })
    await clock.advance(29_999)
    expect(second).toBeUndefined()
    await clock.advance(1)
    await waiting
    expect(second).toBe(totp(SECRET, step + 1))
    // The legal twin: another secret waits for nobody.
    expect(await codes.next('JBSWY3DPEHPK3PXP', signal)).toMatch(/^\d{6}$/)
  })

  test('that nobody waits for any longer is not used up', async () => {
    const clock = new ManualClock()
    const codes = new OneTimeCodes(clock)
    const signal = new AbortController().signal
    await codes.next(SECRET, signal)
    const impatient = new AbortController()
    const waiting = codes.next(SECRET, impatient.signal)
    impatient.abort(new Error('out of time'))
    await expect(waiting).rejects.toThrow('out of time')
    await clock.advance(30_000)
    expect(await codes.next(SECRET, signal)).toBe(totp(SECRET, clock.now().getTime() / 30_000))
  })
})
