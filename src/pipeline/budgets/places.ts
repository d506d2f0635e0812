/** Who runs how many commands now, for each of many, and who waits for a place. */
export class Places {
  /** The keys that a call is counted under. */
  readonly #held = new Map<string, readonly string[]>()
  readonly #counts = new Map<string, number>()
  /** At other instances. */
  #elsewhere: ReadonlyMap<string, number> = new Map()
  readonly #waiting = new Set<() => void>()

  taken(key: string): number {
    return this.#here(key) + (this.#elsewhere.get(key) ?? 0)
  }

  /** Those of this instance. */
  own(): ReadonlyMap<string, number> {
    return new Map(this.#counts)
  }

  know(elsewhere: ReadonlyMap<string, number>): void {
    this.#elsewhere = elsewhere
    this.#wakeAll()
  }

  take(call: string, keys: readonly string[]): void {
    if (keys.length === 0 || this.#held.has(call)) return
    this.#held.set(call, keys)
    for (const key of keys) this.#counts.set(key, this.#here(key) + 1)
  }

  giveBack(call: string): void {
    const keys = this.#held.get(call)
    if (keys === undefined) return
    this.#held.delete(call)
    for (const key of keys) {
      const left = this.#here(key) - 1
      if (left > 0) this.#counts.set(key, left)
      else this.#counts.delete(key)
    }
    this.#wakeAll()
  }

  /** Resolves when a place may have been given back, or the signal has aborted. */
  news(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      if (signal.aborted) return resolve()
      this.#waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  #here(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  #wakeAll(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}
