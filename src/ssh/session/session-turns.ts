/** Lets one call at a time into a session, in the order in which they came. */
export class Turns {
  #last: Promise<void> = Promise.resolve()
  #waiting = 0

  /** True while a call is in or waits. */
  get isBusy(): boolean {
    return this.#waiting > 0
  }

  /** Resolves with the function that ends the turn. Rejects with the signal's reason when it aborts first; the place is given up. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    const before = this.#last
    const { promise, resolve } = deferred()
    this.#last = before.then(() => promise)
    this.#waiting += 1
    const end = () => {
      if (ended) return
      ended = true
      this.#waiting -= 1
      resolve()
    }
    let ended = false
    try {
      await untilAborted(before, signal)
    } catch (reason) {
      end()
      throw reason
    }
    return end
  }
}

function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, reject)
  })
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

/** Turns for each of many things, as long as somebody is at one. */
export class TurnsByKey {
  readonly #turns = new Map<string, Turns>()

  /** As `Turns.take`. */
  async take(key: string, signal: AbortSignal): Promise<() => void> {
    const turns = this.#turns.get(key) ?? new Turns()
    this.#turns.set(key, turns)
    const forget = () => {
      if (!turns.isBusy && this.#turns.get(key) === turns) this.#turns.delete(key)
    }
    try {
      const end = await turns.take(signal)
      return () => {
        end()
        forget()
      }
    } catch (reason) {
      forget()
      throw reason
    }
  }
}
