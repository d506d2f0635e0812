import type { Configuration } from 'openid-client'
import type { SealedState } from '../domain/sealed-state.ts'
import type { Clock } from '../lib/clock.ts'
import { randomId, randomToken } from '../lib/ids.ts'

const KIND = 'console_sign_in'
/** Whoever takes longer begins again. */
export const SIGN_IN_S = 600
const METADATA_MS = 3_600_000
/** Sign-ins that are under way at the same time. */
const MOST = 2_000

/** The console as a client of the authorization server that its people use. */
export interface SignInSettings {
  readonly issuer: string
  readonly clientId: string
  /** Absent: a public client. */
  readonly clientSecret?: string
  /** As the provider knows them. */
  readonly scopes: readonly string[]
  /** More of the authorization request: `resource` (RFC 8707), `audience` where the provider wants that. */
  readonly parameters: Readonly<Record<string, string>>
}

export interface Tokens {
  readonly accessToken: string
  readonly refreshToken?: string
  readonly endsAtMs?: number
}

interface Begun {
  readonly verifier: string
  readonly state: string
  readonly redirectUri: string
  /** The page to go on to. */
  readonly to: string
}

/** Code flow with PKCE S256 (RFC 7636), state, and `iss` where it is announced (RFC 9207). Whoever is at it is known by a cookie until the answer. */
export class ConsoleSignIn {
  readonly #settings: () => SignInSettings | undefined
  readonly #state: SealedState
  readonly #fetch: (address: string, options: RequestInit) => Promise<Response>
  readonly #clock: Clock
  #known:
    | { readonly of: string; readonly untilMs: number; readonly configuration: Promise<Configuration> }
    | undefined

  constructor(parts: {
    readonly settings: () => SignInSettings | undefined
    readonly state: SealedState
    readonly fetch: (address: string, options: RequestInit) => Promise<Response>
    readonly clock: Clock
  }) {
    this.#settings = parts.settings
    this.#state = parts.state
    this.#fetch = parts.fetch
    this.#clock = parts.clock
  }

  /** @returns where the browser goes, and the id of what it has to come back with. */
  async begin(redirectUri: string, to: string): Promise<{ readonly url: URL; readonly id: string }> {
    const library = await import('openid-client')
    const settings = this.#mustSettings()
    const begun: Begun = { verifier: randomToken(), state: randomToken(), redirectUri, to }
    const id = randomId('begun')
    const url = library.buildAuthorizationUrl(await this.#configuration(settings), {
      ...settings.parameters,
      redirect_uri: redirectUri,
      scope: settings.scopes.join(' '),
      state: begun.state,
      code_challenge: await library.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
    })
    // Anybody may begin one: they take no more room than this, and the oldest goes first.
    // guard: sign-ins-under-way
    await this.#state.trim(KIND, MOST)
    await this.#state.save(KIND, id, begun, new Date(this.#clock.now().getTime() + SIGN_IN_S * 1_000))
    return { url, id }
  }

  /** Undefined when no such sign-in is under way. Rejects with what the provider, or its answer, is at fault with. */
  async finish(
    id: string,
    search: string,
  ): Promise<{ readonly tokens: Tokens; readonly to: string } | undefined> {
    const begun = (await this.#state.find(KIND, id)) as Begun | undefined
    // guard: sign-ins-count-once
    if (begun === undefined || !(await this.#state.remove(KIND, id))) return undefined
    const library = await import('openid-client')
    const settings = this.#mustSettings()
    const answer = await library.authorizationCodeGrant(
      await this.#configuration(settings),
      new URL(`${begun.redirectUri}${search}`),
      { expectedState: begun.state, pkceCodeVerifier: begun.verifier },
      { ...resourceOf(settings) },
    )
    return { tokens: this.#tokensOf(answer), to: begun.to }
  }

  async refresh(refreshToken: string): Promise<Tokens> {
    const library = await import('openid-client')
    const settings = this.#mustSettings()
    const configuration = await this.#configuration(settings)
    return this.#tokensOf(
      await library.refreshTokenGrant(configuration, refreshToken, { ...resourceOf(settings) }),
    )
  }

  #tokensOf(answer: { access_token: string; refresh_token?: string; expires_in?: number }): Tokens {
    const { access_token: accessToken, refresh_token: refreshToken, expires_in: lastsS } = answer
    return {
      accessToken,
      ...(refreshToken !== undefined && { refreshToken }),
      ...(lastsS !== undefined && { endsAtMs: this.#clock.now().getTime() + lastsS * 1_000 }),
    }
  }

  #mustSettings(): SignInSettings {
    const settings = this.#settings()
    if (settings === undefined) throw new TypeError('nobody signs in through a provider here')
    return settings
  }

  /** Kept for an hour, but not when it could not be read, nor for other settings. */
  #configuration(settings: SignInSettings): Promise<Configuration> {
    const nowMs = this.#clock.monotonicMs()
    const of = JSON.stringify([settings.issuer, settings.clientId, settings.clientSecret])
    if (this.#known?.of === of && nowMs < this.#known.untilMs) return this.#known.configuration
    const known = { of, untilMs: nowMs + METADATA_MS, configuration: this.#discover(settings) }
    this.#known = known
    known.configuration.catch(() => {
      if (this.#known === known) this.#known = undefined
    })
    return known.configuration
  }

  async #discover({ issuer, clientId, clientSecret }: SignInSettings): Promise<Configuration> {
    const library = await import('openid-client')
    const url = new URL(issuer)
    const authentication =
      clientSecret === undefined ? library.None() : library.ClientSecretPost(clientSecret)
    return library.discovery(url, clientId, undefined, authentication, {
      [library.customFetch]: (address, options) => this.#fetch(address, options as RequestInit),
      // The configuration takes http for loopback only.
      execute: url.protocol === 'http:' ? [library.allowInsecureRequests] : [],
    })
  }
}

/** RFC 8707 §2.2: the same in the token request. */
function resourceOf({ parameters }: SignInSettings): { readonly resource?: string } {
  return parameters.resource === undefined ? {} : { resource: parameters.resource }
}
