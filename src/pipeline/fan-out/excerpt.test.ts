import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { excerptBytes, excerptOf, excerptText } from './excerpt.ts'

describe('an excerpt', () => {
  test('of a short text is the text', () => {
    expect(excerptText(excerptOf('up 3 days\n', 0, 100), 100)).toEqual({ text: 'up 3 days\n', isCut: false })
  })

  test('of a long text is its beginning and its end, with what is left out counted', () => {
    const excerpt = excerptOf(`${'a'.repeat(500)}${'z'.repeat(500)}`, 0, 100)
    expect(excerptText(excerpt, 100)).toEqual({
      text: `${'a'.repeat(50)}\n[... 900 of 1000 bytes left out here ...]\n${'z'.repeat(50)}`,
      isCut: true,
    })
  })

  test('can be cut again, and counts from the whole text still', () => {
    const excerpt = excerptOf(`${'a'.repeat(500)}${'z'.repeat(500)}`, 0, 100)
    expect(excerptText(excerpt, 20).text).toBe(
      `${'a'.repeat(10)}\n[... 980 of 1000 bytes left out here ...]\n${'z'.repeat(10)}`,
    )
    const whole = excerptOf('a'.repeat(30) + 'z'.repeat(30), 0, 100)
    expect(excerptText(whole, 20).text).toBe(
      `${'a'.repeat(10)}\n[... 40 of 60 bytes left out here ...]\n${'z'.repeat(10)}`,
    )
  })

  test('counts what was left out before too', () => {
    expect(excerptText(excerptOf('x'.repeat(200), 5_000, 100), 100).text).toContain('[... 4900 of 5000 bytes')
  })

  test('splits no character and never has more than it may', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 })
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 8, max: 200 }),
        fc.integer({ min: 8, max: 200 }),
        (whole, first, second) => {
          const excerpt = excerptOf(whole, 0, first)
          expect(excerptBytes(excerpt)).toBeLessThanOrEqual(Math.max(first, 0))
          const { text: shown, isCut } = excerptText(excerpt, second)
          expect(shown.isWellFormed()).toBe(true)
          expect(shown).not.toContain('\ufffd')
          expect(isCut).toBe(Buffer.byteLength(whole) > Math.min(first, second))
        },
      ),
    )
  })

  test('holds no reference to the long text it is of', () => {
    const before = memory()
    const excerpts = Array.from({ length: 400 }, (_, index) =>
      excerptOf(`${index}${'x'.repeat(500_000)}`, 0, 2_048),
    )
    expect(memory() - before).toBeLessThan(40_000_000)
    expect(excerpts).toHaveLength(400)
  })
})

/** 400 texts of 500 kB would be 200 MB; the collector runs on its own while they are made. */
function memory(): number {
  return process.memoryUsage().heapUsed
}
