import type { Call } from '../../domain/call.ts'
import type { Log } from '../../domain/log.ts'
import { type Principal, principalKey } from '../../domain/principal.ts'
import { MOST_MARKS, type Taint, type TaintStore } from '../../domain/taint.ts'
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

/** A later end is written down that often at most. */
const SAVE_AGAIN_MS = 60_000
/** What is told at once, and for what was not heard. */
const LOOK_MS = 5_000

/** Who was shown what others may have written: by person and client. */
export class TaintBook {
  readonly #options: TaintOptions
  readonly #taints = new Map<string, Taint>()

  /** Marked here, and not durable yet. */
  readonly #unsaved = new Map<string, Taint>()

  constructor(options: TaintOptions) {
    this.#options = options
  }

  /** Resolves once it is known who is tainted, whichever instance marked them: nobody is judged before. */
  async load(): Promise<void> {
    const loaded = await this.#options.store.load()
    const before = new Map(this.#taints)
    this.#taints.clear()
    for (const taint of loaded) {
      const known = before.get(keyOf(taint.principal))
      // Marked again here since it was saved.
      const isLater = known?.id === taint.id && known.expiresAt > taint.expiresAt
      this.#taints.set(keyOf(taint.principal), isLater ? { ...taint, expiresAt: known.expiresAt } : taint)
    }
    for (const [key, taint] of this.#unsaved) this.#taints.set(key, taint)
  }

  /** Hears of what other instances mark and clear until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    const { clock, log, store } = this.#options
    const look = () =>
      this.load().catch((cause: unknown) => log.warn('The taints cannot be read', { cause: String(cause) }))
    store.follow(() => void look(), signal)
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal).catch(() => undefined)
      if (!signal.aborted) await look()
    }
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
      this.#set(taint)
      return taint
    }
    const isSeen = known.marks.length >= MOST_MARKS || known.marks.some((one) => one.why === why)
    const marks = isSeen ? known.marks : [...known.marks, mark]
    const again = { ...known, marks, expiresAt }
    const isLater = expiresAt.getTime() - known.expiresAt.getTime() > SAVE_AGAIN_MS
    if (marks === known.marks && !isLater) this.#taints.set(keyOf(principal), again)
    else {
      this.#set(again)
      void this.keep(principal)
    }
    return undefined
  }

  /** Resolves once the taint of the caller is there after a restart too; what keeps it from that is for the operator's log. */
  async keep(principal: Principal): Promise<void> {
    const key = keyOf(principal)
    const taint = this.#taints.get(key)
    if (taint === undefined) return
    try {
      const saved = await this.#options.store.save(key, taint)
      // Marked once more meanwhile: that is saved by itself.
      if (this.#taints.get(key) === taint) this.#taints.set(key, saved)
      if (this.#unsaved.get(key) === taint) this.#unsaved.delete(key)
    } catch (cause) {
      this.#options.log.error('A taint could not be kept; it ends with the bridge', {
        taint: taint.id,
        cause: String(cause),
      })
    }
  }

  /** Resolves once it is gone from the store too, where nothing keeps it there. `by`: because it is over. */
  async clear({ id, principal }: Taint, by?: Date): Promise<void> {
    this.#taints.delete(keyOf(principal))
    this.#unsaved.delete(keyOf(principal))
    const { store, log } = this.#options
    await store.remove(id, by).catch((cause: unknown) => {
      log.error('A taint is over, but cannot be removed: it is there again after a restart', {
        taint: id,
        cause: String(cause),
      })
    })
  }

  #set(taint: Taint): void {
    const key = keyOf(taint.principal)
    this.#taints.set(key, taint)
    this.#unsaved.set(key, taint)
  }

  #current(key: string): Taint | undefined {
    const taint = this.#taints.get(key)
    const now = this.#options.clock.now()
    if (taint === undefined || now < taint.expiresAt) return taint
    void this.clear(taint, now)
    return undefined
  }
}

function keyOf(principal: Principal): string {
  return JSON.stringify([principalKey(principal), principal.clientId ?? null])
}
