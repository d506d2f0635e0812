import type { RefusalReason } from '../../src/oauth/refusals.ts'
import { encode, signTexts, signToken } from './fake-issuer.ts'
import type { TokenForge } from './token-forge.ts'

/** What it is, the reason that the audit is told, and how it is made. */
export type RefusedToken = readonly [
  title: string,
  reason: RefusalReason,
  make: (forge: TokenForge) => string,
]

/** Tokens that are no proof of anything. All of them are `invalid_token` to the caller. */
export const REFUSED_TOKENS: readonly RefusedToken[] = [
  ['algorithm none', 'algorithm_not_allowed', (forge) => forge.unsigned('none')],
  ['algorithm None', 'algorithm_not_allowed', (forge) => forge.unsigned('None')],
  ['algorithm NONE', 'algorithm_not_allowed', (forge) => forge.unsigned('NONE')],
  ['algorithm nOnE with a signature', 'algorithm_not_allowed', (forge) => forge.good({ alg: 'nOnE' })],
  ['no algorithm', 'algorithm_not_allowed', (forge) => forge.good({ alg: undefined })],
  ['algorithm as a list', 'algorithm_not_allowed', (forge) => forge.good({ alg: ['RS256'] })],
  ['algorithm rs256', 'algorithm_not_allowed', (forge) => forge.good({ alg: 'rs256' })],
  ['algorithm ES256K', 'algorithm_not_allowed', (forge) => forge.good({ alg: 'ES256K' })],
  ['algorithm __proto__', 'algorithm_not_allowed', (forge) => forge.good({ alg: '__proto__' })],
  ['HS256 with the public key (PEM)', 'algorithm_not_allowed', (forge) => forge.hmac(forge.pem())],
  ['HS256 with the public key (DER)', 'algorithm_not_allowed', (forge) => forge.hmac(forge.der())],
  [
    'HS256 with the public key (JWK)',
    'algorithm_not_allowed',
    (forge) => forge.hmac(JSON.stringify(forge.keys.rsa.jwk)),
  ],
  ['HS512', 'algorithm_not_allowed', (forge) => forge.hmac('secret', 'HS512')],

  ['an empty signature', 'malformed_token', (forge) => part(forge.good(), 2, () => '')],
  ['a truncated signature', 'bad_signature', (forge) => part(forge.good(), 2, (text) => text.slice(0, 100))],
  ['a flipped bit in the signature', 'bad_signature', (forge) => part(forge.good(), 2, flip)],
  [
    'a signature of another token',
    'bad_signature',
    (forge) => part(forge.good(), 2, () => forge.having({ x: 1 }).split('.')[2] ?? ''),
  ],
  [
    'changed claims',
    'bad_signature',
    (forge) => part(forge.good(), 1, () => encode(JSON.stringify(forge.claims({ sub: 'root' })))),
  ],
  [
    'a changed header',
    'bad_signature',
    (forge) => part(forge.good(), 0, () => encode(forge.header({ x: 1 }))),
  ],
  [
    'a key of the same id from somebody else',
    'bad_signature',
    (forge) => signToken(forge.claims(), forge.foreignKey),
  ],
  [
    'RS256 said, PS256 done',
    'bad_signature',
    (forge) => signTexts(forge.header(), JSON.stringify(forge.claims()), forge.keys.rsa, 'PS256'),
  ],
  [
    'an ES256 token with the id of an RSA key',
    'unknown_key',
    (forge) => signToken(forge.claims(), forge.keys.ec, { kid: 'rsa-1' }),
  ],
  [
    'an ES384 token with the id of a P-256 key',
    'unknown_key',
    (forge) => signToken(forge.claims(), forge.keys.ec, { alg: 'ES384' }),
  ],
  ['an RSA key of 1024 bits', 'weak_key', (forge) => signToken(forge.claims(), forge.keys.weak)],
  [
    'a key published for encryption',
    'unknown_key',
    (forge) => signToken(forge.claims(), forge.keys.encryption),
  ],
  ['a key whose private half is published', 'unusable_key', (forge) => forge.good({ kid: 'private-1' })],
  ['an unknown key id', 'unknown_key', (forge) => forge.good({ kid: 'rsa-2' })],
  ['no key id where several keys fit', 'ambiguous_key', (forge) => forge.good({ kid: undefined })],
  ['a path as key id', 'unknown_key', (forge) => forge.good({ kid: '../../../../dev/null' })],
  ['SQL as key id', 'unknown_key', (forge) => forge.good({ kid: "x' UNION SELECT 'key" })],
  ['a key id that is not text', 'malformed_token', (forge) => forge.good({ kid: 1 })],
  ['a key id of 1 KB', 'malformed_token', (forge) => forge.good({ kid: 'k'.repeat(1024) })],
  [
    'its own key in jwk',
    'bad_signature',
    (forge) => signToken(forge.claims(), forge.foreignKey, { jwk: forge.foreignKey.jwk }),
  ],
  [
    'its own keys behind jku',
    'bad_signature',
    (forge) => signToken(forge.claims(), forge.foreignKey, { jku: forge.foreign.jwksUri }),
  ],
  [
    'its own keys behind x5u',
    'bad_signature',
    (forge) => signToken(forge.claims(), forge.foreignKey, { x5u: forge.foreign.jwksUri }),
  ],
  [
    'its own certificate in x5c',
    'unknown_key',
    (forge) => signToken(forge.claims(), forge.foreignKey, { kid: 'z', x5c: ['MII'] }),
  ],

  ['an opaque token', 'opaque_token', () => 'h4xSr0pAqU3'],
  ['two parts', 'opaque_token', (forge) => forge.good().split('.').slice(0, 2).join('.')],
  ['four parts', 'malformed_token', (forge) => `${forge.good()}.AA`],
  [
    'an encrypted token',
    'encrypted_token',
    () => `${encode('{"alg":"RSA-OAEP","enc":"A256GCM"}')}.AA.AA.AA.AA`,
  ],
  ['an encryption header on a signed token', 'encrypted_token', (forge) => forge.good({ enc: 'A256GCM' })],
  ['a nested token', 'nested_token', (forge) => forge.good({ cty: 'JWT' })],
  ['an unknown critical extension', 'critical_header', (forge) => forge.good({ crit: ['exp'], exp: 1 })],
  ['an empty list of critical extensions', 'critical_header', (forge) => forge.good({ crit: [] })],
  ['an unencoded payload', 'critical_header', (forge) => forge.good({ b64: false })],
  ['padding', 'malformed_token', (forge) => part(forge.good(), 0, (text) => `${text}=`)],
  ['plain base64', 'malformed_token', (forge) => part(forge.good(), 2, (text) => `${text.slice(0, -4)}+/+/`)],
  ['stray bits at the end', 'malformed_token', (forge) => part(forge.good(), 2, strayBits)],
  [
    'a line break inside',
    'malformed_token',
    (forge) => part(forge.good(), 1, (text) => `${text.slice(0, 4)}\n${text.slice(4)}`),
  ],
  [
    'a header that is not JSON',
    'malformed_token',
    (forge) => signTexts('alg=RS256', JSON.stringify(forge.claims()), forge.keys.rsa),
  ],
  [
    'a header that is a list',
    'malformed_token',
    (forge) => signTexts('["RS256"]', JSON.stringify(forge.claims()), forge.keys.rsa),
  ],
  [
    'claims that are not an object',
    'malformed_token',
    (forge) => signTexts(forge.header(), '"sub"', forge.keys.rsa),
  ],
  ['claims with a byte order mark', 'malformed_token', (forge) => forge.withText((text) => `\ufeff${text}`)],
  ['claims that are not UTF-8', 'malformed_token', (forge) => forge.notUtf8()],
  [
    'two algorithms in the header',
    'duplicate_member',
    (forge) => signTexts(forge.header().replace('{', '{"alg":"none",'), '{}', forge.keys.rsa),
  ],
  [
    'two subjects',
    'duplicate_member',
    (forge) => forge.withText((text) => text.replace('{', '{"sub":"root",')),
  ],
  [
    'two subjects, one escaped',
    'duplicate_member',
    (forge) => forge.withText((text) => text.replace('{', '{"s\\u0075b":"root",')),
  ],
  [
    'two members of one name inside',
    'duplicate_member',
    (forge) => forge.withText((text) => text.replace('{', '{"a":[{"b":1,"b":2}],')),
  ],

  ['an issuer of another name', 'wrong_issuer', (forge) => forge.having({ iss: 'https://evil.example.com' })],
  ['an issuer with a slash', 'wrong_issuer', (forge) => forge.having({ iss: `${forge.issuer.url}/` })],
  [
    'an issuer in upper case',
    'wrong_issuer',
    (forge) => forge.having({ iss: forge.issuer.url.toUpperCase() }),
  ],
  ['a list with the issuer', 'wrong_issuer', (forge) => forge.having({ iss: [forge.issuer.url] })],
  ['no issuer', 'wrong_issuer', (forge) => forge.having({ iss: undefined })],
  ['no audience (Keycloak)', 'no_audience', (forge) => forge.having({ aud: undefined })],
  ['another audience', 'wrong_audience', (forge) => forge.having({ aud: 'https://other.example.com' })],
  [
    'a prefix of the audience',
    'wrong_audience',
    (forge) => forge.having({ aud: forge.resource.slice(0, -4) }),
  ],
  ['a longer audience', 'wrong_audience', (forge) => forge.having({ aud: `${forge.resource}.evil.test` })],
  [
    'an audience in another case',
    'wrong_audience',
    (forge) => forge.having({ aud: forge.resource.toUpperCase() }),
  ],
  ['an empty list of audiences', 'wrong_audience', (forge) => forge.having({ aud: [] })],
  [
    'an audience that is not text',
    'wrong_audience',
    (forge) => forge.having({ aud: { toString: forge.resource } }),
  ],
  [
    'a list with something else than text',
    'wrong_audience',
    (forge) => forge.having({ aud: [forge.resource, 1] }),
  ],

  ['expired 60 s ago', 'token_expired', (forge) => forge.having({ exp: forge.nowS - 60 })],
  ['expired long ago', 'token_expired', (forge) => forge.having({ exp: 1 })],
  ['no expiry', 'no_expiry', (forge) => forge.having({ exp: undefined })],
  ['an expiry as text', 'no_expiry', (forge) => forge.having({ exp: String(forge.nowS + 300) })],
  [
    'an expiry of NaN',
    'malformed_token',
    (forge) => forge.withText((text) => text.replace(/"exp":\d+/, '"exp":NaN')),
  ],
  [
    'an expiry of 1e999',
    'no_expiry',
    (forge) => forge.withText((text) => text.replace(/"exp":\d+/, '"exp":1e999')),
  ],
  ['an expiry in milliseconds beyond all dates', 'no_expiry', (forge) => forge.having({ exp: 1e15 })],
  ['a negative expiry', 'no_expiry', (forge) => forge.having({ exp: -1 })],
  [
    'valid in more than 60 s',
    'not_yet_valid',
    (forge) => forge.having({ nbf: forge.nowS + 60 + forge.marginS }),
  ],
  ['a beginning as text', 'malformed_claim', (forge) => forge.having({ nbf: '0' })],
  [
    'issued in more than 60 s',
    'issued_in_future',
    (forge) => forge.having({ iat: forge.nowS + 60 + forge.marginS }),
  ],
  ['an issue time as text', 'malformed_claim', (forge) => forge.having({ iat: 'now' })],

  ['an ID token by its Keycloak typ', 'id_token', (forge) => forge.having({ typ: 'ID' })],
  ['an ID token by its nonce', 'id_token', (forge) => forge.having({ nonce: 'n', scope: undefined })],
  ['an ID token by its at_hash', 'id_token', (forge) => forge.having({ at_hash: 'h' })],
  [
    'an ID token for an accepted client',
    'id_token',
    (forge) => forge.having({ aud: 'api://bridge', azp: 'api://bridge', scope: undefined }),
  ],
  ['an ID token by token_use', 'id_token', (forge) => forge.having({ token_use: 'id' })],
  ['a refresh token', 'wrong_token_type', (forge) => forge.having({ typ: 'Refresh' })],
  ['a logout token by its header', 'wrong_token_type', (forge) => forge.good({ typ: 'logout+jwt' })],
  [
    'a logout token by its events',
    'logout_token',
    (forge) => forge.having({ events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }),
  ],
  ['a client assertion', 'client_assertion', (forge) => forge.having({ sub: forge.issuer.url })],
  [
    'a client assertion by its header',
    'wrong_token_type',
    (forge) => forge.good({ typ: 'client-authentication+jwt' }),
  ],
  ['an identity assertion grant', 'wrong_token_type', (forge) => forge.good({ typ: 'oauth-id-jag+jwt' })],
  ['a DPoP proof', 'wrong_token_type', (forge) => forge.good({ typ: 'dpop+jwt' })],
  ['a type that is not text', 'wrong_token_type', (forge) => forge.good({ typ: 1 })],
  ['a token bound to a client key', 'sender_constrained', (forge) => forge.having({ cnf: { jkt: 'thumb' } })],

  ['no subject', 'bad_subject', (forge) => forge.having({ sub: undefined })],
  ['an empty subject', 'bad_subject', (forge) => forge.having({ sub: '' })],
  ['a blank subject', 'bad_subject', (forge) => forge.having({ sub: '  ' })],
  ['a subject of 10 KB', 'bad_subject', (forge) => forge.having({ sub: 's'.repeat(10_000) })],
  ['a subject that is a number', 'bad_subject', (forge) => forge.having({ sub: 42 })],
  ['a subject with a line break', 'bad_subject', (forge) => forge.having({ sub: 'user\nINFO User: root' })],
  [
    'a subject only in __proto__',
    'bad_subject',
    (forge) => forge.withText((text) => text.replace('"sub":', '"__proto__":{"sub":"root"},"x":')),
  ],
  [
    'groups left out of the token',
    'groups_overage',
    (forge) => forge.having({ _claim_names: { groups: 'src1' } }),
  ],
  ['groups that are an object', 'malformed_claim', (forge) => forge.having({ groups: { admin: true } })],
  ['scopes that are a number', 'malformed_claim', (forge) => forge.having({ scp: 7 })],
]

/** The token with its `index`th part changed. */
function part(token: string, index: number, change: (text: string) => string): string {
  return token
    .split('.')
    .map((text, at) => (at === index ? change(text) : text))
    .join('.')
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
