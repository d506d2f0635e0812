import type { UnverifiedToken } from './read-token.ts'
import type { RefusalReason } from './refusals.ts'
import type { IssuerSettings, Provider } from './settings.ts'
import { isJsonObject, type JsonObject, ownMember } from './strict-json.ts'

/** What claims are compared with. */
export interface ClaimRules {
  readonly settings: IssuerSettings
  /** Any one of these in `aud` makes the token one for this server. */
  readonly audiences: ReadonlySet<string>
}

/** What is looked at of a token, or of an answer about one. */
type Unverified = Pick<UnverifiedToken, 'claims' | 'isDeclaredAccessToken'>

/** How far the clocks of issuer and bridge may be apart, seconds. */
const CLOCK_SKEW_S = 60

// The last instant a Date can hold; an expiry beyond it is not a time.
const MAX_TIME_S = 8_640_000_000_000

/**
 * Whether the claims are those of a current access token for this server; whose it is was looked at before. All of it is asked before the signature is: a refusal
 * needs no proof, costs no cryptography, and makes nobody fetch keys.
 */
export function checkClaims(
  token: Unverified,
  { audiences, settings }: ClaimRules,
  nowS: number,
): RefusalReason | undefined {
  const { claims } = token
  return (
    checkKind(token) ??
    checkAudience(claims, audiences, settings.provider) ??
    checkTimes(claims, nowS) ??
    checkLifetime(claims, settings.maxLifetimeMs) ??
    checkBinding(claims)
  )
}

/** RFC 7519 §4.1.3, with one difference: a token without an audience is for nobody. Compared as a whole, never as a prefix. */
function checkAudience(
  claims: JsonObject,
  accepted: ReadonlySet<string>,
  provider: Provider,
): RefusalReason | undefined {
  const audience = ownMember(claims, 'aud')
  const reason = wrongAudience(audience, accepted)
  // Without a mapper Keycloak names no audience, or only its own `account`.
  const isUnmapped = reason === 'no_audience' || isOnly(audience, 'account')
  return provider === 'keycloak' && reason !== undefined && isUnmapped ? 'no_audience_mapper' : reason
}

function isOnly(audience: unknown, name: string): boolean {
  return audience === name || (Array.isArray(audience) && audience.length === 1 && audience[0] === name)
}

function wrongAudience(audience: unknown, accepted: ReadonlySet<string>): RefusalReason | undefined {
  if (audience === undefined || audience === null) return 'no_audience'
  const named: readonly unknown[] = Array.isArray(audience) ? audience : [audience]
  if (named.some((one) => typeof one !== 'string')) return 'wrong_audience'
  return named.some((one) => typeof one === 'string' && accepted.has(one)) ? undefined : 'wrong_audience'
}

function checkTimes(claims: JsonObject, nowS: number): RefusalReason | undefined {
  const expiry = ownMember(claims, 'exp')
  if (!isTime(expiry)) return 'no_expiry'
  if (nowS >= expiry + CLOCK_SKEW_S) return 'token_expired'
  const notBefore = ownMember(claims, 'nbf')
  if (notBefore !== undefined && !isTime(notBefore)) return 'malformed_claim'
  if (notBefore !== undefined && notBefore > nowS + CLOCK_SKEW_S) return 'not_yet_valid'
  const issued = ownMember(claims, 'iat')
  if (issued !== undefined && !isTime(issued)) return 'malformed_claim'
  if (issued !== undefined && issued > nowS + CLOCK_SKEW_S) return 'issued_in_future'
  return undefined
}

/** A token that says not when it was issued could have any lifetime. */
function checkLifetime(claims: JsonObject, maxMs: number | undefined): RefusalReason | undefined {
  if (maxMs === undefined) return undefined
  const issued = ownMember(claims, 'iat')
  if (issued === undefined) return 'no_issue_time'
  // guard: max-lifetime
  return Number(ownMember(claims, 'exp')) - Number(issued) > maxMs / 1000 ? 'lifetime_too_long' : undefined
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_TIME_S
}

/** The same issuer and key sign other kinds of JWT too; none of them may pass for an access token (RFC 8725 §3.12). */
function checkKind(token: Unverified): RefusalReason | undefined {
  const { claims } = token
  // OpenID Connect Back-Channel Logout §2.4 and RFC 8417 §2.2: security events carry `events`, access tokens never do.
  if (Object.hasOwn(claims, 'events')) return 'logout_token'
  // RFC 7523 §3: a client that authenticates is issuer and subject of its own assertion.
  const issuer = ownMember(claims, 'iss')
  if (issuer !== undefined && ownMember(claims, 'sub') === issuer) return 'client_assertion'
  const type = declaredKind(claims)
  if (type !== undefined && !['bearer', 'jwt', 'at+jwt', 'access'].includes(type))
    return type === 'id' ? 'id_token' : 'wrong_token_type'
  return isIdToken(token) ? 'id_token' : undefined
}

/** Keycloak says the kind in `typ`, Cognito in `token_use`. */
function declaredKind(claims: JsonObject): string | undefined {
  const kind = ownMember(claims, 'typ') ?? ownMember(claims, 'token_use')
  return kind === undefined || kind === null ? undefined : String(kind).toLowerCase()
}

function isIdToken({ claims, isDeclaredAccessToken }: Unverified): boolean {
  // OpenID Connect Core §3.1.3.6, §3.3.2.11: only ID tokens hold hashes of their siblings.
  if (['at_hash', 'c_hash', 's_hash'].some((name) => Object.hasOwn(claims, name))) return true
  if (isDeclaredAccessToken || ['scope', 'scp', 'permissions'].some((name) => Object.hasOwn(claims, name)))
    return false
  if (Object.hasOwn(claims, 'nonce')) return true
  // The audience of an ID token is the client. An application may ask for itself (Entra app roles), but then its roles are there.
  const client = ownMember(claims, 'azp') ?? ownMember(claims, 'client_id')
  const isForClient = typeof client === 'string' && isOnly(ownMember(claims, 'aud'), client)
  return isForClient && !Object.hasOwn(claims, 'roles')
}

/** RFC 9449 §7.1, RFC 8705 §3: taking a key-bound token as a bearer token would let a thief use it. */
function checkBinding(claims: JsonObject): RefusalReason | undefined {
  const confirmation = ownMember(claims, 'cnf')
  if (confirmation === undefined) return undefined
  const isEmpty = isJsonObject(confirmation) && Object.keys(confirmation).length === 0
  return isEmpty ? undefined : 'sender_constrained'
}
