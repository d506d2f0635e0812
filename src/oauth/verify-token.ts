import { compactVerify } from 'jose'
import type { Authentication, AuthenticationRefused } from '../domain/authentication.ts'
import type { Principal } from '../domain/principal.ts'
import type { Clock } from '../lib/clock.ts'
import { type ClaimRules, checkClaims } from './check-claims.ts'
import { whyForeign } from './foreign-issuer.ts'
import type { KeyFinder } from './key-source.ts'
import { readPrincipal } from './read-principal.ts'
import { readToken, SIGNATURE_ALGORITHMS, type UnverifiedToken } from './read-token.ts'
import { type RefusalReason, refuse } from './refusals.ts'
import { ownMember } from './strict-json.ts'

/** What tokens of one issuer are verified against. */
export interface TokenRules extends ClaimRules {
  readonly keys: KeyFinder
  /** Of an issuer that can be asked at once whether somebody may still, with a token of that age. */
  readonly isKnown?: (subject: string, issuedS: number) => Promise<boolean>
  readonly clock: Clock
}

/**
 * Verifies a JWT access token (RFC 9068, and what providers issue instead of it) and says who it speaks of. The issuer that it names
 * chooses the rules, and nothing of another issuer's counts for it. Nothing of a token is remembered: form, claims, key and signature are
 * checked on every request. Does not ask the issuer whether it was revoked.
 */
export async function verifyToken(
  text: string,
  issuers: ReadonlyMap<string, TokenRules>,
): Promise<Authentication> {
  const read = readToken(text)
  if (read.kind === 'refused') return refuse(read.reason)
  const { token } = read
  const issuer = ownMember(token.claims, 'iss')
  const rules = typeof issuer === 'string' ? issuers.get(issuer) : undefined
  if (rules === undefined)
    return refuse(
      whyForeign(
        issuer,
        [...issuers.values()].map(({ settings }) => settings),
      ),
    )

  const found = acceptClaims(token, rules)
  if (found.kind === 'refused') return found
  const answer = await rules.keys.find(token.alg, token.kid)
  if (answer.kind === 'unavailable') return refuse('keys_unavailable', answer.retryAfterMs)
  if (answer.kind === 'no_key') return refuse(answer.reason)
  const bad = await checkSignature(token, answer.key)
  if (bad !== undefined) return refuse(bad)
  const { principal } = found
  const issuedS = Number(ownMember(token.claims, 'iat'))
  if (principal.isMachine === true || rules.isKnown === undefined) return found
  const isKnown = await rules.isKnown(principal.subject, issuedS).catch(() => undefined)
  // Nobody is let in whom nobody could look up, and nobody is called removed for that.
  if (isKnown === undefined) return refuse('people_unavailable', 1_000)
  // guard: removed-people-are-refused
  return isKnown ? found : refuse('person_removed')
}

/** Whoever the claims speak of, if they are those of a current access token for this server. Whether they are true is not looked at. */
export function acceptClaims(
  token: Pick<UnverifiedToken, 'claims' | 'isDeclaredAccessToken'>,
  rules: Omit<TokenRules, 'keys'>,
):
  | AuthenticationRefused
  | { readonly kind: 'accepted'; readonly principal: Principal; readonly expiresAt: Date } {
  const { settings, audiences, clock } = rules
  const wrong = checkClaims(token, rules, clock.now().getTime() / 1000)
  if (wrong !== undefined) return refuse(wrong)
  const found = readPrincipal(token.claims, settings, audiences)
  if (found.kind === 'refused') return refuse(found.reason)
  const expiresAt = new Date(Number(ownMember(token.claims, 'exp')) * 1000)
  return { kind: 'accepted', principal: found.principal, expiresAt }
}

async function checkSignature(
  token: UnverifiedToken,
  key: Parameters<typeof compactVerify>[1],
): Promise<RefusalReason | undefined> {
  try {
    await compactVerify(token.text, key, { algorithms: [...SIGNATURE_ALGORITHMS] })
    return undefined
  } catch {
    // Whatever jose has against it, the token is not proven; its form was checked before, so only the signature is left.
    return 'bad_signature'
  }
}
