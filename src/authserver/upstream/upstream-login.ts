import type { AuditLog } from '../../domain/audit.ts'
import type { Log } from '../../domain/log.ts'
import type { SealedState } from '../../domain/sealed-state.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomToken } from '../../lib/ids.ts'
import { Allowance } from '../allowance.ts'
import type { Account, Login, LoginAnswer, LoginRequest, PageAnswer, PageRequest } from '../login.ts'
import { accountFor, refusal } from './admit.ts'
import { causesOf } from './explain.ts'
import { UpstreamFault } from './fault.ts'
import { LearntPeople } from './learnt-people.ts'
import type { Begun, Learnt, Upstream, UpstreamSettings } from './settings.ts'
import { faultPage, startAgainPage, tooManyPage } from './upstream-pages.ts'

/** Where the provider sends people back to, below the issuer. */
export const UPSTREAM_PATH = '/oauth/upstream'

/** How long somebody may take at the provider. */
const BEGUN_MS = 600_000
const MAX_BEGUN = 10_000
const KIND = 'upstream_sign_in'
const RETRY_S = 30
/** Begun in an hour from one address: as many as authorization requests, of which each begins one. A reload begins one more. */
const BEGUN_PER_HOUR = 600

export interface UpstreamLoginParts {
  readonly settings: UpstreamSettings
  readonly upstream: Upstream
  readonly state: SealedState
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
  readonly log: Pick<Log, 'warn'>
  /** How long what was learnt is kept unused: as long as a refresh token. */
  readonly keepMs: number
}

interface UnderWay extends Begun {
  readonly interaction: string
  /** The page of the authorization request, as seen from where the provider sends people back to. */
  readonly page: string
  readonly untilMs: number
}

/**
 * People sign in at an upstream provider. Its answer arrives beside the authorization request and is sent on to that request's page
 * unopened: only there does the browser prove, by the cookie, that it is the one which began. So nobody can be signed in as somebody
 * else by a link (login CSRF), nor be made to sign in for somebody else's request. What is under way is kept sealed:
 * any instance takes the answer.
 */
export class UpstreamLogin implements Login {
  readonly #parts: UpstreamLoginParts
  readonly #people: LearntPeople
  readonly #beginning = new Allowance(() => BEGUN_PER_HOUR)

  constructor(parts: UpstreamLoginParts) {
    this.#parts = parts
    this.#people = new LearntPeople(parts.state, parts.clock, parts.keepMs)
  }

  async find(id: string): Promise<Account | undefined> {
    const { settings } = this.#parts
    const learnt = await this.#people.find(id)
    return learnt === undefined || refusal(learnt, settings) ? undefined : accountFor(learnt, settings)
  }

  async page(asked: PageRequest): Promise<PageAnswer | undefined> {
    if (asked.url.pathname !== UPSTREAM_PATH) return undefined
    const underWay = await this.#find(asked.url.searchParams.get('state'))
    // guard: upstream-state
    if (underWay === undefined) return page(400, startAgainPage())
    // Relative: below the issuer there may be a path that a proxy has taken away.
    return { kind: 'redirect', location: underWay.page + asked.url.search }
  }

  async signIn(asked: LoginRequest): Promise<LoginAnswer> {
    const { searchParams } = asked.url
    const state = searchParams.get('state')
    try {
      if (state === null) return this.#tooMany(asked) ?? (await this.#begin(asked, searchParams.has('again')))
      const underWay = await this.#find(state)
      // guard: upstream-login-csrf
      if (underWay?.interaction !== asked.interaction) return page(400, startAgainPage('?'))
      // An answer is good once, on whichever instance.
      // guard: upstream-answer-once
      if (!(await this.#parts.state.remove(KIND, state))) return page(400, startAgainPage('?'))
      return await this.#finish(asked, underWay)
    } catch (error) {
      if (error instanceof UpstreamFault) return this.#refuse(asked, error)
      throw error
    }
  }

  /** Each leaves a row, or a record of why not; and the oldest row makes room, which may be somebody's who is about to come back. */
  #tooMany({ remoteAddress }: LoginRequest): LoginAnswer | undefined {
    const taken = this.#beginning.take(remoteAddress, this.#parts.clock.monotonicMs())
    // guard: upstream-begun-by-address
    if (taken.kind === 'taken') return undefined
    const retryAfterS = Math.ceil(taken.waitMs / 1_000)
    return { ...page(429, tooManyPage(retryAfterS)), retryAfterS }
  }

  async #begin(asked: LoginRequest, again: boolean): Promise<LoginAnswer> {
    const begun = { state: randomToken(), nonce: randomToken(), verifier: randomToken() }
    const location = (await this.#parts.upstream.begin(begun, again)).href
    const { clock, state } = this.#parts
    const untilMs = clock.now().getTime() + BEGUN_MS
    const underWay: UnderWay = {
      ...begun,
      untilMs,
      interaction: asked.interaction,
      page: asked.url.pathname.replace(/^\/oauth\//, ''),
    }
    await state.save(KIND, begun.state, underWay, new Date(untilMs))
    await state.trim(KIND, MAX_BEGUN)
    return { kind: 'redirect', location }
  }

  async #finish(asked: LoginRequest, underWay: UnderWay): Promise<LoginAnswer> {
    const { upstream, settings, audit } = this.#parts
    const learnt = await upstream.finish(asked.url.search, underWay)
    const refused = refusal(learnt, settings)
    if (refused !== undefined) throw refused
    await this.#people.keep(learnt)
    const account = accountFor(learnt, settings)
    const who = { subject: account.id, username: account.username, upstream: at(learnt) }
    await audit.append({ type: 'sign_in.succeeded', ...this.#of(asked), ...who, by: 'upstream' })
    return { kind: 'signed_in', account }
  }

  async #refuse(asked: LoginRequest, fault: UpstreamFault): Promise<LoginAnswer> {
    const { audit, log } = this.#parts
    const causes = causesOf(fault.cause).map((one) => (one instanceof Error ? one.message : undefined))
    log.warn(`Nobody was signed in: ${fault.message}`, {
      reason: fault.reason,
      what_to_do: fault.whatToDo,
      cause: causes.filter((text) => text !== undefined).join(': ') || undefined,
    })
    const who = fault.who && { upstream: fault.who }
    await audit.append({ type: 'sign_in.refused', ...this.#of(asked), ...who, reason: fault.reason })
    const answer = page(fault.status, faultPage(fault, '?again=1'))
    return fault.status === 503 ? { ...answer, retryAfterS: RETRY_S } : answer
  }

  async #find(state: string | null): Promise<UnderWay | undefined> {
    if (state === null) return undefined
    const underWay = (await this.#parts.state.find(KIND, state)) as UnderWay | undefined
    const isLate = underWay === undefined || this.#parts.clock.now().getTime() >= underWay.untilMs
    return isLate ? undefined : underWay
  }

  #of({ clientName, remoteAddress }: LoginRequest) {
    const at = this.#parts.clock.now()
    return { at, client: clientName, ...(remoteAddress !== undefined && { remoteAddress }) }
  }
}

function at({ issuer, subject }: Learnt) {
  return { issuer, subject }
}

function page(status: number, html: string) {
  return { kind: 'page', status, html } as const
}
