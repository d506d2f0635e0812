import type { ApprovalEnd } from '../../domain/approval.ts'
import type { ApprovalRecord, ApprovalRequest } from '../../domain/approval-record.ts'
import type { Call } from '../../domain/call.ts'
import { type CommandId, commandIdOf } from '../../domain/command.ts'
import type { NeedsApproval } from '../../domain/decision.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { principalKey } from '../../domain/principal.ts'
import type { ApprovalOptions } from './approval-options.ts'
import { expireInTime } from './expire-in-time.ts'
import { forgetOld } from './forget-old.ts'
import { Grants } from './grants.ts'
import { keepRequest } from './keep-request.ts'
import { KnownRequests } from './known-requests.ts'
import { requestDigest, sameness } from './request-digest.ts'
import { isFull, tooMany, tooManyInAll } from './too-many.ts'
import type { Waiting } from './waiting.ts'

/** The calls of all principals that wait for people, and what became of them, whichever instance was asked. */
export class ApprovalBook {
  readonly options: ApprovalOptions
  readonly grants: Grants
  readonly #known: KnownRequests
  /** Calls that run because somebody approved them. */
  readonly #covered = new Set<string>()
  /** Requests that this process carries out. */
  readonly #carrying = new Set<CommandId>()
  #following = new AbortController().signal
  #asking: Promise<unknown> = Promise.resolve()
  #loaded: Promise<unknown> = Promise.resolve()

  constructor(options: ApprovalOptions) {
    this.options = options
    this.grants = new Grants(options)
    this.#known = new KnownRequests(options.store, (waiting) => {
      const end = (why: string) => this.end(waiting, 'waiting', 'expired', why)
      if (waiting.end === undefined) void expireInTime(waiting, options, end, this.#following)
    })
  }

  /** What an earlier process left: answers and requests that wait go on, what was being carried out is unknown. Resolves to those to carry out. */
  load(): Promise<readonly Waiting[]> {
    const loading = this.takeUp(0)
    this.#loaded = loading.catch(() => undefined)
    return loading
  }

  get loaded(): Promise<unknown> {
    return this.#loaded
  }

  /** Hears of what other instances do until the signal aborts. */
  follow(signal: AbortSignal): void {
    const { log, store } = this.options
    this.#following = signal
    store.follow((id) => {
      const known = id === undefined ? this.look() : this.#known.fetch([id])
      known.catch((cause: unknown) => log.warn('The approvals cannot be read', { cause: String(cause) }))
    }, signal)
  }

  /** Resolves once it is known what every instance has asked and answered so far. */
  look(): Promise<void> {
    return this.#known.look()
  }

  /**
   * What an instance that is gone was carrying out is unknown from now on. What was approved so long ago and not begun is begun here.
   * Resolves to what is to be carried out.
   */
  async takeUp(sinceMs: number): Promise<readonly Waiting[]> {
    const { clock, store } = this.options
    await this.look()
    for (const id of await store.lost()) {
      const waiting = this.find(id)
      if (waiting !== undefined && !waiting.isToBegin && !this.#carrying.has(id))
        await this.end(
          waiting,
          'started',
          'unknown',
          'the bridge was stopped, or could not keep what came of it',
        )
    }
    const before = clock.now().getTime() - sinceMs
    const isDue = ({ isToBegin, answers }: Waiting) =>
      isToBegin && (answers.at(-1)?.at.getTime() ?? 0) <= before
    const begun: Waiting[] = []
    for (const waiting of this.list()) if (isDue(waiting) && (await this.start(waiting))) begun.push(waiting)
    return begun
  }

  /** A new request, durable and on record; or the one of the same principal that asks the same and waits still. */
  ask(
    call: Call,
    decision: NeedsApproval,
  ): Promise<{ readonly waiting: Waiting; readonly isRepeat: boolean } | NotStarted> {
    // One after the other: two that come at once and ask the same are one.
    const asked = this.#asking.then(() => this.#ask(call, decision))
    this.#asking = asked.catch(() => undefined)
    return asked
  }

  find(id: CommandId): Waiting | undefined {
    return this.#known.find(id)
  }

  /** Also one that another instance was asked just now. */
  async seek(id: CommandId): Promise<Waiting | undefined> {
    await this.#loaded
    if (this.find(id) === undefined) await this.#known.fetch([id])
    return this.find(id)
  }

  async seekOwn(owner: string, id: CommandId): Promise<Waiting | undefined> {
    const waiting = await this.seek(id)
    // guard: own-requests-only
    return waiting?.owner === owner ? waiting : undefined
  }

  list(): readonly Waiting[] {
    return this.#known.list()
  }

  /**
   * Changes a request while nobody else does, in whichever process: `edit` sees it as it is then, and says what is to be kept.
   * False when there is no such request any more.
   */
  change(waiting: Waiting, edit: () => Promise<ApprovalRecord | undefined>): Promise<boolean> {
    return waiting.inTurn(async () => {
      const kept = await this.options.store.change(waiting.request.id, (found) => {
        waiting.become(found)
        return edit()
      })
      if (kept === undefined) this.#known.forget(waiting.request.id)
      else waiting.become(kept)
      return kept !== undefined
    })
  }

  /** The one time that an approved request is carried out: true for one of all that try, in whichever process. Durable before it resolves. */
  async start(waiting: Waiting): Promise<boolean> {
    const { id } = waiting.request
    if (this.#carrying.has(id)) return false
    this.#carrying.add(id)
    let isMine = false
    try {
      await this.change(waiting, async () => {
        // guard: started-once
        isMine = waiting.isToBegin
        return isMine ? { ...waiting.record(), startedAt: this.options.clock.now() } : undefined
      })
    } catch (cause) {
      isMine = false
      throw cause
    } finally {
      if (!isMine) this.#carrying.delete(id)
    }
    return isMine
  }

  /** Ends a request, if it is `from` still when its turn comes. Durable and on record before it resolves. */
  async end(
    waiting: Waiting,
    from: 'waiting' | 'started',
    state: ApprovalEnd['state'],
    why: string,
    told?: string,
  ): Promise<void> {
    await this.change(waiting, async () => {
      // guard: started-is-not-withdrawn
      if (waiting.state !== from) return undefined
      const end = { state, at: this.options.clock.now(), why }
      const { call, id, digest } = waiting.request
      const event = { type: 'approval.ended', at: end.at, call, command: id, digest, state, why } as const
      await this.options.audit.append(event)
      return { ...waiting.record(), end, ...(told !== undefined && { told }) }
    })
    this.#carrying.delete(waiting.request.id)
    forgetOld(this.#known, this.options)
  }

  /** What came of a started request cannot be kept now: as soon as something can be, it is ended as unknown. */
  letGo({ request }: Waiting): void {
    this.#carrying.delete(request.id)
  }

  /** While `work` lasts, the call counts as approved, also where the rules are asked again. */
  async covering<T>(call: Call, work: () => Promise<T>): Promise<T> {
    this.#covered.add(call.id)
    try {
      return await work()
    } finally {
      this.#covered.delete(call.id)
    }
  }

  covers(call: Call): boolean {
    return this.#covered.has(call.id) || (call.parent !== undefined && this.#covered.has(call.parent))
  }

  async #ask(call: Call, decision: NeedsApproval) {
    await this.#loaded
    await this.look()
    const { clock, limits, notify, standingOf } = this.options
    const owner = principalKey(call.principal)
    const own = () => this.list().filter((one) => one.owner === owner && one.state === 'waiting')
    const same = () => own().find(({ request }) => sameness(request.call) === sameness(call))
    const earlier = same()
    if (earlier !== undefined) return { waiting: earlier, isRepeat: true }
    // guard: waiting-limit
    if (own().length >= limits().maxWaiting) return tooMany(limits().maxWaiting)
    if (isFull(this.list(), call)) return tooManyInAll()

    const requestedAt = clock.now()
    const asked = {
      id: commandIdOf(call),
      call,
      decision,
      standing: await standingOf(call),
      requestedAt,
      expiresAt: new Date(requestedAt.getTime() + decision.terms.expiresAfterMs),
    }
    const request: ApprovalRequest = { ...asked, digest: requestDigest(asked) }
    const kept = await keepRequest(request, this.options)
    if (kept === undefined) {
      await this.look()
      const quicker = same()
      return quicker === undefined ? tooManyInAll() : { waiting: quicker, isRepeat: true }
    }
    const waiting = this.#known.take(kept)
    notify(waiting)
    return { waiting, isRepeat: false }
  }
}
