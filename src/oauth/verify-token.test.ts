import { createHmac, createPublicKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  encode,
  FakeIssuer,
  type IssuerKey,
  SILENT,
  signTexts,
  signToken,
} from '../../test/kit/fake-issuer.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { principalKey } from '../domain/principal.ts'
import { KeySource } from './key-source.ts'
import { acceptedAudiences, ownResources } from './metadata.ts'
import { verifyToken } from './verify-token.ts'

const RESOURCE = 'https://bridge.example.com'
const clock = new ManualClock()
const now = clock.now().getTime() / 1000

let issuer: FakeIssuer
let foreign: FakeIssuer
let rsa: IssuerKey
let ec: IssuerKey
let ed: IssuerKey
let weak: IssuerKey
let encryption: IssuerKey

beforeAll(async () => {
  issuer = await FakeIssuer.start()
  foreign = await FakeIssuer.start()
  rsa = issuer.addKey('rsa-1', 'RS256')
  ec = issuer.addKey('ec-1', 'ES256')
  ed = issuer.addKey('ed-1', 'EdDSA')
  weak = issuer.addKey('weak-1', 'RS256', 1024)
  encryption = issuer.addKey('enc-1', 'RS256')
  encryption.jwk.use = 'enc'
  const published = issuer.addKey('private-1', 'RS256')
  Object.assign(published.jwk, published.privateKey.export({ format: 'jwk' }))
  foreign.addKey('rsa-1', 'RS256')
})

afterAll(async () => {
  await issuer.close()
  await foreign.close()
})

function rulesFor(one: FakeIssuer, issuerName = one.url): Parameters<typeof verifyToken>[1] {
  const settings = {
    issuer: issuerName,
    audience: [RESOURCE, 'api://bridge'],
    jwksUri: one.jwksUri,
    provider: 'generic',
    claims: {},
    scopesSupported: ['mcp:execute'],
  } as const
  return {
    settings,
    audiences: acceptedAudiences(settings.audience, ownResources(RESOURCE)),
    keys: new KeySource(settings, { clock, log: SILENT }),
    clock,
  }
}

/** Claims of a good token, with changes; undefined takes a claim away. */
function claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const good = {
    iss: issuer.url,
    aud: RESOURCE,
    sub: 'user-1',
    iat: now - 5,
    exp: now + 300,
    scope: 'mcp:execute',
  }
  return { ...good, ...changes }
}

const header = (changes: Record<string, unknown> = {}): string =>
  JSON.stringify({ alg: 'RS256', kid: 'rsa-1', ...changes })
const good = (headerChanges: Record<string, unknown> = {}): string => signToken(claims(), rsa, headerChanges)
const having = (changes: Record<string, unknown>): string => signToken(claims(changes), rsa)
/** The claims as text, so that numbers and members can be written as JSON.stringify would not. */
const withText = (change: (text: string) => string): string =>
  signTexts(header(), change(JSON.stringify(claims())), rsa)

function hmac(secret: string | Buffer, alg = 'HS256'): string {
  const input = `${encode(JSON.stringify({ alg, kid: 'rsa-1' }))}.${encode(JSON.stringify(claims()))}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

function unsigned(alg: string): string {
  return `${encode(JSON.stringify({ alg }))}.${encode(JSON.stringify(claims()))}.`
}

/** The token with its `index`th part changed. */
function part(token: string, index: number, change: (text: string) => string): string {
  return token
    .split('.')
    .map((text, at) => (at === index ? change(text) : text))
    .join('.')
}

const accepted: [string, () => string][] = [
  ['RS256', () => good()],
  ['RS384', () => signTexts(header({ alg: 'RS384' }), JSON.stringify(claims()), rsa, 'RS384')],
  ['RS512', () => signTexts(header({ alg: 'RS512' }), JSON.stringify(claims()), rsa, 'RS512')],
  ['PS256', () => signTexts(header({ alg: 'PS256' }), JSON.stringify(claims()), rsa, 'PS256')],
  ['PS512', () => signTexts(header({ alg: 'PS512' }), JSON.stringify(claims()), rsa, 'PS512')],
  ['ES256', () => signToken(claims(), ec)],
  ['EdDSA', () => signToken(claims(), ed)],
  ['Ed25519, the newer name of it', () => signToken(claims(), ed, { alg: 'Ed25519' })],
  ['no kid where one key fits', () => signToken(claims(), ec, { kid: undefined })],
  ['typ at+jwt', () => good({ typ: 'at+jwt' })],
  ['typ application/AT+JWT', () => good({ typ: 'application/AT+JWT' })],
  ['typ JWT', () => good({ typ: 'JWT' })],
  ['Keycloak: typ Bearer in the claims', () => having({ typ: 'Bearer' })],
  [
    'key proposals in the header that are never read',
    () => good({ jku: 'https://x.test', x5c: ['AA'], x5t: 'A' }),
  ],
  ['one audience of several', () => having({ aud: ['https://other.example.com', RESOURCE] })],
  ['the configured name as audience', () => having({ aud: 'api://bridge' })],
  ['the address with /mcp as audience', () => having({ aud: `${RESOURCE}/mcp` })],
  ['the address with a slash as audience', () => having({ aud: `${RESOURCE}/` })],
  ['expired 59 s ago: clocks differ', () => having({ exp: now - 59 })],
  ['valid in 60 s: clocks differ', () => having({ nbf: now + 60 })],
  ['issued in 60 s: clocks differ', () => having({ iat: now + 60 })],
  ['fractions of a second', () => having({ exp: now + 0.5, iat: now - 0.5 })],
  ['no iat', () => having({ iat: undefined })],
  ['a lifetime of 100 years', () => having({ exp: now + 3_155_760_000 })],
  ['a nonce, where the header says at+jwt', () => signToken(claims({ nonce: 'n' }), rsa, { typ: 'at+jwt' })],
  ['a client as its own audience, with scopes', () => having({ aud: 'api://bridge', azp: 'api://bridge' })],
  ['an empty confirmation', () => having({ cnf: {} })],
  ['an Emoji name', () => having({ name: 'Zoë 🌍' })],
  [
    'the same member name at different places',
    () => withText((text) => text.replace('}', ',"act":{"sub":"x"}}')),
  ],
  [
    'a claim that sets __proto__',
    () => withText((text) => text.replace('{', '{"__proto__":{"sub":"root"},')),
  ],
  ['a subject of 255 characters', () => having({ sub: 's'.repeat(255) })],
]

const refused: [string, string, () => string][] = [
  ['algorithm none', 'algorithm_not_allowed', () => unsigned('none')],
  ['algorithm None', 'algorithm_not_allowed', () => unsigned('None')],
  ['algorithm NONE', 'algorithm_not_allowed', () => unsigned('NONE')],
  ['algorithm nOnE with a signature', 'algorithm_not_allowed', () => good({ alg: 'nOnE' })],
  ['no algorithm', 'algorithm_not_allowed', () => good({ alg: undefined })],
  ['algorithm as a list', 'algorithm_not_allowed', () => good({ alg: ['RS256'] })],
  ['algorithm rs256', 'algorithm_not_allowed', () => good({ alg: 'rs256' })],
  ['algorithm ES256K', 'algorithm_not_allowed', () => good({ alg: 'ES256K' })],
  ['algorithm __proto__', 'algorithm_not_allowed', () => good({ alg: '__proto__' })],
  ['HS256 with the public key (PEM)', 'algorithm_not_allowed', () => hmac(pem())],
  ['HS256 with the public key (DER)', 'algorithm_not_allowed', () => hmac(der())],
  ['HS256 with the public key (JWK)', 'algorithm_not_allowed', () => hmac(JSON.stringify(rsa.jwk))],
  ['HS512', 'algorithm_not_allowed', () => hmac('secret', 'HS512')],

  ['an empty signature', 'malformed_token', () => part(good(), 2, () => '')],
  ['a truncated signature', 'bad_signature', () => part(good(), 2, (text) => text.slice(0, 100))],
  ['a flipped bit in the signature', 'bad_signature', () => part(good(), 2, flip)],
  [
    'a signature of another token',
    'bad_signature',
    () => part(good(), 2, () => having({ x: 1 }).split('.')[2] ?? ''),
  ],
  [
    'changed claims',
    'bad_signature',
    () => part(good(), 1, () => encode(JSON.stringify(claims({ sub: 'root' })))),
  ],
  ['a changed header', 'bad_signature', () => part(good(), 0, () => encode(header({ x: 1 })))],
  ['a key of the same id from somebody else', 'bad_signature', () => signToken(claims(), only(foreign))],
  [
    'RS256 said, PS256 done',
    'bad_signature',
    () => signTexts(header(), JSON.stringify(claims()), rsa, 'PS256'),
  ],
  [
    'an ES256 token with the id of an RSA key',
    'unknown_key',
    () => signToken(claims(), ec, { kid: 'rsa-1' }),
  ],
  [
    'an ES384 token with the id of a P-256 key',
    'unknown_key',
    () => signToken(claims(), ec, { alg: 'ES384' }),
  ],
  ['an RSA key of 1024 bits', 'weak_key', () => signToken(claims(), weak)],
  ['a key published for encryption', 'unknown_key', () => signToken(claims(), encryption)],
  ['a key whose private half is published', 'unusable_key', () => good({ kid: 'private-1' })],
  ['an unknown key id', 'unknown_key', () => good({ kid: 'rsa-2' })],
  ['no key id where several keys fit', 'ambiguous_key', () => good({ kid: undefined })],
  ['a path as key id', 'unknown_key', () => good({ kid: '../../../../dev/null' })],
  ['SQL as key id', 'unknown_key', () => good({ kid: "x' UNION SELECT 'key" })],
  ['a key id that is not text', 'malformed_token', () => good({ kid: 1 })],
  ['a key id of 1 KB', 'malformed_token', () => good({ kid: 'k'.repeat(1024) })],
  [
    'its own key in jwk',
    'bad_signature',
    () => signToken(claims(), only(foreign), { jwk: only(foreign).jwk }),
  ],
  [
    'its own keys behind jku',
    'bad_signature',
    () => signToken(claims(), only(foreign), { jku: foreign.jwksUri }),
  ],
  [
    'its own keys behind x5u',
    'bad_signature',
    () => signToken(claims(), only(foreign), { x5u: foreign.jwksUri }),
  ],
  [
    'its own certificate in x5c',
    'unknown_key',
    () => signToken(claims(), only(foreign), { kid: 'z', x5c: ['MII'] }),
  ],

  ['an opaque token', 'opaque_token', () => 'h4xSr0pAqU3'],
  ['two parts', 'opaque_token', () => good().split('.').slice(0, 2).join('.')],
  ['four parts', 'malformed_token', () => `${good()}.AA`],
  [
    'an encrypted token',
    'encrypted_token',
    () => `${encode('{"alg":"RSA-OAEP","enc":"A256GCM"}')}.AA.AA.AA.AA`,
  ],
  ['an encryption header on a signed token', 'encrypted_token', () => good({ enc: 'A256GCM' })],
  ['a nested token', 'nested_token', () => good({ cty: 'JWT' })],
  ['an unknown critical extension', 'critical_header', () => good({ crit: ['exp'], exp: 1 })],
  ['an empty list of critical extensions', 'critical_header', () => good({ crit: [] })],
  ['an unencoded payload', 'critical_header', () => good({ b64: false })],
  ['padding', 'malformed_token', () => part(good(), 0, (text) => `${text}=`)],
  ['plain base64', 'malformed_token', () => part(good(), 2, (text) => `${text.slice(0, -4)}+/+/`)],
  ['stray bits at the end', 'malformed_token', () => part(good(), 2, strayBits)],
  [
    'a line break inside',
    'malformed_token',
    () => part(good(), 1, (text) => `${text.slice(0, 4)}\n${text.slice(4)}`),
  ],
  [
    'a header that is not JSON',
    'malformed_token',
    () => signTexts('alg=RS256', JSON.stringify(claims()), rsa),
  ],
  ['a header that is a list', 'malformed_token', () => signTexts('["RS256"]', JSON.stringify(claims()), rsa)],
  ['claims that are not an object', 'malformed_token', () => signTexts(header(), '"sub"', rsa)],
  ['claims with a byte order mark', 'malformed_token', () => withText((text) => `\ufeff${text}`)],
  ['claims that are not UTF-8', 'malformed_token', () => notUtf8()],
  [
    'two algorithms in the header',
    'duplicate_member',
    () => signTexts(header().replace('{', '{"alg":"none",'), '{}', rsa),
  ],
  ['two subjects', 'duplicate_member', () => withText((text) => text.replace('{', '{"sub":"root",'))],
  [
    'two subjects, one escaped',
    'duplicate_member',
    () => withText((text) => text.replace('{', '{"s\\u0075b":"root",')),
  ],
  [
    'two members of one name inside',
    'duplicate_member',
    () => withText((text) => text.replace('{', '{"a":[{"b":1,"b":2}],')),
  ],

  ['an issuer of another name', 'wrong_issuer', () => having({ iss: 'https://evil.example.com' })],
  ['an issuer with a slash', 'wrong_issuer', () => having({ iss: `${issuer.url}/` })],
  ['an issuer in upper case', 'wrong_issuer', () => having({ iss: issuer.url.toUpperCase() })],
  ['a list with the issuer', 'wrong_issuer', () => having({ iss: [issuer.url] })],
  ['no issuer', 'wrong_issuer', () => having({ iss: undefined })],
  ['no audience (Keycloak)', 'no_audience', () => having({ aud: undefined })],
  ['another audience', 'wrong_audience', () => having({ aud: 'https://other.example.com' })],
  ['a prefix of the audience', 'wrong_audience', () => having({ aud: 'https://bridge.example' })],
  ['a longer audience', 'wrong_audience', () => having({ aud: `${RESOURCE}.evil.test` })],
  ['an audience in another case', 'wrong_audience', () => having({ aud: RESOURCE.toUpperCase() })],
  ['an empty list of audiences', 'wrong_audience', () => having({ aud: [] })],
  ['an audience that is not text', 'wrong_audience', () => having({ aud: { toString: RESOURCE } })],
  ['a list with something else than text', 'wrong_audience', () => having({ aud: [RESOURCE, 1] })],

  ['expired 60 s ago', 'token_expired', () => having({ exp: now - 60 })],
  ['expired long ago', 'token_expired', () => having({ exp: 1 })],
  ['no expiry', 'no_expiry', () => having({ exp: undefined })],
  ['an expiry as text', 'no_expiry', () => having({ exp: String(now + 300) })],
  ['an expiry of NaN', 'malformed_token', () => withText((text) => text.replace(/"exp":\d+/, '"exp":NaN'))],
  ['an expiry of 1e999', 'no_expiry', () => withText((text) => text.replace(/"exp":\d+/, '"exp":1e999'))],
  ['an expiry in milliseconds beyond all dates', 'no_expiry', () => having({ exp: 1e15 })],
  ['a negative expiry', 'no_expiry', () => having({ exp: -1 })],
  ['valid in 61 s', 'not_yet_valid', () => having({ nbf: now + 61 })],
  ['a beginning as text', 'malformed_claim', () => having({ nbf: '0' })],
  ['issued in 61 s', 'issued_in_future', () => having({ iat: now + 61 })],
  ['an issue time as text', 'malformed_claim', () => having({ iat: 'now' })],

  ['an ID token by its Keycloak typ', 'id_token', () => having({ typ: 'ID' })],
  ['an ID token by its nonce', 'id_token', () => having({ nonce: 'n', scope: undefined })],
  ['an ID token by its at_hash', 'id_token', () => having({ at_hash: 'h' })],
  [
    'an ID token for an accepted client',
    'id_token',
    () => having({ aud: 'api://bridge', azp: 'api://bridge', scope: undefined }),
  ],
  ['an ID token by token_use', 'id_token', () => having({ token_use: 'id' })],
  ['a refresh token', 'wrong_token_type', () => having({ typ: 'Refresh' })],
  ['a logout token by its header', 'wrong_token_type', () => good({ typ: 'logout+jwt' })],
  [
    'a logout token by its events',
    'logout_token',
    () => having({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
  ],
  ['a client assertion', 'client_assertion', () => having({ sub: issuer.url })],
  ['a client assertion by its header', 'wrong_token_type', () => good({ typ: 'client-authentication+jwt' })],
  ['an identity assertion grant', 'wrong_token_type', () => good({ typ: 'oauth-id-jag+jwt' })],
  ['a DPoP proof', 'wrong_token_type', () => good({ typ: 'dpop+jwt' })],
  ['a type that is not text', 'wrong_token_type', () => good({ typ: 1 })],
  ['a token bound to a client key', 'sender_constrained', () => having({ cnf: { jkt: 'thumb' } })],

  ['no subject', 'bad_subject', () => having({ sub: undefined })],
  ['an empty subject', 'bad_subject', () => having({ sub: '' })],
  ['a blank subject', 'bad_subject', () => having({ sub: '  ' })],
  ['a subject of 10 KB', 'bad_subject', () => having({ sub: 's'.repeat(10_000) })],
  ['a subject that is a number', 'bad_subject', () => having({ sub: 42 })],
  ['a subject with a line break', 'bad_subject', () => having({ sub: 'user\nINFO User: root' })],
  [
    'a subject only in __proto__',
    'bad_subject',
    () => withText((text) => text.replace('"sub":', '"__proto__":{"sub":"root"},"x":')),
  ],
  ['groups left out of the token', 'groups_overage', () => having({ _claim_names: { groups: 'src1' } })],
  ['groups that are an object', 'malformed_claim', () => having({ groups: { admin: true } })],
  ['scopes that are a number', 'malformed_claim', () => having({ scp: 7 })],
]

function pem(): string {
  return createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'pem' }).toString()
}

function der(): Buffer {
  return createPublicKey(rsa.privateKey).export({ type: 'spki', format: 'der' })
}

function only(one: FakeIssuer): IssuerKey {
  const [key] = one.keys
  if (key === undefined) throw new Error('it has no key')
  return key
}

/** The claims with a byte in the middle of a text that no UTF-8 has; signed as they are. */
function notUtf8(): string {
  const bytes = Buffer.from(JSON.stringify(claims({ name: '?' })))
  bytes[bytes.indexOf('"?"') + 1] = 0xff
  return signTexts(header(), bytes, rsa)
}

function flip(text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  bytes.writeUInt8(bytes.readUInt8(7) ^ 1, 7)
  return encode(bytes)
}

/** 256 bytes leave four unused bits in the last character. */
function strayBits(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return text.slice(0, -1) + alphabet.charAt(alphabet.indexOf(text.slice(-1)) + 1)
}

describe('an access token is taken', () => {
  test.each(accepted)('%s', async (_, token) => {
    expect(await verifyToken(token(), rulesFor(issuer))).toMatchObject({
      kind: 'accepted',
      principal: { issuer: issuer.url, method: 'oauth' },
    })
  })

  test('with the person, the scopes and the time at which it ends', async () => {
    expect(await verifyToken(good(), rulesFor(issuer))).toEqual({
      kind: 'accepted',
      expiresAt: new Date((now + 300) * 1000),
      principal: {
        issuer: issuer.url,
        subject: 'user-1',
        method: 'oauth',
        groups: [],
        roles: [],
        scopes: new Set(['mcp:execute']),
      },
    })
  })
})

describe('a token is refused as invalid_token, with the reason for the audit', () => {
  test.each(refused)('%s: %s', async (_, reason, token) => {
    expect(await verifyToken(token(), rulesFor(issuer))).toEqual({
      kind: 'refused',
      code: 'unauthenticated',
      error: 'invalid_token',
      reason,
      description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{10,160}$/),
    })
  })

  test('and addresses of keys inside it are never asked', async () => {
    for (const name of ['jku', 'x5u'])
      await verifyToken(signToken(claims(), only(foreign), { [name]: foreign.jwksUri }), rulesFor(issuer))
    expect(foreign.requests).toEqual([])
  })

  test('before any key is fetched, when its form or its claims are wrong', async () => {
    const before = issuer.fetches
    const rules = rulesFor(issuer)
    for (const token of [unsigned('none'), having({ exp: 1 }), having({ iss: 'x' }), having({ aud: 'x' })])
      await verifyToken(token, rules)
    expect(issuer.fetches).toBe(before)
  })
})

test('the same subject from two issuers is two principals', async () => {
  const here = await verifyToken(good(), rulesFor(issuer))
  const there = await verifyToken(signToken(claims({ iss: foreign.url }), only(foreign)), rulesFor(foreign))
  if (here.kind !== 'accepted' || there.kind !== 'accepted') throw new Error('both are good')
  expect(here.principal.subject).toBe(there.principal.subject)
  expect(principalKey(here.principal)).not.toBe(principalKey(there.principal))
})

test('a token is verified within 2 ms, every time anew', async () => {
  const rules = rulesFor(issuer)
  const token = good({ typ: 'at+jwt' })
  for (let warm = 0; warm < 50; warm++) await verifyToken(token, rules)
  const started = process.hrtime.bigint()
  for (let round = 0; round < 200; round++) await verifyToken(token, rules)
  const eachMs = Number(process.hrtime.bigint() - started) / 1e6 / 200
  expect(eachMs).toBeLessThan(2)
})
