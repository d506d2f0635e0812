/** Lets one call at a time into a session, in the order in which they came. */
export class Turns {
  #last: Promise<void> = Promise.resolve()
  #waiting = 0

  /** True while a call is in or waits. */
  get isBusy(): boolean {
    return this.#waiting > 0
  }

  /** True while a call waits for the one that is in. */
  get isAwaited(): boolean {
    return this.#waiting > 1
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
