/** Where a stream begins, before it is known how fast the host is. */
const FIRST_BYTES = 1024 * 1024
/** The window of an SSH channel is 2 MiB on either side; the rest bridges the moments in which one side does not get to run. */
const MOST_BYTES = 8 * 1024 * 1024
/** Answers that come sooner widen the window; answers that come later than the second figure narrow it. */
const PROMPT_MS = 500
const SLOW_MS = 5_000

/**
 * How many bytes of a stream may be under way at once. It widens with each prompt answer and narrows with each slow one, so that a fast
 * host is kept busy and a slow one is never asked for more than it answers within its deadline.
 */
export class ByteWindow {
  readonly #mostBytes: number
  #limitBytes: number

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes
    this.#limitBytes = Math.min(FIRST_BYTES, mostBytes)
  }

  get limitBytes(): number {
    return this.#limitBytes
  }

  answered(bytes: number, tookMs: number): void {
    if (tookMs <= PROMPT_MS) this.#limitBytes = Math.min(this.#mostBytes, this.#limitBytes + bytes)
    else if (tookMs >= SLOW_MS) this.#limitBytes = Math.max(bytes, Math.floor(this.#limitBytes / 2))
  }
}
