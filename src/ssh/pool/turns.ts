import type { Clock } from '../../lib/clock.ts'

/** Connections that are made at the same time; measured with 200 hosts on two cores, see docs/decisions/connecting.md. */
const MOST_AT_ONCE = 64
/** One that takes longer waits for its host and not for this machine: it keeps nobody. */
const LONGEST_MS = 250

interface Waiter {
  begin(): void
}

/**
 * Who may connect next, over all hosts: owner by owner in turn, so that one who asks for a thousand hosts keeps nobody waiting. A host
 * that does not answer holds a turn for a quarter of a second only.
 */
export class Turns {
  readonly #clock: Clock
  readonly #most: number
  readonly #waiting = new Map<string, Waiter[]>()
  #taken = 0

  constructor(clock: Clock, most = MOST_AT_ONCE) {
    this.#clock = clock
    this.#most = most
  }

  /** Resolves when it is `owner`'s turn, with the function that ends it; at once when `signal` aborts. */
  take(owner: string, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve) => {
      const queue = this.#waiting.get(owner) ?? []
      const leave = () => {
        const at = queue.indexOf(waiter)
        if (at >= 0) queue.splice(at, 1)
        if (queue.length === 0) this.#waiting.delete(owner)
        resolve(() => undefined)
      }
      const waiter: Waiter = {
        begin: () => {
          signal.removeEventListener('abort', leave)
          resolve(this.#begin())
        },
      }
      if (signal.aborted) return leave()
      signal.addEventListener('abort', leave, { once: true })
      queue.push(waiter)
      this.#waiting.set(owner, queue)
      this.#serve()
    })
  }

  #serve(): void {
    for (const [owner, queue] of this.#waiting) {
      if (this.#taken >= this.#most) return
      const next = queue.shift()
      // Behind everybody else until it is this owner's turn again.
      this.#waiting.delete(owner)
      if (queue.length > 0) this.#waiting.set(owner, queue)
      next?.begin()
    }
  }

  #begin(): () => void {
    this.#taken += 1
    const over = new AbortController()
    const end = () => {
      if (over.signal.aborted) return
      over.abort('over')
      this.#taken -= 1
      this.#serve()
    }
    this.#clock.sleep(LONGEST_MS, over.signal).then(end, () => undefined)
    return end
  }
}
