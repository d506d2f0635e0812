import { signTexts, signToken } from './fake-issuer.ts'
import type { TokenForge } from './token-forge.ts'

/** What it is, and how it is made. */
export type AcceptedToken = readonly [title: string, make: (forge: TokenForge) => string]

/** Access tokens that differ from the plainest one and are good all the same: the legal twins of `REFUSED_TOKENS`. */
export const ACCEPTED_TOKENS: readonly AcceptedToken[] = [
  ['RS256', (forge) => forge.good()],
  [
    'RS384',
    (forge) =>
      signTexts(forge.header({ alg: 'RS384' }), JSON.stringify(forge.claims()), forge.keys.rsa, 'RS384'),
  ],
  [
    'RS512',
    (forge) =>
      signTexts(forge.header({ alg: 'RS512' }), JSON.stringify(forge.claims()), forge.keys.rsa, 'RS512'),
  ],
  [
    'PS256',
    (forge) =>
      signTexts(forge.header({ alg: 'PS256' }), JSON.stringify(forge.claims()), forge.keys.rsa, 'PS256'),
  ],
  [
    'PS512',
    (forge) =>
      signTexts(forge.header({ alg: 'PS512' }), JSON.stringify(forge.claims()), forge.keys.rsa, 'PS512'),
  ],
  ['ES256', (forge) => signToken(forge.claims(), forge.keys.ec)],
  ['EdDSA', (forge) => signToken(forge.claims(), forge.keys.ed)],
  ['Ed25519, the newer name of it', (forge) => signToken(forge.claims(), forge.keys.ed, { alg: 'Ed25519' })],
  ['no kid where one key fits', (forge) => signToken(forge.claims(), forge.keys.ec, { kid: undefined })],
  ['typ at+jwt', (forge) => forge.good({ typ: 'at+jwt' })],
  ['typ application/AT+JWT', (forge) => forge.good({ typ: 'application/AT+JWT' })],
  ['typ JWT', (forge) => forge.good({ typ: 'JWT' })],
  ['Keycloak: typ Bearer in the claims', (forge) => forge.having({ typ: 'Bearer' })],
  [
    'key proposals in the header that are never read',
    (forge) => forge.good({ jku: 'https://x.test', x5c: ['AA'], x5t: 'A' }),
  ],
  [
    'one audience of several',
    (forge) => forge.having({ aud: ['https://other.example.com', forge.resource] }),
  ],
  ['the configured name as audience', (forge) => forge.having({ aud: 'api://bridge' })],
  ['the address with /mcp as audience', (forge) => forge.having({ aud: `${forge.resource}/mcp` })],
  ['the address with a slash as audience', (forge) => forge.having({ aud: `${forge.resource}/` })],
  [
    'expired less than 60 s ago: clocks differ',
    (forge) => forge.having({ exp: forge.nowS - 60 + forge.marginS }),
  ],
  ['valid in 60 s: clocks differ', (forge) => forge.having({ nbf: forge.nowS + 60 })],
  ['issued in 60 s: clocks differ', (forge) => forge.having({ iat: forge.nowS + 60 })],
  ['fractions of a second', (forge) => forge.having({ exp: forge.nowS + 0.5, iat: forge.nowS - 0.5 })],
  ['no iat', (forge) => forge.having({ iat: undefined })],
  ['a lifetime of 100 years', (forge) => forge.having({ exp: forge.nowS + 3_155_760_000 })],
  [
    'a nonce, where the header says at+jwt',
    (forge) => signToken(forge.claims({ nonce: 'n' }), forge.keys.rsa, { typ: 'at+jwt' }),
  ],
  [
    'a client as its own audience, with scopes',
    (forge) => forge.having({ aud: 'api://bridge', azp: 'api://bridge' }),
  ],
  ['an empty confirmation', (forge) => forge.having({ cnf: {} })],
  ['an Emoji name', (forge) => forge.having({ name: 'Zoë 🌍' })],
  [
    'the same member name at different places',
    (forge) => forge.withText((text) => text.replace('}', ',"act":{"sub":"x"}}')),
  ],
  [
    'a claim that sets __proto__',
    (forge) => forge.withText((text) => text.replace('{', '{"__proto__":{"sub":"root"},')),
  ],
  ['a subject of 255 characters', (forge) => forge.having({ sub: 's'.repeat(255) })],
]
