import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPattern, parseGlob } from '../../policy/hosts/glob.ts'
import { nameRanges } from './name-ranges.ts'

const cases: [about: string, names: string[], folded: string[]][] = [
  ['nothing', [], []],
  ['names without numbers', ['db', 'alpha'], ['alpha', 'db']],
  ['one name with a number', ['web-01'], ['web-01']],
  ['a run', ['web-01', 'web-02', 'web-03'], ['web-[01-03]']],
  ['a run with a gap, in any order', ['web-7', 'web-1', 'web-3', 'web-2'], ['web-[1-3,7]']],
  ['a run over a power of ten', ['n8', 'n9', 'n10', 'n11'], ['n[8-11]']],
  ['a padded run over a power of ten', ['n08', 'n09', 'n10'], ['n[08-10]']],
  ['padded and unpadded numbers', ['n1', 'n01', 'n2'], ['n[1,01,2]']],
  ['numbers in the middle', ['web1.eu', 'web2.eu', 'db1.eu'], ['db1.eu', 'web[1-2].eu']],
  ['the number that folds best', ['r1-n1', 'r1-n2', 'r2-n1'], ['r1-n[1-2]', 'r2-n1']],
  ['a rack in each name', ['rack1', 'rack2', 'x2y5', 'x3y5', 'x4y5'], ['rack[1-2]', 'x[2-4]y5']],
  ['numbers that are no count', ['n12345678901', 'n12345678902'], ['n12345678901', 'n12345678902']],
]

describe('names in one line', () => {
  test.each(cases)('%s', (_about, names, folded) => {
    expect(nameRanges(names)).toEqual(folded)
  })

  test('select exactly the names they stand for', () => {
    const name = fc
      .tuple(
        fc.constantFrom('a', 'b1-', '2c'),
        fc.nat(25),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom('', 'x', '.7'),
      )
      .map(([before, number, width, after]) => before + String(number).padStart(width, '0') + after)
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { maxLength: 40 }),
        fc.array(name, { maxLength: 20 }),
        (names, others) => {
          const entries = nameRanges(names)
          const selects = (text: string) =>
            entries.filter((entry) => (isPattern(entry) ? parseGlob(entry)?.(text) : entry === text)).length
          for (const one of names) expect(selects(one)).toBe(1)
          for (const one of others) expect(selects(one) > 0).toBe(names.includes(one))
        },
      ),
    )
  })

  test('5,000 of them are one entry', () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `web-${String(index).padStart(4, '0')}`)
    expect(nameRanges(names)).toEqual(['web-[0000-4999]'])
  })
})
