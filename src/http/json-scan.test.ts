import fc from 'fast-check'
import { expect, test } from 'vitest'
import { withRoom } from '../../test/kit/room.ts'
import { findJsonFault } from './json-scan.ts'

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test.each([
  ['nesting of 64 levels', nested(64)],
  ['the same member in two objects', '[{"a":1},{"a":2}]'],
  ['the same member in an object and the one inside', '{"a":{"a":1}}'],
  ['a value like a member name', '{"a":"b","b":"a"}'],
  ['brackets inside strings', JSON.stringify({ command: '[[[{{{'.repeat(100) })],
  ['quotes inside strings', JSON.stringify({ a: '","a":"', b: '\\' })],
  ['members that inherit nothing', '{"__proto__":1,"constructor":2}'],
  ['an array of equal strings', '["a","a","a"]'],
])('%s is fine', (_, text) => {
  expect(findJsonFault(text)).toBeUndefined()
})

test.each([
  ['nesting of 65 levels', nested(65), 'too_deep'],
  ['nesting of 10,000 levels', nested(10_000), 'too_deep'],
  ['10,000 levels that are never closed', '{"a":'.repeat(10_000), 'too_deep'],
  ['the same member twice', '{"host":"a","host":"b"}', 'duplicate_member'],
  ['the same member twice, once escaped', '{"host":"a","\\u0068ost":"b"}', 'duplicate_member'],
  [
    'the same member twice with other members and spaces',
    '{ "a" : 1, "b": [1], "a"\n: 2 }',
    'duplicate_member',
  ],
  ['the same member twice further inside', '[{"x":{"a":1,"b":{},"a":2}}]', 'duplicate_member'],
])('%s is refused', (_, text, fault) => {
  expect(findJsonFault(text)).toBe(fault)
})

test.each(['', '"', '"\\', '{"a', '}}]]', '{"a"::', '\u0000'])(
  'text that is no JSON (%j) is left to the parser',
  (text) => {
    expect(findJsonFault(text)).toBeUndefined()
  },
)

test('no value that a serializer writes is refused for duplicates', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      expect(findJsonFault(JSON.stringify(value))).toBeUndefined()
    }),
  )
})

test('a megabyte of strings takes milliseconds', () => {
  const text = JSON.stringify(Array.from({ length: 20_000 }, (_, n) => ({ [`name${n}`]: 'x'.repeat(40) })))
  const started = performance.now()
  expect(findJsonFault(text)).toBeUndefined()
  expect(performance.now() - started).toBeLessThan(withRoom(500))
})
