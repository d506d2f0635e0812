import { type Principal, principalKey } from '../../domain/principal.ts'

/** Of one principal, all its clients together: what it follows and the streams it holds open for that. */
const MOST_PER_PRINCIPAL = 64
const MOST_IN_ALL = 1_024

/** How much is followed, by each principal and in all: each costs the bridge a little for as long as it lasts. */
export class SubscriptionPlaces {
  readonly #taken = new Map<string, number>()
  #inAll = 0

  /** A place, as the function that gives it back; undefined when there is none. */
  take(principal: Principal): (() => void) | undefined {
    const key = principalKey(principal)
    const taken = this.#taken.get(key) ?? 0
    // guard: bounded-subscriptions
    if (taken >= MOST_PER_PRINCIPAL || this.#inAll >= MOST_IN_ALL) return undefined
    this.#taken.set(key, taken + 1)
    this.#inAll += 1
    let isGivenBack = false
    return () => {
      if (isGivenBack) return
      isGivenBack = true
      this.#inAll -= 1
      const left = (this.#taken.get(key) ?? 1) - 1
      if (left === 0) this.#taken.delete(key)
      else this.#taken.set(key, left)
    }
  }
}
