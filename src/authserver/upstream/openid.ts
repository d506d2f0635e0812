import type { ClientAuth, Configuration } from 'openid-client'
import type { JsonObject } from '../../lib/claim-path.ts'
import { ownMember, readClaim } from '../../lib/claim-path.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Fetch } from '../../outbound/fetch.ts'
import { DIALECTS, type Dialect } from './dialects.ts'
import { explain } from './explain.ts'
import { readLearnt } from './read-learnt.ts'
import type { Begun, Learnt, Upstream, UpstreamProvider, UpstreamSettings } from './settings.ts'
import { wantsGroups } from './settings.ts'

type OpenIdSettings = UpstreamSettings & { readonly provider: Exclude<UpstreamProvider, 'github'> }
type Library = typeof import('openid-client')

/** Providers change their metadata rarely, and keys by `kid`, which the library asks for when it meets a new one. */
const METADATA_MS = 3_600_000

/**
 * A provider that speaks OpenID Connect: code flow with PKCE (RFC 7636), state, nonce, `iss` in the answer where it is announced
 * (RFC 9207), and the signature of the ID token although it comes over TLS. Its metadata is read with the first sign-in, not at start.
 */
export class OpenIdUpstream implements Upstream {
  readonly #settings: OpenIdSettings
  readonly #redirectUri: string
  readonly #fetch: Fetch
  readonly #clock: Clock
  #known: { readonly configuration: Promise<Configuration>; readonly untilMs: number } | undefined

  constructor(settings: OpenIdSettings, redirectUri: string, fetch: Fetch, clock: Clock) {
    this.#settings = settings
    this.#redirectUri = redirectUri
    this.#fetch = fetch
    this.#clock = clock
  }

  async begin({ state, nonce, verifier }: Begun, again: boolean): Promise<URL> {
    try {
      const library = await import('openid-client')
      return library.buildAuthorizationUrl(await this.#configuration(library), {
        redirect_uri: this.#redirectUri,
        scope: this.#scopes().join(' '),
        state,
        nonce,
        code_challenge: await library.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        ...(again && { prompt: this.#dialect.again }),
      })
    } catch (error) {
      throw this.#explained(error)
    }
  }

  async finish(search: string, { state, nonce, verifier }: Begun): Promise<Learnt> {
    try {
      const library = await import('openid-client')
      const configuration = await this.#configuration(library)
      const tokens = await library.authorizationCodeGrant(
        configuration,
        new URL(`${this.#redirectUri}${search}`),
        { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
      )
      const claims: JsonObject = { ...tokens.claims() }
      const more = this.#isComplete(claims)
        ? {}
        : await library.fetchUserInfo(configuration, tokens.access_token, String(claims.sub))
      return readLearnt({ ...more, ...claims }, this.#settings)
    } catch (error) {
      throw this.#explained(error)
    }
  }

  get #dialect(): Dialect {
    return DIALECTS[this.#settings.provider]
  }

  /** Kept for an hour, but not when it could not be read. */
  #configuration(library: Library): Promise<Configuration> {
    const nowMs = this.#clock.monotonicMs()
    if (this.#known !== undefined && nowMs < this.#known.untilMs) return this.#known.configuration
    const known = { configuration: this.#discover(library), untilMs: nowMs + METADATA_MS }
    this.#known = known
    known.configuration.catch(() => {
      if (this.#known === known) this.#known = undefined
    })
    return known.configuration
  }

  #discover(library: Library): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings
    const url = new URL(issuer)
    return library.discovery(url, clientId, undefined, authentication(library, clientSecret), {
      [library.customFetch]: (address, options) => this.#fetch(address, options as RequestInit),
      execute: [
        library.enableNonRepudiationChecks,
        // The configuration takes http for loopback only, and so does what asks the network.
        ...(url.protocol === 'http:' ? [library.allowInsecureRequests] : []),
      ],
    })
  }

  #scopes(): readonly string[] {
    const { scopes } = this.#settings
    if (scopes !== undefined) return [...new Set(['openid', ...scopes])]
    return ['openid', 'profile', 'email', ...(wantsGroups(this.#settings) ? this.#dialect.groupScopes : [])]
  }

  /** Whether all that matters is in the ID token. */
  #isComplete(claims: JsonObject): boolean {
    if (!this.#dialect.hasUserInfo) return true
    const { claims: places } = this.#settings
    const place = (what: string) => String(ownMember(places, what) ?? what)
    const needed = ['email', 'name', ...(wantsGroups(this.#settings) ? ['groups'] : [])]
    return needed.every((what) => readClaim(claims, place(what)) !== undefined)
  }

  #explained(error: unknown) {
    return explain(error, this.#settings.issuer, this.#redirectUri)
  }
}

/**
 * In the form where it is announced: in the header it is percent-encoded first (RFC 6749 §2.3.1), which some providers do not undo.
 * Without a word from the provider, in the header (OpenID Connect Discovery §3).
 */
function authentication(library: Library, secret: string): ClientAuth {
  return (server, client, body, headers) => {
    const isForm = server.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true
    const authenticate = isForm ? library.ClientSecretPost(secret) : library.ClientSecretBasic(secret)
    return authenticate(server, client, body, headers)
  }
}
