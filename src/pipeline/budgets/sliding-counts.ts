/** What was counted, in pieces of time: by the number of the piece since 1970. */
export type Pieces = ReadonlyMap<number, number>

/** Those that were counted for longest ago give way. */
const MOST_KEYS = 10_000

/**
 * How much was used within the last while, for each of many. Counted in pieces of time, so memory does not grow with use; a piece counts
 * until its end is a whole window ago, so that no window ever holds more than the limit.
 */
export class SlidingCounts {
  readonly windowMs: number
  readonly #pieceMs: number
  /** Known, of every process; and what came since, of this one. */
  readonly #known = new Map<string, Map<number, number>>()
  readonly #fresh = new Map<string, Map<number, number>>()

  constructor(windowMs: number, pieces: number) {
    this.windowMs = windowMs
    this.#pieceMs = windowMs / pieces
  }

  used(key: string, nowMs: number): number {
    return this.#inWindow(key, nowMs).reduce((sum, [, count]) => sum + count, 0)
  }

  /** How long until less than `limit` is used; 0 when it is. */
  waitMs(key: string, limit: number, nowMs: number): number {
    let used = this.used(key, nowMs)
    if (used < limit) return 0
    for (const [piece, count] of this.#inWindow(key, nowMs).sort(([a], [b]) => a - b)) {
      used -= count
      if (used < limit) return (piece + 1) * this.#pieceMs + this.windowMs - nowMs
    }
    return this.windowMs
  }

  add(key: string, count: number, nowMs: number): void {
    if (count > 0) put(this.#fresh, key, Math.floor(nowMs / this.#pieceMs), count)
    if (this.#known.size + this.#fresh.size > MOST_KEYS) this.#forgetOldest(nowMs)
  }

  /** What came since the last time that all was known, to be kept. */
  fresh(): ReadonlyMap<string, Pieces> {
    return new Map([...this.#fresh].map(([key, pieces]) => [key, new Map(pieces)]))
  }

  /** Takes over what is kept; `written` of what is fresh is in there. */
  know(all: ReadonlyMap<string, Pieces>, written: ReadonlyMap<string, Pieces>, nowMs: number): void {
    this.#known.clear()
    for (const [key, pieces] of all)
      for (const [piece, count] of pieces) if (this.counts(piece, nowMs)) put(this.#known, key, piece, count)
    for (const [key, pieces] of written)
      for (const [piece, count] of pieces) take(this.#fresh, key, piece, count)
  }

  /** Whether a piece still counts: others need not be kept. */
  counts(piece: number, nowMs: number): boolean {
    return (piece + 1) * this.#pieceMs + this.windowMs > nowMs
  }

  #inWindow(key: string, nowMs: number): [number, number][] {
    const pieces = [...(this.#known.get(key) ?? []), ...(this.#fresh.get(key) ?? [])]
    return pieces.filter(([piece]) => this.counts(piece, nowMs))
  }

  #forgetOldest(nowMs: number): void {
    for (const key of this.#known.keys()) if (this.#inWindow(key, nowMs).length === 0) this.#known.delete(key)
    const [oldest] = this.#known.keys()
    if (this.#known.size + this.#fresh.size > MOST_KEYS && oldest !== undefined) this.#known.delete(oldest)
  }
}

function put(counts: Map<string, Map<number, number>>, key: string, piece: number, count: number): void {
  const pieces = counts.get(key) ?? new Map<number, number>()
  pieces.set(piece, (pieces.get(piece) ?? 0) + count)
  // In the order in which they were counted for last.
  counts.delete(key)
  counts.set(key, pieces)
}

function take(counts: Map<string, Map<number, number>>, key: string, piece: number, count: number): void {
  const pieces = counts.get(key)
  const left = (pieces?.get(piece) ?? 0) - count
  if (left > 0) pieces?.set(piece, left)
  else pieces?.delete(piece)
  if (pieces?.size === 0) counts.delete(key)
}
