/** Who runs how many commands now, for each of many, and who waits for a place. */
export class Places {
  /** The keys that a call is counted under. */
  readonly #held = new Map<string, readonly string[]>()
  readonly #counts = new Map<string, number>()
  readonly #waiting = new Set<() => void>()

  taken(key: string): number {
    return this.#counts.get(key) ?? 0
  }

  take(call: string, keys: readonly string[]): void {
    if (keys.length === 0 || this.#held.has(call)) return
    this.#held.set(call, keys)
    for (const key of keys) this.#counts.set(key, this.taken(key) + 1)
  }

  giveBack(call: string): void {
    const keys = this.#held.get(call)
    if (keys === undefined) return
    this.#held.delete(call)
    for (const key of keys) {
      const left = this.taken(key) - 1
      if (left > 0) this.#counts.set(key, left)
      else this.#counts.delete(key)
    }
    for (const wake of [...this.#waiting]) wake()
  }

  /** Resolves when a place was given back, or the signal has aborted. */
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
}
