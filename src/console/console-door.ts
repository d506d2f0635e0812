import type { Context } from 'hono'
import type { HttpEnv } from '../http/http-env.ts'
import { Throttle } from '../oauth/throttle.ts'
import { type WireError, wireFailure } from '../pipeline/wire-error.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { type ConsoleSession, ConsoleSessions } from './console-sessions.ts'
import { ConsoleSignIn, SIGN_IN_S, type Tokens } from './console-sign-in.ts'
import { readCookie, removeCookie, writeCookie } from './cookies.ts'

/** A token is renewed so long before its end, so that no request meets the end. */
const EARLY_MS = 30_000
/** Sign-ins that one address may begin at once, and in each minute after. */
const BEGUN_AT_ONCE = 60
/** What a provider may call the reason of a refusal that the person chose. */
const DENIED = /access_denied/

type Begun = { readonly kind: 'begun'; readonly id: string; readonly lastsS: number }

interface WaysIn {
  readonly provider: boolean
  readonly key: boolean
  /** Nobody has to sign in. */
  readonly open: boolean
  readonly signed_in: boolean
}

/** How people come in, stay in and go. */
export class ConsoleDoor {
  readonly #deps: ConsoleDeps
  readonly #sessions: ConsoleSessions
  readonly #signIn: ConsoleSignIn
  /** Anybody may begin a sign-in, and each makes room for itself. */
  readonly #begun = new Throttle(BEGUN_AT_ONCE)
  /** One renewal for all requests that come meanwhile: a refresh token is good once. */
  readonly #renewals = new Map<string, Promise<ConsoleSession | undefined>>()

  constructor(deps: ConsoleDeps) {
    this.#deps = deps
    this.#sessions = new ConsoleSessions(deps.state, deps.clock)
    this.#signIn = new ConsoleSignIn({ ...deps, settings: () => deps.settings().signIn })
  }

  /** How people come in, and whether somebody is: a page that asked more without being anybody would be one more refusal on record. */
  async waysIn(c: Context<HttpEnv>): Promise<WaysIn> {
    const { signIn, hasApiKeys, authEnabled } = this.#deps.settings()
    const isIn = !authEnabled || (await this.authorizationOf(c)) !== undefined
    return { provider: signIn !== undefined, key: hasApiKeys, open: !authEnabled, signed_in: isIn }
  }

  /** As whom the browser speaks; undefined when nobody is signed in on it, or not any more. */
  async authorizationOf(c: Context<HttpEnv>): Promise<string | undefined> {
    const id = readCookie(c, 'console')
    if (id === undefined) return undefined
    const session = await this.#sessions.find(id)
    if (session === undefined) return undefined
    return this.#isFresh(session) ? session.authorization : (await this.#renew(id, session))?.authorization
  }

  /** Sends the browser to where people sign in. */
  async begin(c: Context<HttpEnv>): Promise<Response> {
    const { signIn } = this.#deps.settings()
    const to = pageIn(c.req.query('to'))
    if (signIn === undefined) return this.#tell(c, 'no_provider')
    const base = this.#baseOf(c)
    // The answer comes to the address that the provider knows; the cookie must be of the same. Where a proxy hides by which name it was
    // asked, once is enough.
    if (new URL(c.get('seenUrl')).host !== new URL(base).host && c.req.query('moved') === undefined)
      return c.redirect(`${base}/console/sign-in?moved=1&to=${encodeURIComponent(to)}`)
    const nowMs = this.#deps.clock.monotonicMs()
    // guard: console-sign-ins-by-address
    if (this.#begun.waitMs(c.get('remoteAddress'), nowMs) > 0) return this.#tell(c, 'too_often')
    this.#begun.failed(c.get('remoteAddress'), nowMs)
    try {
      const { url, id } = await this.#signIn.begin(`${base}/console/callback`, to)
      writeCookie(c, 'console_sign_in', id, SIGN_IN_S)
      return c.redirect(url.href)
    } catch (cause) {
      return this.#failed(c, cause)
    }
  }

  async finish(c: Context<HttpEnv>): Promise<Response> {
    const id = readCookie(c, 'console_sign_in')
    removeCookie(c, 'console_sign_in')
    try {
      const finished = id === undefined ? undefined : await this.#signIn.finish(id, new URL(c.req.url).search)
      if (finished === undefined) return this.#tell(c, 'expired')
      const begun = await this.beginWith(`Bearer ${finished.tokens.accessToken}`, c, finished.tokens)
      if (begun.kind === 'refused') {
        this.#deps.log.warn('Signed in, but the token is refused', { cause: begun.error.message })
        return this.#tell(c, 'refused')
      }
      writeCookie(c, 'console', begun.id, begun.lastsS)
      return c.redirect(this.#baseOf(c) + finished.to)
    } catch (cause) {
      return this.#failed(c, cause)
    }
  }

  /** Begins a session for who shows this, if it is anybody. It is on record before it counts. */
  async beginWith(
    authorization: string,
    c: Context<HttpEnv>,
    tokens?: Tokens,
  ): Promise<Begun | { readonly kind: 'refused'; readonly error: WireError }> {
    const { bridge, clock, settings, authenticator, denials } = this.#deps
    const remoteAddress = c.get('remoteAddress')
    const whence = remoteAddress === undefined ? {} : { remoteAddress }
    const answer = await authenticator.authenticate({ authorization: [authorization], ...whence })
    if (answer.kind === 'refused') {
      const { code, reason, description, retryAfterMs } = answer
      // guard: refused-on-the-console-is-on-record
      await denials.add({ edge: 'console', reason, ...whence })
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
      return { kind: 'refused', error: { ...wireFailure(code, description), ...wait } }
    }
    const { principal } = answer
    const { sessionMs } = settings()
    const now = clock.now()
    await bridge.audit.append({ type: 'console.signed_in', at: now, principal, ...whence })
    const id = await this.#sessions.begin({
      authorization,
      endsAtMs: now.getTime() + sessionMs,
      ...(tokens?.refreshToken !== undefined && { refreshToken: tokens.refreshToken }),
      ...(tokens?.endsAtMs !== undefined && { tokenEndsAtMs: tokens.endsAtMs }),
    })
    return { kind: 'begun', id, lastsS: Math.floor(sessionMs / 1_000) }
  }

  async end(c: Context<HttpEnv>): Promise<void> {
    const id = readCookie(c, 'console')
    if (id !== undefined) await this.#sessions.end(id)
  }

  #isFresh({ tokenEndsAtMs }: ConsoleSession): boolean {
    return tokenEndsAtMs === undefined || tokenEndsAtMs - EARLY_MS > this.#deps.clock.now().getTime()
  }

  #renew(id: string, session: ConsoleSession): Promise<ConsoleSession | undefined> {
    const going = this.#renewals.get(id)
    if (going !== undefined) return going
    const renewal = this.#renewed(id, session).finally(() => this.#renewals.delete(id))
    this.#renewals.set(id, renewal)
    return renewal
  }

  async #renewed(id: string, session: ConsoleSession): Promise<ConsoleSession | undefined> {
    const { log } = this.#deps
    if (session.refreshToken === undefined) return undefined
    try {
      const {
        accessToken,
        refreshToken = session.refreshToken,
        endsAtMs,
      } = await this.#signIn.refresh(session.refreshToken)
      const renewed = {
        authorization: `Bearer ${accessToken}`,
        refreshToken,
        endsAtMs: session.endsAtMs,
        ...(endsAtMs !== undefined && { tokenEndsAtMs: endsAtMs }),
      }
      // Whoever signed out meanwhile stays signed out.
      // guard: signed-out-stays-out
      if ((await this.#sessions.find(id)) === undefined) return undefined
      await this.#sessions.replace(id, renewed)
      return renewed
    } catch (cause) {
      // Another instance may have been faster: then what it got is there.
      const now = await this.#sessions.find(id)
      if (now !== undefined && this.#isFresh(now)) return now
      log.info('A session of the console could not be renewed', { cause: String(cause) })
      // RFC 6749 §5.2: what the provider says about the refresh token ends the session. One that cannot be reached says nothing.
      if ((cause as { error?: unknown }).error !== 'invalid_grant') return session
      await this.#sessions.end(id)
      return undefined
    }
  }

  #failed(c: Context<HttpEnv>, cause: unknown): Response {
    const text =
      cause instanceof Error ? `${cause.message} ${String((cause as { error?: unknown }).error ?? '')}` : ''
    const why = DENIED.test(text) ? 'denied' : 'failed'
    this.#deps.log.warn('A sign-in at the console failed', { cause: text })
    return this.#tell(c, why)
  }

  /** Back to the page where people sign in, with why they are there again. */
  #tell(
    c: Context<HttpEnv>,
    problem: 'no_provider' | 'too_often' | 'expired' | 'refused' | 'denied' | 'failed',
  ): Response {
    return c.redirect(`${this.#baseOf(c)}/console/?problem=${problem}`)
  }

  /** The address of this server that the provider sends browsers back to. */
  #baseOf(c: Context<HttpEnv>): string {
    return this.#deps.settings().baseUrl ?? c.get('publicUrl')
  }
}

/** Where to go on afterwards: a page of the console, whatever was asked for. */
function pageIn(to: string | undefined): string {
  // guard: sign-in-leads-nowhere-else
  const isPage = to !== undefined && /^\/console\/[\w/?=&.%+:@~*-]*$/.test(to) && !to.includes('//')
  return isPage ? to : '/console/'
}
