import { describe, expect, test } from 'vitest'
import { redactorOf } from '../../../test/kit/redactors.ts'
import { systemClock } from '../../lib/clock.ts'
import { linePattern, search } from './search.ts'

const NO_SECRETS = redactorOf()
const COSTLY = '(?:[ab]{0,30}){0,30}\\d'

function searched(text: string, pattern: string, { offset = 0, clock = systemClock } = {}) {
  const bytes = Buffer.from(text)
  const output = {
    kept: () => bytes.length,
    read: async (_stream: string, from: number, length: number) => bytes.subarray(from, from + length),
  }
  const asked = { offset, length: 1_000, pattern: linePattern(pattern) }
  return search(output, NO_SECRETS, 'stdout', asked, true, clock)
}

describe('a search', () => {
  test('with a costly pattern leaves others their turns in the midst of a line, and finds what is there', async () => {
    let [longestMs, lastMs] = [0, systemClock.monotonicMs()]
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, systemClock.monotonicMs() - lastMs)
      lastMs = systemClock.monotonicMs()
    }, 5)
    const answer = await searched(`${'ab'.repeat(8_000)}\nab7\n`, COSTLY).finally(() => clearInterval(beat))
    // Where the machine is slow, what is left is for the next call.
    expect(answer.text === '' ? answer.nextOffset : answer.text).toBe(
      answer.text === '' ? 16_001 : '16001:ab7',
    )
    // In one go it takes more than a second.
    expect(longestMs).toBeLessThan(700)
  })

  test('refuses a pattern of nested counts that would take for ever, and takes usual ones', () => {
    expect(() => linePattern(COSTLY.repeat(3))).toThrow(/too large/)
    expect(() => linePattern('(?i)(?:error|warning): .{0,200} at \\d{4}-\\d{2}-\\d{2}')).not.toThrow()
  })

  test('that takes long ends after a while, and the next one goes on', async () => {
    let nowMs = 0
    const clock = {
      ...systemClock,
      monotonicMs: () => {
        nowMs += 1_500
        return nowMs
      },
    }
    const text = 'a\nb\na\n'
    expect(await searched(text, 'a', { clock })).toMatchObject({ text: '0:a', nextOffset: 4 })
    expect(await searched(text, 'a', { clock, offset: 4 })).toMatchObject({ text: '4:a', nextOffset: 6 })
  })

  test('looks at a line longer than a piece in all its pieces', async () => {
    expect(await searched(`${'x'.repeat(200_000)}needle\n`, 'needle')).toMatchObject({ matches: 1 })
  })
})
