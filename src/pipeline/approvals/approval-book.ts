import type { ApprovalEnd, ApprovalRecord, ApprovalRequest, ApprovalStore } from '../../domain/approval.ts'
import type { AuditLog } from '../../domain/audit.ts'
import type { Call } from '../../domain/call.ts'
import { type CommandId, commandIdOf } from '../../domain/command.ts'
import type { NeedsApproval } from '../../domain/decision.ts'
import type { Log } from '../../domain/log.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import { type Principal, principalKey } from '../../domain/principal.ts'
import type { Clock } from '../../lib/clock.ts'
import { Grants } from './grants.ts'
import type { WhoIsWho } from './may-answer.ts'
import { askedDigest, requestDigest } from './request-digest.ts'
import type { StandingOf } from './standing.ts'
import { Waiting, weightOf } from './waiting.ts'

export interface ApprovalLimits {
  /** Requests of one principal that wait at the same time. */
  readonly maxWaiting: number
  /** How long an ended one can be asked about. */
  readonly retentionMs: number
}

export interface ApprovalOptions {
  readonly store: ApprovalStore
  readonly audit: AuditLog
  readonly clock: Clock
  readonly log: Log
  readonly who: WhoIsWho
  readonly standingOf: StandingOf
  /** Who a requester is now; undefined when it would not be let in any more. */
  readonly principalNow: (principal: Principal) => Principal | undefined
  /** Asked each time: a reload replaces them. */
  readonly limits: () => ApprovalLimits
  /** Tells approvers. Must not throw. */
  readonly notify: (waiting: Waiting) => void
  /** Where an approver finds a request; undefined while nobody serves it. */
  readonly urlOf: (id: CommandId) => string | undefined
}

/** Of all principals together: a flood of requests takes no more memory than this. */
const MOST_WAITING = 2_000

/** Of what would be written and run; and so much again of requests that are over. */
const MOST_BYTES = 128 * 1024 * 1024

/** Ended requests that are kept in memory. */
const MOST_ENDED = 5_000

/** The calls of all principals that wait for people, and what became of them. */
export class ApprovalBook {
  readonly options: ApprovalOptions
  readonly grants: Grants
  readonly #requests = new Map<CommandId, Waiting>()
  /** Calls that run because somebody approved them. */
  readonly #covered = new Set<string>()
  #asking: Promise<unknown> = Promise.resolve()
  #loaded: Promise<unknown> = Promise.resolve()

  constructor(options: ApprovalOptions) {
    this.options = options
    this.grants = new Grants(options)
  }

  /** What an earlier process left: answers and requests that wait go on, what was being carried out is unknown. Resolves to those to carry out. */
  load(): Promise<readonly Waiting[]> {
    const loading = this.#load()
    this.#loaded = loading.catch(() => undefined)
    return loading
  }

  get loaded(): Promise<unknown> {
    return this.#loaded
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
    return this.#requests.get(id)
  }

  findOwn(owner: string, id: CommandId): Waiting | undefined {
    const waiting = this.find(id)
    // guard: own-requests-only
    return waiting?.owner === owner ? waiting : undefined
  }

  list(): readonly Waiting[] {
    return [...this.#requests.values()]
  }

  /** Ends a request, if it is `from` still when its turn comes. Durable and on record before it resolves. */
  end(
    waiting: Waiting,
    from: 'waiting' | 'started',
    state: ApprovalEnd['state'],
    why: string,
  ): Promise<void> {
    return waiting.inTurn(async () => {
      // guard: started-is-not-withdrawn
      if (waiting.state !== from) return
      const end = { state, at: this.options.clock.now(), why }
      const { call, id, digest } = waiting.request
      const event = { type: 'approval.ended', at: end.at, call, command: id, digest, state, why } as const
      await this.options.audit.append(event)
      await this.options.store.save({ ...waiting.record(), end })
      waiting.ended(end)
      this.#sweep()
    })
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
    const owner = principalKey(call.principal)
    const own = this.list().filter((one) => one.owner === owner && one.state === 'waiting')
    const same = own.find(({ request }) => isSame(request.call, call))
    if (same !== undefined) return { waiting: same, isRepeat: true }
    const { audit, clock, limits, notify, standingOf, store } = this.options
    // guard: waiting-limit
    if (own.length >= limits().maxWaiting) return tooMany(limits().maxWaiting)
    const all = this.list().filter(({ state }) => state === 'waiting')
    const bytes = all.reduce((sum, one) => sum + one.bytes, weightOf(call.action))
    if (all.length >= MOST_WAITING || bytes > MOST_BYTES) return tooManyInAll()

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
    const waiting = new Waiting({ request, answers: [] })
    await store.save(waiting.record())
    const { id, digest, expiresAt } = request
    await audit.append({ type: 'approval.requested', at: requestedAt, call, command: id, digest, expiresAt })
    this.#remember(waiting)
    notify(waiting)
    return { waiting, isRepeat: false }
  }

  async #load(): Promise<readonly Waiting[]> {
    const { records, grants } = await this.options.store.load()
    this.grants.restore(grants)
    for (const record of records) this.#remember(new Waiting(record))
    const interrupted = this.list().filter(({ state }) => state === 'started')
    for (const waiting of interrupted)
      await this.end(waiting, 'started', 'unknown', 'the bridge was stopped while it was carried out')
    const approved = this.list().filter((waiting) => waiting.state === 'waiting' && waiting.isApproved)
    for (const waiting of approved) {
      const startedAt = this.options.clock.now()
      await this.options.store.save({ ...waiting.record(), startedAt })
      waiting.started(startedAt)
    }
    return approved
  }

  #remember(waiting: Waiting): void {
    this.#requests.set(waiting.request.id, waiting)
    if (waiting.end === undefined) void this.#expireInTime(waiting)
  }

  async #expireInTime(waiting: Waiting): Promise<void> {
    const { clock, log } = this.options
    const inMs = waiting.request.expiresAt.getTime() - clock.now().getTime()
    await clock.sleep(Math.max(0, inMs), waiting.over).catch(() => undefined)
    if (waiting.state !== 'waiting') return
    await this.end(waiting, 'waiting', 'expired', 'nobody answered in time').catch((cause: unknown) =>
      log.error('An approval has expired, which could not be recorded', { cause: String(cause) }),
    )
  }

  /** What has been over for long is forgotten, oldest first. */
  #sweep(): void {
    const { clock, limits, log, store } = this.options
    const before = clock.now().getTime() - limits().retentionMs
    const ended = this.list().filter(({ endedAt }) => endedAt !== undefined)
    let [count, bytes] = [0, 0]
    for (const waiting of ended.reverse()) {
      count += 1
      bytes += waiting.bytes
      if ((waiting.endedAt?.getTime() ?? 0) >= before && count <= MOST_ENDED && bytes <= MOST_BYTES) continue
      const { request } = waiting
      this.#requests.delete(request.id)
      store
        .remove(request.id)
        .catch((cause: unknown) => log.warn('An old approval could not be removed', { cause: String(cause) }))
    }
  }
}

/** With an idempotency key, only what has the same; without one, what asks the same. */
function isSame(earlier: Call, later: Call): boolean {
  const keyOf = ({ action }: Call) => (action.kind === 'run' ? action.idempotencyKey : undefined)
  return keyOf(earlier) === keyOf(later) && askedDigest(earlier.action) === askedDigest(later.action)
}

function tooMany(most: number): NotStarted {
  const message = `${most} requests of yours wait for approval, which is the limit. Wait for answers, or withdraw one with cancel_command. Nothing was run.`
  return { kind: 'not_started', code: 'rate_limited', message }
}

function tooManyInAll(): NotStarted {
  const message = 'Too many requests of all callers wait for approval. Nothing was run; try again later.'
  return { kind: 'not_started', code: 'rate_limited', message }
}

/** Of a record as it is read back: nothing of it is believed that its digest does not cover. */
export function isSound({ request }: ApprovalRecord): boolean {
  const { digest, ...asked } = request
  // guard: stored-request-intact
  return requestDigest(asked) === digest
}
