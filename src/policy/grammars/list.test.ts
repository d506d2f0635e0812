import { expect, test } from 'vitest'
import { namesOf } from '../grammar.ts'
import { grammarMistakes } from '../words/grammar-mistakes.ts'
import { BUILT_IN } from './list.ts'

test.each(BUILT_IN)('the grammar of $program has no mistake', (grammar) => {
  expect(grammarMistakes(grammar)).toEqual([])
})

test('each program has one grammar', () => {
  const names = BUILT_IN.flatMap(namesOf)
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})
