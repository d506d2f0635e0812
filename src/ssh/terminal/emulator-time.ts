import type { Clock } from '../../lib/clock.ts'

/** One terminal works at most so long before others, and everything else that the bridge does, get a turn. */
const SLICE_MS = 5
const LEAST_REST_MS = 1
const LONGEST_REST_MS = 100

/**
 * The time that emulators take of the process, all together: one works at a time, and after a whole slice all rest, for as long as that
 * one took too long. However much hosts print into however many terminals, and however costly it is made to show, other calls go on.
 */
export class EmulatorTime {
  readonly #clock: Clock
  #last: Promise<void> = Promise.resolve()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Takes steps until one says that there is no more to do; resolves when the last was taken. */
  async work(step: () => boolean): Promise<void> {
    for (let hasMore = true; hasMore; ) {
      const turn = this.#last.then(() => this.#slice(step))
      this.#last = turn.then(({ rested }) => rested)
      hasMore = (await turn).hasMore
    }
  }

  #slice(step: () => boolean): { readonly hasMore: boolean; readonly rested: Promise<void> } {
    const startedMs = this.#clock.monotonicMs()
    for (;;) {
      const hasMore = step()
      const tookMs = this.#clock.monotonicMs() - startedMs
      const restMs = Math.min(Math.max(tookMs - SLICE_MS, LEAST_REST_MS), LONGEST_REST_MS)
      if (tookMs >= SLICE_MS) return { hasMore, rested: this.#clock.sleep(restMs) }
      if (!hasMore) return { hasMore, rested: Promise.resolve() }
    }
  }
}
