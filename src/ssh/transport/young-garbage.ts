import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What may gather between two collections: small beside the program itself, and so much that their time does not count. */
const MOST_BYTES = 4 * 1024 * 1024

/**
 * Has the memory of received packets freed while a command prints without end. Each packet is garbage as soon as it was counted, but it
 * lies outside the engine's heap: by itself the engine lets more than 32 MiB of them gather and then goes through everything. To collect
 * what is young, early and often, takes less memory and less time. Where the engine cannot be asked, all is as it was.
 */
export class YoungGarbage {
  readonly #collect: () => void
  #bytes = 0

  constructor(collect: () => void) {
    this.#collect = collect
  }

  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes < MOST_BYTES) return
    this.#bytes = 0
    this.#collect()
  }
}

let collector: (() => void) | undefined

/** One for the process, as its memory is. */
export const youngGarbage = new YoungGarbage(() => {
  collector ??= youngCollector()
  collector()
})

/** The flag shows `gc` to contexts that are made after it, and no code runs in this one. */
function youngCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const gc: unknown = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  return typeof gc === 'function' ? () => gc({ type: 'minor' }) : () => undefined
}
