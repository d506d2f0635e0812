import type { RefusalReason } from './refusals.ts'
import { type JsonObject, ownMember, parseStrictJson } from './strict-json.ts'

/**
 * Asymmetric only. With HS256 the public key would be the secret; `none` is no signature. Each name fixes the key type and curve
 * (RFC 7518 §3.1, RFC 8037, RFC 9864), which the choice of the key then enforces.
 */
export const SIGNATURE_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const

export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number]

/** A token whose form is right. Nothing in it is true yet. */
export interface UnverifiedToken {
  readonly text: string
  readonly alg: SignatureAlgorithm
  readonly kid: string | undefined
  /** The header says `at+jwt` (RFC 9068 §2.1): the issuer itself calls it an access token. */
  readonly isDeclaredAccessToken: boolean
  readonly claims: JsonObject
}

export type ReadToken =
  | { readonly kind: 'read'; readonly token: UnverifiedToken }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }

// Auth0, Entra and Okta do not say `at+jwt`, so `JWT` and nothing are taken too. Media types ignore case.
const DECLARED_ACCESS_TOKEN = new Set(['at+jwt', 'application/at+jwt'])
const ACCEPTED_TYPES = new Set([...DECLARED_ACCESS_TOKEN, 'jwt', 'application/jwt'])

const MAX_KID_LENGTH = 512

/** Checks the form of a JWT in compact serialization, before any cryptography and before any key is looked for. */
export function readToken(text: string): ReadToken {
  const parts = text.split('.')
  if (parts.length === 5) return refused('encrypted_token')
  const [headerPart, payloadPart, signaturePart] = parts
  if (headerPart === undefined || payloadPart === undefined || signaturePart === undefined)
    return refused('opaque_token')
  if (parts.length !== 3) return refused('malformed_token')

  const headerBytes = decode(headerPart)
  const payloadBytes = decode(payloadPart)
  if (headerBytes === undefined || payloadBytes === undefined) return refused('malformed_token')
  const header = parseStrictJson(headerBytes)
  if (header.kind !== 'object') return refused(reasonOf(header.kind))
  const wrong = checkHeader(header.object)
  if (wrong !== undefined) return refused(wrong)
  // After the header, so that an unsigned token is refused for its algorithm and not for its form.
  if (decode(signaturePart) === undefined) return refused('malformed_token')
  const claims = parseStrictJson(payloadBytes)
  if (claims.kind !== 'object') return refused(reasonOf(claims.kind))

  const kid = ownMember(header.object, 'kid')
  const alg = SIGNATURE_ALGORITHMS.find((known) => known === ownMember(header.object, 'alg'))
  if (alg === undefined) return refused('algorithm_not_allowed')
  return {
    kind: 'read',
    token: {
      text,
      alg,
      kid: typeof kid === 'string' ? kid : undefined,
      isDeclaredAccessToken: DECLARED_ACCESS_TOKEN.has(typeOf(header.object) ?? ''),
      claims: claims.object,
    },
  }
}

/**
 * `jku`, `x5u`, `jwk` and `x5c` are neither refused nor read: keys come from the configured issuer alone, whatever a token proposes
 * (RFC 8725 §3.10).
 */
function checkHeader(header: JsonObject): RefusalReason | undefined {
  const alg = ownMember(header, 'alg')
  if (!SIGNATURE_ALGORITHMS.some((known) => known === alg)) return 'algorithm_not_allowed'
  // RFC 7515 §4.1.11: an extension that is not understood must be refused, and none is understood. `b64` works only through `crit`.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) return 'critical_header'
  if (Object.hasOwn(header, 'enc')) return 'encrypted_token'
  if (/jwt$/i.test(String(ownMember(header, 'cty') ?? ''))) return 'nested_token'
  const kid = ownMember(header, 'kid')
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MAX_KID_LENGTH)) return 'malformed_token'
  const type = typeOf(header)
  return type === undefined || ACCEPTED_TYPES.has(type) ? undefined : 'wrong_token_type'
}

/** Undefined when the header has no `typ`; the empty string when it has one that is not text. */
function typeOf(header: JsonObject): string | undefined {
  const type = ownMember(header, 'typ')
  if (type === undefined) return undefined
  return typeof type === 'string' ? type.toLowerCase() : ''
}

/** Undefined unless the text is the one canonical base64url form of at least one byte: no padding, no stray bits, no other alphabet. */
function decode(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url')
  return part !== '' && bytes.toString('base64url') === part ? bytes : undefined
}

function reasonOf(kind: 'malformed' | 'duplicate_member'): RefusalReason {
  return kind === 'malformed' ? 'malformed_token' : kind
}

function refused(reason: RefusalReason): ReadToken {
  return { kind: 'refused', reason }
}
