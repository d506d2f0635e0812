/** Full buckets say nothing: from here on they are dropped, oldest first, so that passing principals leave no memory behind. */
const MOST_BUCKETS = 10_000

/** So many things a minute, for each of many: spent at once or evenly, and filled again evenly. */
export class TokenBuckets {
  readonly #buckets = new Map<string, { readonly tokens: number; readonly atMs: number }>()

  /** How long to wait for a token; 0 when there is one. */
  waitMs(key: string, perMinute: number, nowMs: number): number {
    const tokens = this.#tokens(key, perMinute, nowMs)
    // A whole one, but for what rounding took.
    return tokens > 1 - 1e-9 ? 0 : Math.ceil((1 - tokens) * (60_000 / perMinute))
  }

  take(key: string, perMinute: number, nowMs: number): void {
    const tokens = this.#tokens(key, perMinute, nowMs) - 1
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens, atMs: nowMs })
    if (this.#buckets.size <= MOST_BUCKETS) return
    const [oldest] = this.#buckets.keys()
    if (oldest !== undefined) this.#buckets.delete(oldest)
  }

  #tokens(key: string, perMinute: number, nowMs: number): number {
    const bucket = this.#buckets.get(key)
    if (bucket === undefined) return perMinute
    return Math.min(perMinute, bucket.tokens + (nowMs - bucket.atMs) * (perMinute / 60_000))
  }
}
