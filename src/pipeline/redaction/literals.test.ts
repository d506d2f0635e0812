import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Literal, Literals } from './literals.ts'

function found(literals: readonly Literal[], bytes: Buffer): string[] {
  const all: string[] = []
  new Literals(literals).each(bytes, (index, start) => all.push(`${index}@${start}`))
  return all.sort()
}

/** One string after the other, place by place. */
function foundSlowly(literals: readonly Literal[], bytes: Buffer): string[] {
  const all: string[] = []
  for (const [index, { bytes: wanted, ignoresCase }] of literals.entries())
    for (let start = 0; start + wanted.length <= bytes.length; start += 1) {
      const [one, other] = [bytes.toString('latin1', start, start + wanted.length), wanted.toString('latin1')]
      const folded = (text: string) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
      if (ignoresCase ? folded(one) === folded(other) : one === other) all.push(`${index}@${start}`)
    }
  return all.sort()
}

test('every place of every string is found, whatever their lengths, cases and overlaps', () => {
  const few = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '[', '{'), minLength: 2, maxLength: 12 })
  const bytes = fc
    .uint8Array({ minLength: 2, maxLength: 12 })
    .map((array) => Buffer.from(array).toString('latin1'))
  const literal = fc.record({ text: fc.oneof(few, bytes), ignoresCase: fc.boolean() })
  const text = fc.array(fc.oneof(few, bytes), { maxLength: 20 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(literal, { maxLength: 30 }), text, (wanted, around) => {
      const literals = wanted.map(({ text: one, ignoresCase }) => ({
        bytes: Buffer.from(one, 'latin1'),
        ignoresCase,
      }))
      const bytes = Buffer.from(
        around + wanted.map(({ text: one }) => one).join(around.slice(0, 3)),
        'latin1',
      )
      expect(found(literals, bytes)).toEqual(foundSlowly(literals, bytes))
    }),
    { numRuns: 300 },
  )
})

test('of no strings and in no bytes nothing is found', () => {
  expect(found([], Buffer.from('some text'))).toEqual([])
  expect(found([{ bytes: Buffer.from('text'), ignoresCase: false }], Buffer.alloc(0))).toEqual([])
})

test('a hundred thousand strings are looked for in one pass', () => {
  const literals = Array.from({ length: 100_000 }, (_, index) => ({
    bytes: Buffer.from(`secret-${index.toString(36)}-x`),
    ignoresCase: index % 2 === 0,
  }))
  const bytes = Buffer.from(
    `${'nothing in this line of text\n'.repeat(10_000)}SECRET-1a4-X secret-1a5-x SECRET-1a5-X`,
  )
  expect(found(literals, bytes)).toHaveLength(2)
})
