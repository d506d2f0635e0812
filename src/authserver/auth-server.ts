import type Provider from 'oidc-provider'
import type { LoginEvent } from '../domain/login-event.ts'
import { Allowance } from './allowance.ts'
import type { AuthServerParts } from './auth-server-parts.ts'
import { buildProvider } from './build-provider.ts'
import { orFaultPage } from './fault-page.ts'
import { loadProvider, type ProviderLibrary } from './load-provider.ts'
import { type Asked, AskedMessage, type Exchange, exchangeOf } from './node-exchange.ts'
import { problemPage } from './pages.ts'
import { PATHS } from './provider-settings.ts'
import { answerRegistration } from './register.ts'
import { Registrations } from './registrations.ts'
import { isMetadataPath, LIBRARY_METADATA_PATH, metadataOf } from './server-metadata.ts'
import { answerSignIn, htmlResponse, pageResponse } from './sign-in.ts'
import { publicJwk, type SigningKey, SigningKeys } from './signing-keys.ts'
import { Turns } from './turns.ts'

/** Requests an hour from one address: each leaves something on the disk, or fetches something. */
const AUTHORIZATIONS = 600
const DOCUMENTS = 60

/** The built-in authorization server: answers everything below `/oauth/` and what it says of itself. Serves nothing by itself. */
export class AuthServer {
  readonly #parts: AuthServerParts
  readonly #library: ProviderLibrary
  readonly #keys: SigningKeys
  readonly #registrations: Registrations
  readonly #registering: Allowance
  readonly #authorizing = new Allowance(() => AUTHORIZATIONS)
  readonly #fetching = new Allowance(() => DOCUMENTS)
  readonly #turns = new Turns()
  #publicKeys: readonly Record<string, string>[]
  #provider: Provider
  #builtOn: string

  private constructor(parts: AuthServerParts, library: ProviderLibrary, keys: SigningKeys) {
    this.#parts = parts
    this.#library = library
    this.#keys = keys
    this.#registrations = new Registrations(
      parts.state,
      parts.clock,
      () => parts.settings().registration.keepMs,
    )
    this.#registering = new Allowance(() => parts.settings().registration.perHour)
    this.#builtOn = keys.fingerprint
    this.#publicKeys = keys.ring.keys.map(publicJwk)
    this.#provider = this.#build()
  }

  /** Reads the keys, or makes the first ones. */
  static async open(parts: AuthServerParts): Promise<AuthServer> {
    const keys = new SigningKeys(parts.state, parts.clock)
    const [library] = await Promise.all([loadProvider(), keys.look()])
    return new AuthServer(parts, library, keys)
  }

  /** What tokens of this server are verified with (RFC 7517), without asking over HTTP; the same list until it changes. */
  publicKeys(): readonly Record<string, string>[] {
    return this.#publicKeys
  }

  /** Puts changed settings into force. Whatever is under way goes on. */
  apply(): void {
    this.#publicKeys = this.#keys.ring.keys.map(publicJwk)
    this.#provider = this.#build()
  }

  /** Takes up what another process changed, and makes new keys in time. To be called every few seconds. */
  async look(): Promise<void> {
    const made = await this.#keys.look()
    if (made.length > 0) await this.#noteRotation(made)
    if (this.#keys.fingerprint !== this.#builtOn) {
      this.#builtOn = this.#keys.fingerprint
      this.apply()
    }
  }

  async answer(asked: Asked): Promise<Response> {
    const { settings } = this.#parts
    const exchange = await exchangeOf(asked, new URL(settings().issuer))
    const { pathname } = new URL(asked.request.url)
    if (isMetadataPath(pathname)) return this.#metadata(exchange)
    if (pathname.startsWith(PATHS.signIn)) {
      const parts = { ...this.#parts, provider: this.#provider }
      return orFaultPage(answerSignIn(parts, asked, exchange), this.#parts.log)
    }
    if (pathname === PATHS.register) return this.#register(asked, exchange)
    if (pathname === PATHS.token) {
      const form = new URLSearchParams(exchange.body)
      // The same code or refresh token twice at once: the second must see that it was used.
      // What counts of the two is said by the grant: beside a refresh token there may be any code.
      const once = form.get(form.get('grant_type') === 'refresh_token' ? 'refresh_token' : 'code') ?? ''
      // guard: tokens-one-at-a-time
      return this.#turns.take(once, () => this.#ask(exchange))
    }
    if (pathname === PATHS.authorize) return this.#authorize(asked, exchange)
    if (pathname.startsWith(`${PATHS.authorize}/`) || pathname === PATHS.revoke || pathname === PATHS.keys)
      return this.#ask(exchange)
    return orFaultPage(this.#page(asked, exchange), this.#parts.log)
  }

  async #metadata(exchange: Exchange): Promise<Response> {
    this.#move(exchange, LIBRARY_METADATA_PATH)
    return metadataOf(await this.#ask(exchange), this.#parts.settings().scopesOffered)
  }

  async #authorize(asked: Asked, exchange: Exchange): Promise<Response> {
    const taken = this.#authorizing.take(asked.remoteAddress, this.#parts.clock.monotonicMs())
    if (taken.kind === 'refused') {
      await this.#throttled('authorization', asked.remoteAddress, taken.isFirst)
      const retryAfterS = Math.ceil(taken.waitMs / 1000)
      const text = `Too many sign-ins were begun from this address. Wait ${retryAfterS} seconds.`
      return htmlResponse(429, problemPage('Too many sign-ins', text), { retryAfterS })
    }
    const url = new URL(exchange.incoming.url ?? '', 'http://bridge')
    const mode = url.searchParams.get('response_mode')
    if (mode !== null && mode !== 'query')
      return htmlResponse(
        400,
        problemPage('This did not work', 'invalid_request: the only response_mode here is query.'),
      )
    // RFC 6749 §3.3: a server may take a request without scopes for one of its default scope.
    const [first] = this.#parts.settings().scopesOffered
    if (!url.searchParams.get('scope') && first !== undefined) {
      url.searchParams.set('scope', first)
      this.#move(exchange, `${url.pathname}${url.search}`)
    }
    return this.#ask(exchange)
  }

  #move({ incoming }: Exchange, target: string): void {
    incoming.url = target
    const { pathname } = new URL(this.#parts.settings().issuer)
    Object.assign(incoming, { originalUrl: `${pathname.replace(/\/$/, '')}${target}` })
  }

  async #register(asked: Asked, exchange: Exchange): Promise<Response> {
    return answerRegistration(
      {
        rules: this.#parts.settings().registration,
        allowance: this.#registering,
        registrations: this.#registrations,
        clock: this.#parts.clock,
        note: this.#parts.note,
      },
      asked,
      exchange,
      async (body) => {
        const { url, method, headers } = asked.request
        const request = new Request(url, { method, headers, body })
        return this.#ask(await exchangeOf({ ...asked, request }, new URL(this.#parts.settings().issuer)))
      },
    )
  }

  /** Pages of the login: set-up links, where an upstream provider answers. */
  async #page({ request, remoteAddress }: Asked, exchange: Exchange): Promise<Response> {
    const method = request.method === 'POST' ? 'POST' : 'GET'
    const answer = await this.#parts.login.page({
      method,
      url: new URL(request.url),
      form: new URLSearchParams(method === 'POST' ? exchange.body : ''),
      ...(remoteAddress !== undefined && { remoteAddress }),
    })
    if (answer !== undefined) return pageResponse(answer)
    return htmlResponse(404, problemPage('Nothing here', 'There is nothing at this address.'))
  }

  /** The library's answer, once everything that is to be remembered of it is on record. */
  async #ask({ incoming, outgoing }: Exchange): Promise<Response> {
    await this.#provider.callback()(incoming, outgoing)
    const answer = await outgoing.whole
    for (const event of incoming.events) await this.#parts.note(event)
    return answer
  }

  #build(): Provider {
    return buildProvider(this.#library, this.#parts, {
      ring: this.#keys.ring,
      registrations: this.#registrations,
      mayFetch: (request) => this.#mayFetch(request),
    })
  }

  #mayFetch(request: unknown): boolean {
    // Within a sign-in that has begun the document was fetched before.
    if (!(request instanceof AskedMessage)) return true
    const taken = this.#fetching.take(request.remoteAddress, this.#parts.clock.monotonicMs())
    if (taken.kind === 'refused')
      void this.#throttled('client_document', request.remoteAddress, taken.isFirst)
    return taken.kind === 'taken'
  }

  async #throttled(
    what: Extract<LoginEvent, { type: 'login.throttled' }>['what'],
    remoteAddress: string | undefined,
    isFirst: boolean,
  ): Promise<void> {
    if (!isFirst) return
    const at = this.#parts.clock.now()
    const whence = remoteAddress === undefined ? {} : { remoteAddress }
    await this.#parts.note({ type: 'login.throttled', at, what, ...whence })
  }

  async #noteRotation(made: readonly SigningKey[]): Promise<void> {
    const from = new Date(Math.min(...made.map(({ signsFromMs }) => signsFromMs)))
    const keys = made.map(({ kid }) => kid)
    await this.#parts.note({ type: 'key.rotated', at: this.#parts.clock.now(), keys, from, by: 'age' })
  }
}
