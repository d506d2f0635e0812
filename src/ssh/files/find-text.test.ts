import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { applyPatch } from './apply-patch.ts'
import { applyReplacements } from './apply-replacements.ts'
import { placesOf } from './find-text.ts'

describe('finding a text', () => {
  test('gives all places, those too that overlap, whatever its length', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 300 })
    fc.assert(
      fc.property(few, fc.nat(200), fc.integer({ min: 1, max: 90 }), (text, at, length) => {
        const part = text.slice(at, at + length) || 'ab'
        const places: number[] = []
        for (let from = text.indexOf(part); from >= 0; from = text.indexOf(part, from + 1)) places.push(from)
        expect(placesOf(text, part)).toEqual(places)
      }),
    )
    expect(placesOf('a'.repeat(100), 'a'.repeat(98))).toEqual([0, 1, 2])
  })
})

/** Of what would take minutes, or all memory, in a naive way. */
describe('an edit made to take long', () => {
  const within = (work: () => unknown) => {
    const startedMs = systemClock.monotonicMs()
    const result = work()
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(8_000)
    return result
  }

  test('of a long text that is nearly everywhere ends soon', () => {
    const text = 'a'.repeat(4_000_000)
    const oldText = `${'a'.repeat(20_000)}b${'a'.repeat(20_000)}`
    const done = within(() => applyReplacements(text, [{ oldText, newText: '', all: false }]))
    expect(done).toMatchObject({ kind: 'mismatch' })
  })

  test('with a hint to look for in lines that are all alike ends soon', () => {
    const oldText = `${' x\n'.repeat(20_000)}y`
    const edits = [{ oldText, newText: '', all: false }]
    const done = within(() => applyReplacements('x\n'.repeat(500_000), edits))
    expect(done).toMatchObject({ kind: 'mismatch' })
  })

  test('of a patch for lines that are all alike ends soon, and one that gives its line is applied', () => {
    const [text, lines] = ['x\n'.repeat(500_000), 20_000]
    const hunk = (at: number, last: string) =>
      `--- a\n+++ b\n@@ -${at},${lines + 1} +${at},${lines + 1} @@\n${' x\n'.repeat(lines)}-${last}\n+z\n`
    expect(within(() => applyPatch(text, hunk(3, 'y')))).toMatchObject({
      kind: 'mismatch',
      reason: expect.stringContaining('give the right line'),
    })
    expect(within(() => applyPatch(text, hunk(3, 'x')))).toMatchObject({ kind: 'edited' })
  })

  test('that multiplies the text is refused before it is made, and one that fits is made', () => {
    const tenfold = { oldText: 'a', newText: 'a'.repeat(1_000), all: true }
    expect(applyReplacements('aaa', [tenfold, tenfold, tenfold, tenfold], 1_000_000)).toEqual({
      kind: 'too_long',
    })
    expect(applyReplacements('aaa', [tenfold], 3_000)).toEqual({ kind: 'edited', text: 'a'.repeat(3_000) })
  })

  test('replaces places of a long part that do not overlap, from the left', () => {
    const part = 'ab'.repeat(30)
    const edits = [{ oldText: part, newText: '$&', all: true }]
    expect(applyReplacements(`-${part}ab${part}-`, edits)).toEqual({ kind: 'edited', text: '-$&$&ab-' })
  })
})
