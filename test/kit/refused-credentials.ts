import type { RefusalReason } from '../../src/oauth/refusals.ts'
import { CI, MASTER, OLD, sha256, WRONG } from './api-keys.ts'
import { type Asked, EXECUTE } from './door.ts'

/** What it is, the status, the reason that the audit is told, and how it is asked. */
export type RefusedCredential = readonly [title: string, status: number, reason: RefusalReason, asked: Asked]

const AUTHORIZATION = 'Authorization: '
/** Sent as they are; `{token}` is a token that would be accepted. */
export const REFUSED_CREDENTIALS: readonly RefusedCredential[] = [
  ['no header', 401, 'no_credentials', {}],
  ['an empty header', 401, 'no_credentials', { headers: [AUTHORIZATION] }],
  ['Basic', 401, 'unsupported_scheme', { headers: ['Authorization: Basic dXNlcjpwYXNzd29yZA=='] }],
  ['DPoP', 401, 'unsupported_scheme', { headers: ['Authorization: DPoP {token}'] }],
  ['a bare token', 401, 'unsupported_scheme', { headers: ['Authorization: {token}'] }],
  ['a bare key', 401, 'unsupported_scheme', { headers: [`Authorization: ${MASTER}`] }],
  ['a cookie', 401, 'no_credentials', { headers: [`Cookie: access_token={token}; api_key=${MASTER}`] }],
  ['a key header of another product', 401, 'no_credentials', { headers: [`X-API-Key: ${MASTER}`] }],
  ['the header of proxies', 401, 'no_credentials', { headers: ['Proxy-Authorization: Bearer {token}'] }],
  ['a token in the query', 401, 'no_credentials', { path: '/mcp?access_token={token}' }],
  ['a key in the query', 401, 'no_credentials', { path: `/mcp?api_key=${MASTER}&token=${MASTER}` }],
  [
    'a token in a form',
    401,
    'no_credentials',
    { body: 'access_token={token}', contentType: 'application/x-www-form-urlencoded' },
  ],
  ['a token in the body', 401, 'no_credentials', { body: '{"access_token":"{token}"}' }],

  [
    'two headers',
    400,
    'several_credentials',
    { headers: ['Authorization: Bearer {token}', `Authorization: Bearer ${MASTER}`] },
  ],
  [
    'the same header twice',
    400,
    'several_credentials',
    { headers: ['Authorization: Bearer {token}', 'authorization: Bearer {token}'] },
  ],
  [
    'two headers, the second empty',
    400,
    'several_credentials',
    { headers: ['Authorization: Bearer {token}', AUTHORIZATION] },
  ],
  [
    'two in one header',
    400,
    'malformed_authorization',
    { headers: [`Authorization: Bearer {token}, Bearer ${MASTER}`] },
  ],
  [
    'two tokens with a comma',
    400,
    'malformed_authorization',
    { headers: [`Authorization: Bearer {token},${MASTER}`] },
  ],
  [
    'two tokens with a space',
    400,
    'malformed_authorization',
    { headers: [`Authorization: Bearer {token} ${MASTER}`] },
  ],
  ['the scheme alone', 400, 'malformed_authorization', { headers: ['Authorization: Bearer'] }],
  ['parameters', 400, 'malformed_authorization', { headers: ['Authorization: Bearer token="{token}"'] }],
  ['a tab between', 400, 'malformed_authorization', { headers: ['Authorization: Bearer\t{token}'] }],
  ['a tab inside', 400, 'malformed_authorization', { headers: [`Authorization: Bearer ${MASTER}\t{token}`] }],
  ['a no-break space', 400, 'malformed_authorization', { headers: ['Authorization: Bearer\u00a0{token}'] }],
  ['20 KB', 400, 'credentials_too_long', { headers: [`Authorization: Bearer ${'a'.repeat(20_000)}`] }],

  ['a wrong key', 401, 'unknown_api_key', { headers: [`Authorization: Bearer ${WRONG}`] }],
  [
    'the beginning of a key',
    401,
    'unknown_api_key',
    { headers: [`Authorization: Bearer ${MASTER.slice(0, -1)}`] },
  ],
  ['a key and more', 401, 'unknown_api_key', { headers: [`Authorization: Bearer ${MASTER}x`] }],
  [
    'a key in capitals',
    401,
    'unknown_api_key',
    { headers: [`Authorization: Bearer ${MASTER.toUpperCase()}`] },
  ],
  ['the hash of a key', 401, 'unknown_api_key', { headers: [`Authorization: Bearer ${sha256(CI)}`] }],
  ['the name of a key', 401, 'unknown_api_key', { headers: ['Authorization: Bearer api_key'] }],
  ['an expired key', 401, 'api_key_expired', { headers: [`Authorization: Bearer ${OLD}`] }],
  [
    'an unsigned token where there are keys too',
    401,
    'algorithm_not_allowed',
    { headers: ['Authorization: Bearer eyJhbGciOiJub25lIn0.e30.AA'] },
  ],
]

/** What is no HTTP, and is answered before anybody asks who it is. */
export const UNREADABLE_CREDENTIALS: readonly (readonly [title: string, status: number, line: string])[] = [
  ['64 KB', 431, `Authorization: Bearer ${'a'.repeat(64 * 1024)}`],
  ['a folded line', 400, 'Authorization: Bearer\r\n {token}'],
  ['a line break inside', 400, 'Authorization: Bearer abc\n{token}'],
  ['a NUL', 400, 'Authorization: Bearer {token}\u0000'],
]

/** Unusual forms that are right. */
export const ACCEPTED_CREDENTIALS: readonly (readonly [title: string, asked: Asked])[] = [
  ['a token', { headers: ['Authorization: Bearer {token}'] }],
  ['the scheme in lower case', { headers: ['Authorization: bearer {token}'] }],
  ['the scheme in capitals', { headers: ['authorization: BEARER {token}'] }],
  ['several spaces', { headers: ['Authorization:   Bearer   {token}  '] }],
  ['the one key', { headers: [`Authorization: Bearer ${MASTER}`] }],
  ['a named key', { headers: [`Authorization: bearer ${CI}`] }],
  ['a key, over REST', { ...EXECUTE, headers: [`Authorization: Bearer ${CI}`] }],
  [
    'a token, and a cookie that nobody looks at',
    { headers: ['Authorization: Bearer {token}', `Cookie: access_token=${WRONG}`] },
  ],
  [
    'a token, and another in the query that nobody looks at',
    { path: `/mcp?access_token=${WRONG}`, headers: ['Authorization: Bearer {token}'] },
  ],
]

export function withToken(asked: Asked, token: string): Asked {
  return JSON.parse(JSON.stringify(asked).replaceAll('{token}', token))
}

/** The keys and other secrets in the request itself, apart from the token. */
export function secretsIn(asked: Asked): string[] {
  const text = JSON.stringify(asked)
  return [MASTER, OLD, WRONG, sha256(CI), 'dXNlcjpwYXNzd29yZA==', 'a'.repeat(20_000)].filter((secret) =>
    text.includes(secret),
  )
}
