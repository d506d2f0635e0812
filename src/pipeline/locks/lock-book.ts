import type { AuditEvent, AuditLog } from '../../domain/audit.ts'
import type { Call } from '../../domain/call.ts'
import type { Decision } from '../../domain/decision.ts'
import { isInForce, type KnownLocks, type Lock, type LockChange, type LockStore } from '../../domain/lock.ts'
import type { Log } from '../../domain/log.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomHex } from '../../lib/ids.ts'
import type { Person } from '../../policy/rule-set.ts'
import { isAboutLocks, LOCKED, LOCKS_UNKNOWN, underLocks } from '../../policy/under-locks.ts'

export interface LockOptions {
  readonly store: LockStore
  readonly audit: AuditLog
  readonly clock: Clock
  readonly log: Log
  /** Several ways in of one human; a reload replaces them. */
  readonly people: () => readonly Person[]
  /** Names of the keys as configured now. */
  readonly apiKeys: () => readonly string[]
}

/** It was allowed when it began. */
const BEGUN: Decision = { verdict: 'allow', rule: 'begun' }

/** When the audit could not be written. */
const AGAIN_MS = 1_000
/** So long a process may take to put on record what it has taken. */
const TAKEN_MS = 10_000

/** Ends what a new lock holds and tells how many calls that were. Must not throw, and must not wait. */
export type LockHook = () => number

/**
 * The locks in force. They are read from the store at once and whenever it changes, whoever changed it; what a new one holds is ended in
 * the same turn. While the store is damaged there is no new work for anybody, and what runs is held by the locks that were known last.
 */
export class LockBook {
  readonly #options: LockOptions
  readonly #hooks: LockHook[] = []
  #known: readonly Lock[] = []
  #damage: string | undefined
  /** This one among those that share the store. */
  readonly #id = randomHex()
  /** How many calls each of them has ended here. */
  readonly #ended = new Map<string, number>()
  /** Changes that this process has recorded, or is recording. */
  readonly #recorded = new Set<string>()
  #following: AbortSignal | undefined

  constructor(options: LockOptions) {
    this.#options = options
    const state = options.store.read()
    if (state.kind === 'damaged') this.#damaged(state.why)
    else this.#known = state.locks
  }

  /** What the locks make of a decision about new work. */
  over(call: Call, decision: Decision): Decision {
    // guard: damaged-locks-refuse
    if (this.problem() !== undefined) return LOCKS_UNKNOWN
    return this.#overKnown(call, decision)
  }

  /** Whether a lock ends work that was begun before. What operators do about locks is over by itself. */
  holds(call: Pick<Call, 'principal' | 'action'>): boolean {
    return !isAboutLocks(call.action) && this.#overKnown(call, BEGUN) === LOCKED
  }

  /** Whether whatever they ask is refused, but for what operators do about locks. */
  locksOut(principal: Principal): boolean {
    return this.holds({ principal, action: { kind: 'list_hosts' } })
  }

  /** Whether a lock names whoever this is (person, client or key). The kill switch names nobody: operators still see what they are about to lift. */
  holdsByName(principal: Principal): boolean {
    return this.#overKnown({ principal, action: { kind: 'list_locks' } }, BEGUN) === LOCKED
  }

  #overKnown(call: Pick<Call, 'principal' | 'action'>, decision: Decision): Decision {
    const locks = this.inForce()
    return locks.length === 0 ? decision : underLocks(call, decision, locks, this.#options.people())
  }

  inForce(): readonly Lock[] {
    const now = this.#options.clock.now()
    return this.#known.filter((lock) => isInForce(lock, now))
  }

  /** Undefined while it is known what is locked; otherwise why not, for `/ready`. */
  problem(): string | undefined {
    // Asked each time: a process that was stopped for a while does not know what was locked meanwhile.
    const state = this.#options.store.read()
    return state.kind === 'damaged' ? state.why : this.#damage
  }

  /** `hook` is called whenever a lock comes into force, until the process ends. */
  whenLocked(hook: LockHook): void {
    this.#hooks.push(hook)
  }

  /** Follows the store until the signal aborts, and puts on record what was changed while no bridge ran. */
  follow(signal: AbortSignal): void {
    this.#following = signal
    this.#options.store.follow(() => this.refresh(), signal)
    this.refresh()
  }

  /** Durable, in force, what it holds ended, and on record, in this order. Resolves to how many calls were ended. */
  async add(lock: Lock): Promise<number> {
    await this.#change(({ locks, ...rest }) => ({ ...rest, locks: [...locks, lock] }))
    this.refresh()
    // Whoever watches the store may have been quicker to see it.
    const endedCalls = this.#ended.get(lock.id) ?? 0
    await this.#options.audit.append({ type: 'lock.added', at: this.#now(), lock, endedCalls })
    return endedCalls
  }

  /** The lock that was lifted, or undefined when there was none. On record when it resolves. */
  async remove(id: string, by: string): Promise<Lock | undefined> {
    const lock = this.inForce().find((one) => one.id === id)
    if (lock === undefined) return undefined
    await this.#change(({ locks, ...rest }) => ({ ...rest, locks: locks.filter((one) => one.id !== id) }))
    this.refresh()
    await this.#options.audit.append({ type: 'lock.removed', at: this.#now(), lock, by })
    return lock
  }

  hasApiKey(name: string): boolean {
    return this.#options.apiKeys().includes(name)
  }

  /** Looks at the store again: what it holds now is in force, whatever somebody has just written into it. */
  refresh(): void {
    const state = this.#options.store.read()
    if (state.kind === 'damaged') {
      this.#damaged(state.why)
      return
    }
    if (this.#damage !== undefined) this.#options.log.info('The locks can be read again', {})
    this.#damage = undefined
    this.#takeOver(state.locks)
    void this.#record(state.unrecorded)
  }

  #takeOver(locks: readonly Lock[]): void {
    const [before, { log }] = [this.#known, this.#options]
    this.#known = locks
    const added = without(locks, before)
    const ended = added.length === 0 ? 0 : this.#hooks.reduce((sum, end) => sum + end(), 0)
    for (const { id, by } of added) {
      this.#ended.set(id, ended)
      log.warn('A lock is in force', { lock: id, by, ended_calls: ended })
    }
    for (const { id } of without(before, locks)) {
      this.#ended.delete(id)
      log.info('A lock is lifted', { lock: id })
    }
  }

  /** What was done from the command line is on record as soon as one of the bridges sees it; then it need not be kept any longer. */
  async #record(changes: readonly LockChange[]): Promise<void> {
    if (changes.every((change) => this.#recorded.has(keyOf(change)))) return
    try {
      const fresh = await this.#takeUnrecorded()
      if (fresh.length > 0) {
        await this.#options.audit.append(...fresh.map((change) => this.#eventOf(change)))
        const written = new Set(fresh.map(keyOf))
        await this.#change(({ unrecorded, ...rest }) => ({
          ...rest,
          unrecorded: unrecorded.filter((change) => !written.has(keyOf(change))),
        }))
      }
      // Another may have taken the rest, and die before it is on record.
      if (fresh.length < changes.length) this.#refreshIn(TAKEN_MS)
    } catch (cause) {
      for (const change of changes) this.#recorded.delete(keyOf(change))
      this.#options.log.error('Changed locks are not on record yet', { cause: String(cause) })
      this.#refreshIn(AGAIN_MS)
    }
  }

  /** Several bridges see the same change: each is put on record by one of them. */
  async #takeUnrecorded(): Promise<readonly LockChange[]> {
    const fresh: LockChange[] = []
    const until = new Date(this.#now().getTime() + TAKEN_MS)
    await this.#change((known) => {
      fresh.length = 0
      const unrecorded = known.unrecorded.map((change) => {
        const isMine = change.taken?.by === this.#id
        // guard: recorded-by-one
        if (this.#recorded.has(keyOf(change)) || (!isMine && isTaken(change, this.#now()))) return change
        fresh.push(change)
        return { ...change, taken: { by: this.#id, until } }
      })
      return { ...known, unrecorded }
    })
    for (const change of fresh) this.#recorded.add(keyOf(change))
    return fresh
  }

  #eventOf({ what, lock, by }: LockChange): AuditEvent {
    const at = this.#now()
    return what === 'added'
      ? { type: 'lock.added', at, lock, endedCalls: this.#ended.get(lock.id) ?? 0 }
      : { type: 'lock.removed', at, lock, by }
  }

  #refreshIn(ms: number): void {
    this.#options.clock.sleep(ms, this.#following).then(
      () => this.refresh(),
      () => undefined,
    )
  }

  /** Those that have expired go with the next change. */
  #change(edit: (known: KnownLocks) => KnownLocks): Promise<KnownLocks> {
    const now = this.#now()
    return this.#options.store.change((known) => {
      const edited = edit(known)
      return { ...edited, locks: edited.locks.filter((lock) => isInForce(lock, now)) }
    })
  }

  #damaged(why: string): void {
    if (this.#damage === undefined)
      this.#options.log.error(
        `Nobody can tell what is locked, so everything is: ${why}. While the database answers, this lifts every lock: ssh-mcp-bridge locks reset`,
      )
    this.#damage = why
  }

  #now(): Date {
    return this.#options.clock.now()
  }
}

function isTaken({ taken }: LockChange, now: Date): boolean {
  return taken !== undefined && now < taken.until
}

function keyOf({ what, lock }: Pick<LockChange, 'what' | 'lock'>): string {
  return `${what} ${lock.id}`
}

function without(locks: readonly Lock[], others: readonly Lock[]): readonly Lock[] {
  const known = new Set(others.map(({ id }) => id))
  return locks.filter(({ id }) => !known.has(id))
}
