import type { Authentication, Authenticator, PresentedCredentials } from '../domain/authentication.ts'
import type { Principal } from '../domain/principal.ts'
import { checkApiKey } from './api-keys.ts'
import { parseBearer } from './bearer.ts'
import { KeySource } from './key-source.ts'
import { acceptedAudiences } from './metadata.ts'
import { refuse } from './refusals.ts'
import type { AuthSettings, Surroundings } from './settings.ts'
import { Throttle } from './throttle.ts'
import { type TokenRules, verifyToken } from './verify-token.ts'

/** On loopback with no authentication configured; the configuration refuses every other address without it. */
const ANONYMOUS: Principal = {
  issuer: 'none',
  subject: 'anonymous',
  method: 'none',
  groups: [],
  roles: [],
  scopes: 'all',
}

/** The beginning of a JSON object (`{"`, `{ `, `{` and a line break or tab) in base64url, then a dot. */
const LOOKS_LIKE_JWT = /^e[wy][A-Za-z0-9_-]*\./

/**
 * Bearer → Principal, for every HTTP door. What looks like a JWT is verified as one when OAuth is configured, everything else is
 * compared with the API keys; with only one of the two configured that one answers. `resources` are this server's own addresses.
 * Provider keys are fetched when the first token comes, not before.
 */
export function createAuthenticator(
  settings: AuthSettings,
  resources: readonly string[],
  around: Surroundings,
): Authenticator {
  const { oauth, apiKeys } = settings
  const throttle = new Throttle()
  const tokenRules: TokenRules | undefined = oauth && {
    settings: oauth,
    audiences: acceptedAudiences(oauth.audience, resources),
    keys: new KeySource(oauth, around),
    clock: around.clock,
  }

  async function authenticate(presented: PresentedCredentials): Promise<Authentication> {
    if (tokenRules === undefined && apiKeys.length === 0) return { kind: 'accepted', principal: ANONYMOUS }
    const bearer = parseBearer(presented.authorization)
    if (bearer.kind === 'refused') return refuse(bearer.reason)
    const isForOAuth = apiKeys.length === 0 || LOOKS_LIKE_JWT.test(bearer.token)
    return tokenRules !== undefined && isForOAuth
      ? verifyToken(bearer.token, tokenRules)
      : guarded(bearer.token, presented.remoteAddress)
  }

  function guarded(key: string, address: string | undefined): Authentication {
    const nowMs = around.clock.monotonicMs()
    const waitMs = throttle.waitMs(address, nowMs)
    if (waitMs > 0) return refuse('too_many_failures', waitMs)
    const answer = checkApiKey(key, apiKeys, around.clock.now())
    // An expired key was right once: its owner is misled, not guessing.
    if (answer.kind === 'refused' && answer.reason === 'unknown_api_key') throttle.failed(address, nowMs)
    return answer
  }

  return { authenticate }
}
