import type { SealedState } from '../domain/sealed-state.ts'
import type { Clock } from '../lib/clock.ts'

const KIND = 'client'
const DAY_MS = 86_400_000
/** The most registrations that are kept. */
const MOST = 5_000

/** A client that registered itself (RFC 7591). */
export interface Registration {
  readonly id: string
  /** As the provider library has it, secret included. */
  readonly metadata: Readonly<Record<string, unknown>>
  readonly registeredAt: string
  /** When it last got a token. */
  readonly usedAt?: string
}

/**
 * The clients that registered themselves. One that nobody used is forgotten `keepMs` after it registered, one that somebody did as long after its
 * last token. When there are too many, the oldest that was never used goes first.
 */
export class Registrations {
  readonly #state: SealedState
  readonly #clock: Clock
  readonly #keepMs: () => number
  readonly #most: number

  constructor(state: SealedState, clock: Clock, keepMs: () => number, most = MOST) {
    this.#most = most
    this.#state = state
    this.#clock = clock
    this.#keepMs = keepMs
  }

  async find(id: string): Promise<Registration | undefined> {
    return (await this.#state.find(KIND, id)) as Registration | undefined
  }

  async list(): Promise<readonly Registration[]> {
    const entries = await this.#state.list(KIND)
    return entries
      .map(({ value }) => value as Registration)
      .sort((a, b) => a.registeredAt.localeCompare(b.registeredAt))
  }

  async add(id: string, metadata: Registration['metadata']): Promise<void> {
    await this.#save({ id, metadata, registeredAt: this.#clock.now().toISOString() })
  }

  /** Written at most once a day: a client refreshes its token every few minutes. */
  async used(id: string): Promise<void> {
    const known = await this.find(id)
    const nowMs = this.#clock.now().getTime()
    if (known === undefined) return
    if (known.usedAt !== undefined && nowMs - Date.parse(known.usedAt) < DAY_MS) return
    await this.#save({ ...known, usedAt: this.#clock.now().toISOString() })
  }

  remove(id: string): Promise<boolean> {
    return this.#state.remove(KIND, id)
  }

  /** Before one more: makes room where there are too many. Resolves to who was forgotten for it; 'full' when all of them are in use. */
  async makeRoom(): Promise<readonly string[] | 'full'> {
    const count = await this.#state.count(KIND)
    if (count < this.#most) return []
    const unused = (await this.list()).filter(({ usedAt }) => usedAt === undefined)
    // guard: room-for-clients
    const going = unused.slice(0, count - this.#most + 1)
    if (going.length === 0) return 'full'
    for (const { id } of going) await this.remove(id)
    return going.map(({ id }) => id)
  }

  async #save(registration: Registration): Promise<void> {
    const expiresAt = new Date(this.#clock.now().getTime() + this.#keepMs())
    await this.#state.save(KIND, registration.id, registration, expiresAt)
  }
}
