import { describe, expect, test } from 'vitest'
import { type Grammar, grammarsOf, namesOf } from '../../src/policy/grammar.ts'
import { BUILT_IN } from '../../src/policy/grammars/list.ts'
import { understand } from '../../src/policy/shell/understand.ts'
import { classOf } from './class-of-command.ts'

/** Of a program, by the first of its names: lines that only read, and lines that may do more. */
export type GrammarTable = Readonly<
  Record<string, { readonly reads: readonly string[]; readonly runs: readonly string[] }>
>

const KNOWN = grammarsOf(BUILT_IN)

/** Holds a family of grammars against a table that has a row for each of them. */
export function testGrammars(family: readonly Grammar[], table: GrammarTable): void {
  test('every program of the family has a row', () => {
    expect(Object.keys(table).sort()).toEqual(family.map((grammar) => namesOf(grammar)[0]).sort())
  })

  describe.each(Object.entries(table))('%s', (_, { reads, runs }) => {
    test.each(reads)('%s only reads', (line) => {
      const understanding = understand(line, KNOWN)
      expect(understanding).toMatchObject({ kind: 'understood' })
      expect(classOf(understanding), JSON.stringify(understanding)).toBe('read')
    })

    test.each(runs)('%s may do more', (line) => {
      expect(classOf(understand(line, KNOWN))).not.toBe('read')
    })
  })
}
