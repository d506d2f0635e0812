import { compactVerify } from 'jose'
import type { Authentication } from '../domain/authentication.ts'
import type { Clock } from '../lib/clock.ts'
import { checkClaims, type Expected } from './check-claims.ts'
import type { KeySource } from './key-source.ts'
import { readPrincipal } from './read-principal.ts'
import { readToken, SIGNATURE_ALGORITHMS, type UnverifiedToken } from './read-token.ts'
import { type RefusalReason, refuse } from './refusals.ts'
import type { OAuthSettings } from './settings.ts'
import { ownMember } from './strict-json.ts'

/** What tokens are verified against. */
export interface TokenRules {
  readonly settings: OAuthSettings
  /** Any one of these in `aud` makes the token one for this server. */
  readonly audiences: ReadonlySet<string>
  readonly keys: KeySource
  readonly clock: Clock
}

/**
 * Verifies a JWT access token (RFC 9068, and what providers issue instead of it) and says who it speaks of. Nothing of a token is
 * remembered: form, claims, key and signature are checked on every request. Does not ask the issuer whether it was revoked.
 */
export async function verifyToken(text: string, rules: TokenRules): Promise<Authentication> {
  const read = readToken(text)
  if (read.kind === 'refused') return refuse(read.reason)
  const { token } = read

  const expected: Expected = { issuer: rules.settings.issuer, audiences: rules.audiences }
  const wrong = checkClaims(token, expected, rules.clock.now().getTime() / 1000)
  if (wrong !== undefined) return refuse(wrong)
  const found = readPrincipal(token.claims, rules.settings, rules.audiences)
  if (found.kind === 'refused') return refuse(found.reason)

  const answer = await rules.keys.find(token.alg, token.kid)
  if (answer.kind === 'unavailable') return refuse('keys_unavailable', answer.retryAfterMs)
  if (answer.kind === 'no_key') return refuse(answer.reason)
  const bad = await checkSignature(token, answer.key)
  if (bad !== undefined) return refuse(bad)

  return {
    kind: 'accepted',
    principal: found.principal,
    expiresAt: new Date(Number(ownMember(token.claims, 'exp')) * 1000),
  }
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
