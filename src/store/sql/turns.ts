type Work = () => Promise<void>

/** One after the other, in the order in which it came; what is to be done first goes before all that waits. */
export class Turns {
  readonly #first: Work[] = []
  readonly #usual: Work[] = []
  #isBusy = false
  #whenIdle: (() => void)[] = []

  /** Settles as `work` does. */
  take<T>(work: () => Promise<T>, isFirst = false): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiting = isFirst ? this.#first : this.#usual
      waiting.push(() => work().then(resolve, reject))
      if (!this.#isBusy) void this.#work()
    })
  }

  /** Resolves when nothing is done, and nothing waits. */
  idle(): Promise<void> {
    if (!this.#isBusy) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  async #work(): Promise<void> {
    this.#isBusy = true
    for (let next = this.#next(); next !== undefined; next = this.#next()) await next()
    this.#isBusy = false
    for (const tell of this.#whenIdle.splice(0)) tell()
  }

  #next(): Work | undefined {
    return this.#first.shift() ?? this.#usual.shift()
  }
}
