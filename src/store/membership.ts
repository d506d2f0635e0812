import type { Clock } from '../lib/clock.ts'
import type { Writer } from './audit-append.ts'
import { type Instance, registerInstance } from './instance.ts'
import { renewLease } from './lease.ts'
import type { Database } from './sql/database.ts'

/** Who could not renew its lease for so long begins nothing any more: sooner than others may take over what it has. */
const UNSURE_MS = { sqlite: 20_000, postgres: 3_000 } as const

/** This process among the instances that share the database: the same id as long as its lease holds, another one after it was lost. */
export class Membership implements Writer {
  readonly #database: Database
  readonly #clock: Clock
  readonly #about: About
  #instance: Instance
  /** When it was last known that the lease holds. */
  #heldAtMs: number
  #isLost = false
  /** As which it was declared lost, as long as that is not on record. */
  cameBackFrom: { readonly id: string; readonly awayMs: number } | undefined

  private constructor(database: Database, clock: Clock, about: About, instance: Instance, heldAtMs: number) {
    this.#database = database
    this.#clock = clock
    this.#about = about
    this.#instance = instance
    this.#heldAtMs = heldAtMs
  }

  static async join(database: Database, clock: Clock, about: About): Promise<Membership> {
    const heldAtMs = clock.monotonicMs()
    const instance = await registerInstance(database, clock)
    const membership = new Membership(database, clock, about, instance, heldAtMs)
    await membership.tellAbout()
    return membership
  }

  get id(): string {
    return this.#instance.id
  }

  /** Whether something may be begun. What is being done may go on: what becomes of it is decided where it is put on record. */
  isSure(): boolean {
    return !this.#isLost && this.#clock.monotonicMs() - this.#heldAtMs < UNSURE_MS[this.#database.engine]
  }

  /** Why calls are not taken, for `/ready`. */
  problem(): string | undefined {
    if (this.#isLost) return 'it was given up by the other instances and is coming back as a new one'
    return this.isSure() ? undefined : 'it could not tell the other instances that it lives'
  }

  /** False: it was declared lost. Rejects while the database does. */
  async renew(): Promise<boolean> {
    // From before the question: the answer may have been long on its way.
    const askedAtMs = this.#clock.monotonicMs()
    const isHeld = await renewLease(this.#database, this.id)
    if (isHeld) this.#heldAtMs = askedAtMs
    else this.#isLost = true
    return isHeld
  }

  /** Comes back as an instance that has nothing yet. */
  async rejoin(): Promise<void> {
    const askedAtMs = this.#clock.monotonicMs()
    const awayMs = Math.round(askedAtMs - this.#heldAtMs)
    const { id } = this
    this.#instance = await registerInstance(this.#database, this.#clock)
    this.cameBackFrom = { id, awayMs }
    this.#heldAtMs = askedAtMs
    this.#isLost = false
    await this.tellAbout().catch(() => undefined)
  }

  /** Writes down with what it works, for whoever looks whether all do with the same. */
  async tellAbout(): Promise<void> {
    const { version, config } = this.#about()
    await this.#database.run(
      'UPDATE instances SET version = $1, config = $2 WHERE id = $3',
      version,
      config,
      this.id,
    )
  }

  /** It ends of its own will. */
  close(): Promise<void> {
    return this.#instance.close()
  }
}

/** The version of the program, and a digest of the rules and hosts it works by. */
export type About = () => { readonly version: string; readonly config: string }
