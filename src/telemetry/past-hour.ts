import type { Answer } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import type { Clock } from '../lib/clock.ts'
import type { Observer } from '../pipeline/bridge.ts'

const EVERY_MS = 10_000
/** An hour. */
const MOST = 360
/** Of the durations within one sample so many are remembered; of more, those that come first tell. */
const MOST_DURATIONS = 1_000

/** What is true at the end of a sample. */
export interface Levels {
  readonly running: number
  readonly sessions: number
  readonly waiting: number
  /** Of the sink that is furthest behind; absent where there is none. */
  readonly lagMs?: number
  readonly memoryBytes: number
}

/** Ten seconds of this process. */
export interface Sample extends Levels {
  readonly endedAtMs: number
  /** Calls that were answered: done, refused by a rule, lock or limit, or failed. A command that ended with another status than 0 is done. */
  readonly done: number
  readonly refused: number
  readonly failed: number
  /** Requests whose credentials were refused. */
  readonly strangers: number
  /** Of the calls that were answered; absent where there was none. */
  readonly p50Ms?: number
  readonly p95Ms?: number
}

/** The last hour of this process in samples, a few numbers each: what the console plots. A restart forgets it; `/metrics` is for longer times. */
export class PastHour implements Observer {
  readonly everyMs = EVERY_MS
  readonly #clock: Clock
  readonly #levels: () => Promise<Levels>
  readonly #samples: Sample[] = []
  #counts = { done: 0, refused: 0, failed: 0, strangers: 0 }
  #durationsMs: number[] = []

  constructor(clock: Clock, levels: () => Promise<Levels>) {
    this.#clock = clock
    this.#levels = levels
  }

  /** Oldest first. */
  get samples(): readonly Sample[] {
    return this.#samples
  }

  finished(_call: Call, answer: Answer, durationMs: number): void {
    const how = answer.kind === 'denied' ? 'refused' : answer.kind === 'failed' ? 'failed' : 'done'
    this.#counts[how] += 1
    if (this.#durationsMs.length < MOST_DURATIONS) this.#durationsMs.push(durationMs)
  }

  strangerRefused(): void {
    this.#counts.strangers += 1
  }

  /** Until the signal. A sample whose levels cannot be had is left out: there is a gap then. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(EVERY_MS, signal).catch(() => undefined)
      if (signal.aborted) return
      const [counts, durationsMs] = [this.#counts, this.#durationsMs.sort((one, other) => one - other)]
      this.#counts = { done: 0, refused: 0, failed: 0, strangers: 0 }
      this.#durationsMs = []
      const levels = await this.#levels().catch(() => undefined)
      if (levels === undefined) continue
      const [p50Ms, p95Ms] = [quantile(durationsMs, 0.5), quantile(durationsMs, 0.95)]
      this.#samples.push({
        endedAtMs: this.#clock.now().getTime(),
        ...counts,
        ...levels,
        ...(p50Ms !== undefined && { p50Ms }),
        ...(p95Ms !== undefined && { p95Ms }),
      })
      if (this.#samples.length > MOST) this.#samples.shift()
    }
  }
}

/** Of sorted numbers; undefined of none. */
function quantile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}
