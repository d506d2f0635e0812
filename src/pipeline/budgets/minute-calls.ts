const MINUTE_MS = 60_000
const MOST_KEYS = 10_000
/** What rounding may add up to. */
const ROUNDING_MS = 0.01

/** Calls since the last time that they were taken to be told. */
interface Fresh {
  readonly costMs: number
  readonly firstMs: number
}

/**
 * So many calls a minute, for each of many: spent at once or evenly, and given back evenly. Each of n a minute takes the n-th part of a minute
 * to be made up for, one after the other, so a single time says all: when they are. As long as that is more than a minute off, they are more
 * than n.
 */
export class MinuteCalls {
  /** By whose. */
  readonly #freeAtMs = new Map<string, number>()
  #fresh = new Map<string, Fresh>()

  /** How long to wait until one more may go; 0 when it may now. */
  waitMs(key: string, perMinute: number, nowMs: number): number {
    const freeInMs = Math.max(0, this.#freeAt(key, nowMs) - nowMs)
    const overMs = freeInMs + MINUTE_MS / perMinute - MINUTE_MS - ROUNDING_MS
    return Math.max(0, Math.ceil(overMs))
  }

  add(key: string, perMinute: number, nowMs: number): void {
    const costMs = MINUTE_MS / perMinute
    this.#set(key, Math.max(nowMs, this.#freeAt(key, nowMs)) + costMs, nowMs)
    const { costMs: before, firstMs } = this.#fresh.get(key) ?? { costMs: 0, firstMs: nowMs }
    this.#fresh.set(key, { costMs: before + costMs, firstMs })
  }

  takeFresh(): ReadonlyMap<string, Fresh> {
    const fresh = this.#fresh
    this.#fresh = new Map()
    return fresh
  }

  /** They could not be told. */
  putBack(fresh: ReadonlyMap<string, Fresh>): void {
    for (const [key, { costMs, firstMs }] of fresh)
      this.#fresh.set(key, { costMs: costMs + (this.#fresh.get(key)?.costMs ?? 0), firstMs })
  }

  /** Takes over in how long those of all will be made up for: what is fresh here is not among them. */
  know(freeInMs: ReadonlyMap<string, number>, nowMs: number): void {
    for (const [key, ms] of freeInMs) {
      const all = nowMs + ms + (this.#fresh.get(key)?.costMs ?? 0)
      if (all > this.#freeAt(key, nowMs)) this.#set(key, all, nowMs)
    }
  }

  #freeAt(key: string, nowMs: number): number {
    return this.#freeAtMs.get(key) ?? nowMs
  }

  #set(key: string, freeAtMs: number, nowMs: number): void {
    this.#freeAtMs.delete(key)
    this.#freeAtMs.set(key, freeAtMs)
    if (this.#freeAtMs.size <= MOST_KEYS) return
    for (const [other, ms] of this.#freeAtMs) if (ms <= nowMs) this.#freeAtMs.delete(other)
    // Else those that came longest ago give way.
    const [oldest] = this.#freeAtMs.keys()
    if (this.#freeAtMs.size > MOST_KEYS && oldest !== undefined) this.#freeAtMs.delete(oldest)
  }
}
