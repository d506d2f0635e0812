import { describe, expect, test } from 'vitest'
import { parseBearer } from './bearer.ts'
import { type RefusalReason, refuse } from './refusals.ts'

const accepted: [string, string, string][] = [
  ['the usual form', 'Bearer abc.def-ghi_~+/==', 'abc.def-ghi_~+/=='],
  ['the scheme in lower case', 'bearer abc', 'abc'],
  ['the scheme in upper case', 'BEARER abc', 'abc'],
  ['several spaces between', 'Bearer   abc', 'abc'],
  ['spaces around', ' Bearer abc ', 'abc'],
  ['a key chosen by a person', 'Bearer s3cr$t!:{x}', 's3cr$t!:{x}'],
  ['16 KB in all', `Bearer ${'a'.repeat(16 * 1024 - 7)}`, 'a'.repeat(16 * 1024 - 7)],
]

const refused: [string, readonly string[], RefusalReason][] = [
  ['no header', [], 'no_credentials'],
  ['an empty header', [''], 'no_credentials'],
  ['a blank header', ['   '], 'no_credentials'],
  ['Basic', ['Basic dXNlcjpwYXNz'], 'unsupported_scheme'],
  ['DPoP', ['DPoP abc'], 'unsupported_scheme'],
  ['a bare token', ['abc.def.ghi'], 'unsupported_scheme'],
  ['two headers', ['Bearer a', 'Bearer b'], 'several_credentials'],
  ['the same header twice', ['Bearer a', 'Bearer a'], 'several_credentials'],
  ['two headers of which one is empty', ['Bearer a', ''], 'several_credentials'],
  ['two in one header', ['Bearer a, Bearer b'], 'malformed_authorization'],
  ['two tokens with a comma', ['Bearer a,b'], 'malformed_authorization'],
  ['two tokens with a space', ['Bearer a b'], 'malformed_authorization'],
  ['the scheme alone', ['Bearer'], 'malformed_authorization'],
  ['the scheme and spaces', ['Bearer   '], 'malformed_authorization'],
  ['parameters instead of a token', ['Bearer token="abc"'], 'malformed_authorization'],
  ['a tab between', ['Bearer\tabc'], 'malformed_authorization'],
  ['a tab before', ['\tBearer abc'], 'malformed_authorization'],
  ['a folded line', ['Bearer abc\r\n def'], 'malformed_authorization'],
  ['a line break at the end', ['Bearer abc\n'], 'malformed_authorization'],
  ['a NUL', ['Bearer abc\u0000'], 'malformed_authorization'],
  ['a DEL', ['Bearer abc\u007f'], 'malformed_authorization'],
  ['letters beyond ASCII', ['Bearer ключ'], 'malformed_authorization'],
  ['a no-break space between', ['Bearer\u00a0abc'], 'malformed_authorization'],
  ['a scheme that is none', ['<Bearer> abc'], 'malformed_authorization'],
  ['64 KB', [`Bearer ${'a'.repeat(64 * 1024)}`], 'credentials_too_long'],
  ['one byte too many', [`Bearer ${'a'.repeat(16 * 1024 - 6)}`], 'credentials_too_long'],
]

describe('an Authorization header', () => {
  test.each(accepted)('is taken: %s', (_, value, token) => {
    expect(parseBearer([value])).toEqual({ kind: 'token', token })
  })

  test.each(refused)('is refused: %s', (_, values, reason) => {
    expect(parseBearer(values)).toEqual({ kind: 'refused', reason })
  })
})

test('what is malformed is a bad request, and nothing at all has no error code', () => {
  const malformed = { code: 'bad_request', error: 'invalid_request' }
  expect(refuse('malformed_authorization')).toMatchObject(malformed)
  expect(refuse('several_credentials')).toMatchObject(malformed)
  expect(refuse('credentials_too_long')).toMatchObject(malformed)
  for (const reason of ['no_credentials', 'unsupported_scheme'] as const) {
    expect(refuse(reason)).toMatchObject({ code: 'unauthenticated' })
    expect(refuse(reason)).not.toHaveProperty('error')
  }
})
