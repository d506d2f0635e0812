import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isPattern, parseGlob } from './glob.ts'

const cases: [pattern: string, matching: string[], other: string[]][] = [
  ['web-*', ['web-', 'web-1', 'web-a.b'], ['web', 'xweb-1', 'Web-1']],
  ['*', ['', 'anything'], []],
  ['w?b', ['web', 'wib'], ['wb', 'weeb']],
  ['*-db-*', ['eu-db-1', '-db-'], ['eu-db', 'db-1']],
  ['web-[12]', ['web-1', 'web-2'], ['web-3', 'web-12', 'web-']],
  ['web-[a-c]', ['web-a', 'web-c'], ['web-d', 'web-A', 'web--']],
  ['web-[!a-c]', ['web-d', 'web-1'], ['web-a', 'web-']],
  ['web-[^x]', ['web-y'], ['web-x']],
  ['[]x]', [']', 'x'], ['y']],
  ['[a-]', ['a', '-'], ['b']],
  ['web-[01-20]', ['web-01', 'web-09', 'web-20'], ['web-1', 'web-21', 'web-00', 'web-001', 'web-0']],
  [
    'web-[8-11].eu',
    ['web-8.eu', 'web-9.eu', 'web-10.eu', 'web-11.eu'],
    ['web-08.eu', 'web-12.eu', 'web-1.eu'],
  ],
  ['n[1-3,7]', ['n1', 'n3', 'n7'], ['n4', 'n1,', 'n']],
  ['n[0-9]', ['n0', 'n9'], ['n10', 'n']],
  ['n[35]', ['n3', 'n5'], ['n35']],
  ['n[35,37]', ['n35', 'n37'], ['n3', 'n36']],
  ['n[1-20]0', ['n10', 'n200'], ['n1', 'n0']],
  ['a.b', ['a.b'], ['axb']],
  ['a+(b)', ['a+(b)'], ['aab']],
]

describe('a glob', () => {
  test.each(cases)('%s matches what it says and nothing else', (pattern, matching, other) => {
    const glob = parseGlob(pattern)
    expect(matching.filter((text) => !glob?.(text))).toEqual([])
    expect(other.filter((text) => glob?.(text))).toEqual([])
  })

  test('with a bracket that is not closed, or holds nothing, is none', () => {
    for (const pattern of ['web-[', 'web-[12', 'web-[]', '[!]']) expect(parseGlob(pattern)).toBeUndefined()
  })

  test('takes time in proportion to pattern and text, whatever they are', () => {
    const hostile = parseGlob(`${'*a'.repeat(60)}*b`)
    expect(hostile?.('a'.repeat(5_000))).toBe(false)
    expect(hostile?.(`${'a'.repeat(5_000)}b`)).toBe(true)
  })

  test('means the same as the regular expression of its stars and question marks', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 })
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 })
    fc.assert(
      fc.property(letters, texts, (pattern, text) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`)
        expect(parseGlob(pattern)?.(text)).toBe(expression.test(text))
      }),
    )
  })

  test('is told apart from a name', () => {
    expect(['web-*', 'w?b', 'web-[1-2]'].every(isPattern)).toBe(true)
    expect(['web-1', 'a.b_c'].some(isPattern)).toBe(false)
  })
})
