import type { Authentication, Authenticator, PresentedCredentials } from '../domain/authentication.ts'
import type { Principal } from '../domain/principal.ts'
import { checkApiKey } from './api-keys.ts'
import { parseBearer } from './bearer.ts'
import { Introspector } from './introspection.ts'
import { KeySource } from './key-source.ts'
import { acceptedAudiences } from './metadata.ts'
import { OwnKeys } from './own-keys.ts'
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

/**
 * Bad tokens of one address about which the issuer is asked, in a minute. Many people come from the addresses of a client in a cloud, each with a token that has
 * ended now and then.
 */
const BAD_TOKENS = 300

/** The beginning of a JSON object (`{"`, `{ `, `{` and a line break or tab) in base64url, then a dot. */
const LOOKS_LIKE_JWT = /^e[wy][A-Za-z0-9_-]*\./

/**
 * Bearer → Principal, for every HTTP door. What looks like a JWT is verified as one when OAuth is configured, everything else is
 * compared with the API keys; with only one of the two configured that one answers. What is neither is asked about at the issuer that has
 * `introspection`: a key never is. `resources` are this server's own addresses. Provider keys are fetched when the first token comes, not
 * before.
 */
export function createAuthenticator(
  settings: AuthSettings,
  resources: readonly string[],
  around: Surroundings,
): Authenticator {
  const { oauth, apiKeys } = settings
  const { clock } = around
  const throttle = new Throttle()
  const badTokens = new Throttle(BAD_TOKENS)
  const rules = new Map<string, TokenRules>(
    oauth?.issuers.map((one) => [
      one.issuer,
      {
        settings: one,
        audiences: acceptedAudiences(one.audience, resources),
        ...(around.own?.issuer === one.issuer
          ? { keys: new OwnKeys(around.own.keys), isKnown: around.own.isKnown }
          : { keys: new KeySource(one, around) }),
        clock,
      },
    ]),
  )
  const introspector = introspectorOf(rules, around)

  async function authenticate(presented: PresentedCredentials): Promise<Authentication> {
    if (oauth === undefined && apiKeys.length === 0) return { kind: 'accepted', principal: ANONYMOUS }
    const bearer = parseBearer(presented.authorization)
    if (bearer.kind === 'refused') return refuse(bearer.reason)
    const { token } = bearer
    if (oauth !== undefined && LOOKS_LIKE_JWT.test(token)) return verifyToken(token, rules)
    // guard: keys-are-not-introspected
    if (apiKeys.length > 0) return guarded(token, presented.remoteAddress)
    if (introspector !== undefined) return introspected(introspector, token, presented.remoteAddress)
    return opaque(token, () => verifyToken(token, rules))
  }

  /** One address that shows bad tokens without end must neither tire the issuer nor keep others from being asked about. */
  async function introspected(issuer: Introspector, token: string, address: string | undefined) {
    const known = issuer.known(token)
    if (known !== undefined) return known
    const waitMs = badTokens.waitMs(address, clock.monotonicMs())
    // guard: bad-tokens-by-address
    if (waitMs > 0) return refuse('too_many_failures', waitMs)
    const answer = await issuer.ask(token)
    const isBad = answer.kind === 'refused' && answer.code !== 'auth_unavailable'
    if (isBad) badTokens.failed(address, clock.monotonicMs())
    return answer
  }

  async function guarded(key: string, address: string | undefined): Promise<Authentication> {
    const nowMs = clock.monotonicMs()
    const waitMs = throttle.waitMs(address, nowMs)
    // Who holds a token that the issuer has just vouched for is not guessing.
    const known = waitMs > 0 ? introspector?.known(key) : undefined
    if (known?.kind === 'accepted') return known
    if (waitMs > 0) return refuse('too_many_failures', waitMs)
    const answer = await ask(key)
    // An expired key was right once: its owner is misled, not guessing. What could not be looked at is nobody's failure.
    const isGuess = answer.kind === 'refused' && GUESSES.has(answer.reason)
    if (isGuess) throttle.failed(address, clock.monotonicMs())
    return answer
  }

  async function ask(key: string): Promise<Authentication> {
    const answer = checkApiKey(key, apiKeys, clock.now())
    if (answer.kind === 'accepted' || answer.reason !== 'unknown_api_key' || oauth === undefined)
      return answer
    return introspector?.ask(key) ?? opaque(key, async () => answer)
  }

  return { authenticate }
}

const GUESSES: ReadonlySet<string> = new Set(['unknown_api_key', 'token_inactive', 'google_token'])

/** The one issuer that can be asked; the configuration has no second one, since an opaque token does not say whose it is. */
function introspectorOf(
  rules: ReadonlyMap<string, TokenRules>,
  around: Surroundings,
): Introspector | undefined {
  for (const one of rules.values())
    if (one.settings.introspection) return new Introspector(one, one.settings.introspection, around)
  return undefined
}

/** People who sign in with Google get one of these, and wonder. */
async function opaque(token: string, otherwise: () => Promise<Authentication>): Promise<Authentication> {
  return token.startsWith('ya29.') ? refuse('google_token') : otherwise()
}
