import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import type { RefusalReason } from '../../src/oauth/refusals.ts'
import { CI, KEYS, MASTER, OLD, READER, sha256, WRONG } from '../kit/api-keys.ts'
import { type Asked, type Door, EXECUTE, headerOf, openDoor } from '../kit/door.ts'
import { challengeOf, expectDenied, expectNowhere, expectRan } from '../kit/door-verdicts.ts'
import { freePort } from '../kit/free-port.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { TokenForge } from '../kit/token-forge.ts'

let sshd: Sshd
let forge: TokenForge
/** OAuth and keys. */
let door: Door

beforeAll(async () => {
  sshd = await startSshd()
  const port = await freePort()
  forge = await TokenForge.start({ resource: `http://127.0.0.1:${port}`, clock: systemClock, marginS: 20 })
  const { issuer, resource } = forge
  const oauth = `  oauth: {enabled: true, issuer: "${issuer.url}", audience: "${resource}", jwks_uri: "${issuer.jwksUri}"}\n`
  door = await openDoor(sshd, oauth + KEYS, port)
})

afterAll(async () => {
  await door?.close()
  await forge?.close()
  await sshd?.stop()
})

const AUTHORIZATION = 'Authorization: '
/** Sent as they are; `{token}` is a token that would be accepted. */
const refused: [string, number, RefusalReason, Asked][] = [
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

describe('a credential in the wrong form or place is refused with its status, challenge and one record', () => {
  test.each(refused)('%s: %i', async (_, status, reason, asked) => {
    const token = forge.good()
    const happening = await door.ask(filled(asked, token))
    expect(happening.status).toBe(status)
    expect(headerOf(happening, 'www-authenticate')).toBe(challengeOf(door, reason))
    expectDenied(happening, reason)
    for (const secret of [token, ...presentedIn(asked)]) expectNowhere(door, happening, secret)
  })

  test.each([
    ['64 KB', 431, `Authorization: Bearer ${'a'.repeat(64 * 1024)}`],
    ['a folded line', 400, 'Authorization: Bearer\r\n {token}'],
    ['a line break inside', 400, 'Authorization: Bearer abc\n{token}'],
    ['a NUL', 400, 'Authorization: Bearer {token}\u0000'],
  ])('what is no HTTP is answered before anybody asks who it is: %s', async (_, status, line) => {
    const token = forge.good()
    const happening = await door.ask(filled({ headers: [line] }, token))
    expect(happening).toMatchObject({ status, records: [], connections: 0 })
    expectNowhere(door, happening, token)
  })

  test('and the metrics hold none of it either', async () => {
    const { status, body } = await door.ask({ method: 'GET', path: '/metrics' })
    expect(status).toBe(200)
    for (const secret of [MASTER, CI, READER, OLD, WRONG]) expect(body).not.toContain(secret)
  })
})

describe('a credential in an unusual form that is right runs the command', () => {
  test.each<[string, Asked]>([
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
  ])('%s', async (_, asked) => {
    const token = forge.good()
    const happening = await door.ask(filled(asked, token))
    expectRan(happening)
    for (const secret of [token, MASTER, CI, WRONG]) expectNowhere(door, happening, secret)
  })

  test('and the record says which key it was, not the key', async () => {
    const { records } = await door.present(CI)
    for (const { principal } of records)
      expect(principal).toMatchObject({ issuer: 'api-key', subject: 'ci', method: 'api_key' })
  })
})

function filled(asked: Asked, token: string): Asked {
  return JSON.parse(JSON.stringify(asked).replaceAll('{token}', token))
}

/** The keys and other secrets in the request itself, apart from the token. */
function presentedIn(asked: Asked): string[] {
  const text = JSON.stringify(asked)
  return [MASTER, OLD, WRONG, sha256(CI), 'dXNlcjpwYXNzd29yZA==', 'a'.repeat(20_000)].filter((secret) =>
    text.includes(secret),
  )
}
