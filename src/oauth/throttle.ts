import { sourceOf } from '../lib/source-of.ts'

/** Wrong keys an address may present at once, where nothing else is said; afterwards one in three seconds. */
const BURST = 20
/** Addresses remembered, some 100 bytes each. The one longest without a failure is forgotten first. */
const MAX_ADDRESSES = 10_000

/**
 * Slows down guessing of API keys: a bucket of permitted failures for each source. While it is empty a key from there is not even
 * looked at, right or wrong, since an answer to the right one is what a guesser waits for. Signed tokens cannot be guessed and never
 * come here, so clients behind one address with somebody who guesses keep working with those.
 */
export class Throttle {
  readonly #burst: number
  readonly #refillMs: number
  readonly #sources = new Map<string, { permitted: number; atMs: number }>()

  /** So many at once, and as many again in a minute. */
  constructor(burst = BURST) {
    this.#burst = burst
    this.#refillMs = 60_000 / burst
  }

  /** 0: a key from there may be looked at. */
  waitMs(address: string | undefined, nowMs: number): number {
    const permitted = this.#permitted(sourceOf(address), nowMs)
    return permitted >= 1 ? 0 : Math.ceil((1 - permitted) * this.#refillMs)
  }

  failed(address: string | undefined, nowMs: number): void {
    const source = sourceOf(address)
    const permitted = Math.max(0, this.#permitted(source, nowMs) - 1)
    this.#sources.delete(source)
    this.#sources.set(source, { permitted, atMs: nowMs })
    const [oldest] = this.#sources.keys()
    if (this.#sources.size > MAX_ADDRESSES && oldest !== undefined) this.#sources.delete(oldest)
  }

  get size(): number {
    return this.#sources.size
  }

  #permitted(source: string, nowMs: number): number {
    const known = this.#sources.get(source)
    return known === undefined
      ? this.#burst
      : Math.min(this.#burst, known.permitted + (nowMs - known.atMs) / this.#refillMs)
  }
}
