import { createHash } from 'node:crypto'
import type { Authentication } from '../domain/authentication.ts'
import { discoverAddress, messageOf } from './discovery.ts'
import { refuse } from './refusals.ts'
import type { IntrospectionSettings, Surroundings } from './settings.ts'
import { type JsonObject, ownMember, parseStrictJson } from './strict-json.ts'
import { acceptClaims, type TokenRules } from './verify-token.ts'

/** A token that was revoked works this much longer, and no longer than its own time. */
const ACCEPTED_MS = 30_000
/** So that a client that asks again and again with a bad token does not make the provider do so. */
const REFUSED_MS = 5_000
/** Answers remembered. The oldest is forgotten first. */
const MAX_ANSWERS = 1_000
/** Tokens asked about at the same time; each one only once. */
const MAX_ASKING = 16
const TELL_AGAIN_MS = 60_000

/**
 * Asks the issuer about tokens that are no JWTs (RFC 7662), as the client that the bridge is there. What it says is held to the same
 * rules as the claims of a JWT: issuer, audience, times, client, tenant. Answers are kept under the digest of the token, which is kept
 * nowhere itself. While the issuer cannot be asked, nobody is let in who was not asked about just now.
 */
export class Introspector {
  readonly #rules: Omit<TokenRules, 'keys'>
  readonly #settings: IntrospectionSettings
  readonly #around: Surroundings
  readonly #answers = new Map<string, { readonly answer: Authentication; readonly untilMs: number }>()
  readonly #asking = new Map<string, Promise<Authentication>>()
  #endpoint: URL | undefined
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(rules: Omit<TokenRules, 'keys'>, settings: IntrospectionSettings, around: Surroundings) {
    this.#rules = rules
    this.#settings = settings
    this.#around = around
  }

  /** What is known without asking. */
  known(token: string): Authentication | undefined {
    return this.#known(digestOf(token))
  }

  async ask(token: string): Promise<Authentication> {
    const digest = digestOf(token)
    const known = this.#known(digest)
    if (known !== undefined) return known
    const asked = this.#asking.get(digest)
    if (asked !== undefined) return asked
    if (this.#asking.size >= MAX_ASKING) return refuse('introspection_unavailable', 1_000)
    const asking = this.#ask(token)
      .then((answer) => this.#remember(digest, answer))
      .finally(() => this.#asking.delete(digest))
    this.#asking.set(digest, asking)
    return asking
  }

  #known(digest: string): Authentication | undefined {
    const found = this.#answers.get(digest)
    if (found === undefined || found.untilMs > this.#around.clock.monotonicMs()) return found?.answer
    this.#answers.delete(digest)
    return undefined
  }

  #remember(digest: string, answer: Authentication): Authentication {
    const { clock } = this.#around
    if (answer.kind === 'refused' && answer.code === 'auth_unavailable') return answer
    const leftMs = (answer.kind === 'accepted' && answer.expiresAt?.getTime()) || Number.POSITIVE_INFINITY
    const keepMs =
      answer.kind === 'refused' ? REFUSED_MS : Math.min(ACCEPTED_MS, leftMs - clock.now().getTime())
    if (keepMs > 0) this.#answers.set(digest, { answer, untilMs: clock.monotonicMs() + keepMs })
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > MAX_ANSWERS && oldest !== undefined) this.#answers.delete(oldest)
    return answer
  }

  async #ask(token: string): Promise<Authentication> {
    let claims: JsonObject
    try {
      claims = await this.#fetch(token)
    } catch (error) {
      this.#endpoint = undefined
      this.#tell(error)
      return refuse('introspection_unavailable', 1_000)
    }
    // guard: introspection-active
    if (ownMember(claims, 'active') !== true) return refuse('token_inactive')
    const { issuer } = this.#rules.settings
    // The answer comes from the issuer itself, which need not name itself (RFC 7662 §2.2); another one it must not name.
    if (Object.hasOwn(claims, 'iss') && ownMember(claims, 'iss') !== issuer) return refuse('wrong_issuer')
    return acceptClaims({ claims: withSubject(claims), isDeclaredAccessToken: false }, this.#rules)
  }

  async #fetch(token: string): Promise<JsonObject> {
    const { clientId, clientSecret, endpoint } = this.#settings
    const { issuer } = this.#rules.settings
    this.#endpoint ??=
      endpoint === undefined
        ? await discoverAddress(issuer, 'introspection_endpoint', this.#around)
        : new URL(endpoint)
    // RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
    const credentials = [clientId, clientSecret].map((part) =>
      new URLSearchParams({ _: part }).toString().slice(2),
    )
    const response = await this.#around.fetch(this.#endpoint, {
      method: 'POST',
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      redirect: 'error',
      headers: {
        accept: 'application/json',
        authorization: `Basic ${Buffer.from(credentials.join(':')).toString('base64')}`,
      },
    })
    const { host } = this.#endpoint
    if (response.status === 401)
      throw new Error(`${host} does not take the client_id and client_secret of the bridge`)
    if (response.status !== 200) throw new Error(`${host} answered with status ${response.status}`)
    const read = parseStrictJson(new Uint8Array(await response.arrayBuffer()))
    if (read.kind !== 'object' || typeof ownMember(read.object, 'active') !== 'boolean')
      throw new Error(`${host} answered with something that is no introspection response (RFC 7662)`)
    return read.object
  }

  /** Of one outage one line a minute, whatever comes meanwhile. */
  #tell(error: unknown): void {
    const nowMs = this.#around.clock.monotonicMs()
    if (nowMs - this.#toldMs < TELL_AGAIN_MS) return
    this.#toldMs = nowMs
    this.#around.log.warn('The identity provider cannot be asked about a token.', {
      issuer: this.#rules.settings.issuer,
      cause: error instanceof Error ? messageOf(error) : String(error),
    })
  }
}

/** With no person behind it the subject may be left out (RFC 7662 §2.2), and is the client then, as in a JWT (RFC 9068 §2.2). */
function withSubject(claims: JsonObject): JsonObject {
  const isClientAlone = !Object.hasOwn(claims, 'sub') && !Object.hasOwn(claims, 'username')
  return isClientAlone ? { ...claims, sub: ownMember(claims, 'client_id') } : claims
}

function digestOf(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex')
}
