import { expect, test } from 'vitest'
import { readChallenge } from './challenge-words.ts'

test.each([
  ['nothing', null, undefined],
  ['another scheme', 'Basic realm="x"', undefined],
  ['a scheme alone', 'Bearer', {}],
  ['quoted values', 'Bearer realm="a, b", scope="x y"', { realm: 'a, b', scope: 'x y' }],
  ['a bare value', 'Bearer error=invalid_token', { error: 'invalid_token' }],
  ['an escaped quote', 'Bearer realm="say \\"no\\""', { realm: 'say "no"' }],
  ['names in any case', 'bearer Resource_Metadata="https://a"', { resource_metadata: 'https://a' }],
  ['a second challenge behind it', 'Bearer scope="a", Bearer scope="b"', { scope: 'a' }],
  ['another scheme before it', 'Basic realm="x", Bearer scope="a"', { scope: 'a' }],
])('a challenge with %s', (_, value, words) => {
  expect(readChallenge(value)).toEqual(words)
})
