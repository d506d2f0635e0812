import type { BudgetStore, UsedPieces } from '../../domain/budget.ts'
import type { Log } from '../../domain/log.ts'
import type { Clock } from '../../lib/clock.ts'
import { type Pieces, SlidingCounts } from './sliding-counts.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** What is counted over so long that a restart comes between, and in how many pieces. */
const COUNTERS = {
  destructive: { windowMs: DAY_MS, pieces: 24 },
  output_hour: { windowMs: HOUR_MS, pieces: 12 },
  output_day: { windowMs: DAY_MS, pieces: 24 },
} as const
export type Counter = keyof typeof COUNTERS

/** So much of what was counted may be lost in a crash. */
const WRITE_AFTER_MS = 1_000

const NOTHING: ReadonlyMap<string, Pieces> = new Map()

/** Counts that outlive the process, and are shared by all that use the same store. */
export class KeptCounts {
  readonly #store: BudgetStore
  readonly #clock: Clock
  readonly #log: Log
  readonly #counts: Readonly<Record<Counter, SlidingCounts>>
  #isDue = false
  #writing: Promise<void> = Promise.resolve()

  constructor({
    store,
    clock,
    log,
  }: { readonly store: BudgetStore; readonly clock: Clock; readonly log: Log }) {
    this.#store = store
    this.#clock = clock
    this.#log = log
    const make = (counter: Counter) => new SlidingCounts(COUNTERS[counter].windowMs, COUNTERS[counter].pieces)
    this.#counts = {
      destructive: make('destructive'),
      output_hour: make('output_hour'),
      output_day: make('output_day'),
    }
  }

  /** Resolves once it is known what was used before, and by other instances. */
  async load(): Promise<void> {
    // guard: budgets-outlive-restarts
    this.#know(await this.#store.read(), new Map())
  }

  /** What other instances use counts here within a second, until the signal aborts. */
  async follow(isNeeded: () => boolean, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(WRITE_AFTER_MS, signal).catch(() => undefined)
      if (signal.aborted || !isNeeded()) continue
      this.#writing = this.#writing.then(() => this.#look())
      await this.#writing
    }
  }

  waitMs(counter: Counter, key: string, limit: number): number {
    return this.#counts[counter].waitMs(key, limit, this.#nowMs())
  }

  add(counter: Counter, key: string, count: number): void {
    this.#counts[counter].add(key, count, this.#nowMs())
    if (this.#isDue) return
    this.#isDue = true
    void this.#clock.sleep(WRITE_AFTER_MS).then(() => this.flush())
  }

  /** Never rejects: what could not be written counts on in memory, and is written with what comes next. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    this.#isDue = false
    const names = Object.keys(this.#counts) as Counter[]
    const fresh = new Map(names.map((name) => [name, this.#counts[name].fresh()]))
    if ([...fresh.values()].every(({ size }) => size === 0)) return
    const isOver = (counter: string, piece: number) =>
      !(counter in this.#counts) || !this.#counts[counter as Counter].counts(piece, this.#nowMs())
    try {
      this.#know(await this.#store.add(fresh, isOver), fresh)
    } catch (cause) {
      this.#log.error('What was used of budgets could not be kept: a restart will forget it', {
        cause: String(cause),
      })
    }
  }

  async #look(): Promise<void> {
    if (Object.values(this.#counts).some((counts) => counts.fresh().size > 0)) return this.#write()
    // Where it cannot be read, what was known last counts on.
    await this.load().catch(() => undefined)
  }

  #know(all: UsedPieces, written: UsedPieces): void {
    for (const [name, counts] of Object.entries(this.#counts))
      counts.know(all.get(name) ?? NOTHING, written.get(name) ?? NOTHING, this.#nowMs())
  }

  /** The wall clock: it goes on while no bridge runs. */
  #nowMs(): number {
    return this.#clock.now().getTime()
  }
}
