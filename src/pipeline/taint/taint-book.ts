import type { Call } from '../../domain/call.ts'
import type { Log } from '../../domain/log.ts'
import { type Principal, principalKey } from '../../domain/principal.ts'
import type { Taint, TaintStore } from '../../domain/taint.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomId } from '../../lib/ids.ts'
import type { Risk } from './risk-of.ts'
import type { RiskyPlaces } from './risky-places.ts'

export interface TaintOptions {
  readonly store: TaintStore
  readonly clock: Clock
  readonly log: Log
  /** How long a taint holds after its last mark; a reload replaces it. */
  readonly forMs: () => number
  /** Where others write; a reload replaces them. */
  readonly places: () => RiskyPlaces
}

/** As many marks tell people what happened. */
const MOST_MARKS = 5
/** A later end is written down that often at most. */
const SAVE_AGAIN_MS = 60_000

/** Who was shown what others may have written: by person and client. */
export class TaintBook {
  readonly #options: TaintOptions
  readonly #taints = new Map<string, Taint>()

  constructor(options: TaintOptions) {
    this.#options = options
    for (const taint of options.store.load()) this.#taints.set(keyOf(taint.principal), taint)
  }

  get places(): RiskyPlaces {
    return this.#options.places()
  }

  /** In words, why the caller is tainted now; undefined when it is not. */
  whyOf(principal: Principal): string | undefined {
    return this.#current(keyOf(principal))?.marks[0]?.why
  }

  /** Those in force, oldest first. */
  list(): readonly Taint[] {
    return [...this.#taints.keys()].flatMap((key) => this.#current(key) ?? [])
  }

  find(id: string): Taint | undefined {
    return this.list().find((taint) => taint.id === id)
  }

  /** Marks the caller. The taint when it is a new one: what was marked before is known already. Not durable yet. */
  mark({ id: call, principal }: Call, { host, why }: Risk): Taint | undefined {
    const { clock, forMs } = this.#options
    const at = clock.now()
    const expiresAt = new Date(at.getTime() + forMs())
    const mark = { why, host, at, call }
    const known = this.#current(keyOf(principal))
    if (known === undefined) {
      // Those that are over go with it.
      this.list()
      const taint = { id: randomId('taint'), principal, marks: [mark], since: at, expiresAt }
      this.#taints.set(keyOf(principal), taint)
      return taint
    }
    const isSeen = known.marks.length >= MOST_MARKS || known.marks.some((one) => one.why === why)
    const marks = isSeen ? known.marks : [...known.marks, mark]
    this.#taints.set(keyOf(principal), { ...known, marks, expiresAt })
    const isLater = expiresAt.getTime() - known.expiresAt.getTime() > SAVE_AGAIN_MS
    if (marks !== known.marks || isLater) void this.keep(principal)
    return undefined
  }

  /** Resolves once the taint of the caller is there after a restart too; what keeps it from that is for the operator's log. */
  async keep(principal: Principal): Promise<void> {
    const taint = this.#taints.get(keyOf(principal))
    if (taint === undefined) return
    await this.#options.store.save(taint).catch((cause: unknown) => {
      this.#options.log.error('A taint could not be kept on disk; it ends with the bridge', {
        taint: taint.id,
        cause: String(cause),
      })
    })
  }

  /** Resolves once it is gone from the disk too, where nothing keeps it there. */
  async clear({ id, principal }: Taint): Promise<void> {
    this.#taints.delete(keyOf(principal))
    const { store, log } = this.#options
    await store.remove(id).catch((cause: unknown) => {
      log.error('A taint is over, but its file cannot be removed: it is there again after a restart', {
        taint: id,
        cause: String(cause),
      })
    })
  }

  #current(key: string): Taint | undefined {
    const taint = this.#taints.get(key)
    if (taint === undefined || this.#options.clock.now() < taint.expiresAt) return taint
    void this.clear(taint)
    return undefined
  }
}

function keyOf(principal: Principal): string {
  return JSON.stringify([principalKey(principal), principal.clientId ?? null])
}
