import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { SIGNATURE_ALGORITHMS } from '../oauth/read-token.ts'
import { outcomeOf, textIn } from './ask.ts'
import type { Check } from './check.ts'
import { failure, ok, type Said, warning } from './finding.ts'
import type { Look } from './look.ts'
import { isPlain } from './server-checks.ts'

/** RFC 7518 §3.3; what `oauth/key-source.ts` refuses. */
const MIN_RSA_BITS = 2048

/** The keys with which the authorization server signs, as the bridge fetches them. */
export const keyCheck: Check = {
  id: 'server-keys',
  of: 'issuer',
  title: 'Its keys can be fetched and used',
  means:
    'The bridge verifies each token with the keys at `jwks_uri`. Not reachable, no keys, keys that are too short or secret ones (HS256): every token is refused.',
  mend: 'Sign with RS256 or ES256 at the provider, with RSA keys of at least 2048 bits; let the bridge reach the address.',
  needs: ['server-document'],
  run: async (issuer, look) => {
    const url = await keysUrl(issuer, look)
    if (url === undefined)
      return failure(
        'The metadata does not say where the keys are.',
        'Write server.oauth.jwks_uri: the address of the keys (provider documentation: “JWKS”).',
      )
    if (isPlain(url))
      return failure(
        'The keys are fetched over plain http: whoever is on the way can put in their own.',
        'Let the authorization server publish an https jwks_uri, or write server.oauth.jwks_uri: https://…',
        url,
      )
    const reply = await look.get(url)
    const keys = reply.kind === 'answered' && reply.status === 200 ? reply.json?.keys : undefined
    if (!Array.isArray(keys))
      return failure(
        'The keys cannot be fetched.',
        `This has to show a key set: curl ${url}. Let the bridge reach it, or correct server.oauth.jwks_uri.`,
        outcomeOf(reply),
      )
    return keysSaid(
      keys.filter((key): key is JsonWebKey => typeof key === 'object' && key !== null),
      url,
    )
  },
}

async function keysUrl(issuer: string, look: Look): Promise<string | undefined> {
  const configured = look.oauth?.issuers.find((one) => one.issuer === issuer)?.jwksUri
  const named = configured ?? textIn((await look.server(issuer)).found?.document, 'jwks_uri')
  return named !== undefined && URL.canParse(named) ? named : undefined
}

function keysSaid(keys: readonly JsonWebKey[], url: string): Said[] {
  const faults = keys.map((key) => [String(key.kid ?? 'without kid'), faultOfKey(key)] as const)
  const usable = faults.filter(([, fault]) => fault === undefined)
  const unusable = faults.flatMap(([kid, fault]) => (fault === undefined ? [] : [`${kid}: ${fault}`]))
  if (usable.length === 0)
    return failure(
      keys.length === 0 ? 'There are no keys.' : 'None of the keys can be used.',
      'Sign with RS256 (RSA, 2048 bits or more) or ES256 at the provider.',
      unusable.length > 0 ? unusable.join('; ') : url,
    )
  // One that encrypts is nobody's mistake; a short one will fail whoever's token it signed.
  const weak = unusable.filter((text) => /bits/.test(text))
  if (weak.length > 0)
    return warning(
      'Tokens signed with some of the keys are refused.',
      'Replace these keys at the provider by RSA keys of 2048 bits or more.',
      weak.join('; '),
    )
  return ok(`${usable.length} ${usable.length === 1 ? 'key' : 'keys'} can be used.`)
}

function faultOfKey(key: JsonWebKey): string | undefined {
  if (key.kty === 'oct') return 'a shared secret, no public key'
  if (key.use !== undefined && key.use !== 'sig') return 'not for signatures'
  if (typeof key.alg === 'string' && !(SIGNATURE_ALGORITHMS as readonly string[]).includes(key.alg))
    return `${key.alg} is not accepted`
  try {
    const { modulusLength } = createPublicKey({ key, format: 'jwk' }).asymmetricKeyDetails ?? {}
    return modulusLength !== undefined && modulusLength < MIN_RSA_BITS ? `${modulusLength} bits` : undefined
  } catch {
    return 'it cannot be read'
  }
}
