import { type Principal, principalKey } from '../domain/principal.ts'
import type { Clock } from '../lib/clock.ts'

/** A connection of the legacy era that lasts from request to request. */
export interface LegacySession {
  /** 128 random bits. */
  readonly id: string
  readonly door: 'streamable' | 'sse'
  readonly principal: Principal
  /** Whether a call of it is running: then it is never closed to make room. */
  isRunning(): boolean
  /** Whether its client holds a stream open: then it is not idle, however long it says nothing. */
  isListening(): boolean
  close(): Promise<void>
}

export interface SessionLimits {
  readonly inAll: number
  readonly perPrincipal: number
  readonly idleMs: number
}

export type Admission = 'admitted' | 'too_many_of_caller' | 'too_many_in_all'

/** How often sessions that nobody uses are looked for. */
const SWEEP_MS = 30_000

/**
 * The sessions of the legacy era. Each belongs to one principal and one client: for anyone else its id is as unknown as one that never
 * was. Bounded per principal and in all; when full, the longest unused one without a running call makes room, and its client
 * initializes anew as the protocol provides.
 */
export class SessionTable<S extends LegacySession = LegacySession> {
  // In the order of last use.
  readonly #sessions = new Map<string, { session: S; usedMs: number }>()
  readonly #limits: () => SessionLimits
  readonly #clock: Clock
  readonly #closed = new AbortController()

  constructor(limits: () => SessionLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
    void this.#sweep()
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Makes room for one more session of `principal`, or says why there is none. */
  admit(principal: Principal): Admission {
    const { inAll, perPrincipal } = this.#limits()
    const key = principalKey(principal)
    const own = this.#all().filter(({ session }) => principalKey(session.principal) === key)
    if (own.length >= perPrincipal && !this.#closeUnused(own)) return 'too_many_of_caller'
    if (this.#sessions.size >= inAll && !this.#closeUnused(this.#all())) return 'too_many_in_all'
    return 'admitted'
  }

  add(session: S): void {
    this.#sessions.set(session.id, { session, usedMs: this.#clock.monotonicMs() })
  }

  /** The session, if it is the caller's own and was made at the same door; notes that it is used. */
  find(id: string, door: S['door'], principal: Principal): S | undefined {
    const session = this.#sessions.get(id)?.session
    // guard: own-legacy-sessions
    if (session?.door !== door || ownerOf(session.principal) !== ownerOf(principal)) return undefined
    this.#sessions.delete(id)
    this.add(session)
    return session
  }

  ids(): readonly string[] {
    return [...this.#sessions.keys()]
  }

  /** It was ended elsewhere. */
  end(id: string): void {
    const known = this.#sessions.get(id)
    if (known !== undefined) this.#end(known.session)
  }

  remove(id: string): void {
    this.#sessions.delete(id)
  }

  /** Ends the sessions of principals that are locked out, whatever runs in them. Returns which they were. */
  closeWhere(isOver: (principal: Principal) => boolean): readonly string[] {
    const over = this.#all().filter(({ session }) => isOver(session.principal))
    for (const { session } of over) this.#end(session)
    return over.map(({ session }) => session.id)
  }

  async close(): Promise<void> {
    this.#closed.abort()
    const sessions = this.#all()
    this.#sessions.clear()
    await Promise.all(sessions.map(({ session }) => session.close()))
  }

  #all(): { session: S; usedMs: number }[] {
    return [...this.#sessions.values()]
  }

  #closeUnused(candidates: readonly { session: S }[]): boolean {
    const unused = candidates.find(({ session }) => !session.isRunning())
    if (unused === undefined) return false
    this.#end(unused.session)
    return true
  }

  #end(session: S): void {
    this.#sessions.delete(session.id)
    void session.close().catch(() => undefined)
  }

  async #sweep(): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      await this.#clock.sleep(SWEEP_MS, signal).catch(() => undefined)
      const beforeMs = this.#clock.monotonicMs() - this.#limits().idleMs
      for (const { session, usedMs } of this.#all())
        if (usedMs <= beforeMs && !session.isRunning() && !session.isListening()) this.#end(session)
    }
  }
}

/** One person's other client does not share sessions either: it negotiated a revision and capabilities of its own. */
export function ownerOf(principal: Principal): string {
  return JSON.stringify([principalKey(principal), principal.clientId ?? null])
}
