import type { HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomShare } from '../../lib/ids.ts'

/** So many failures in a row are taken for bad luck. */
const MOST_FAILURES = 3
const FIRST_PAUSE_MS = 1_000
const LONGEST_PAUSE_MS = 30_000
/** A credential that was refused: many accounts are locked after a few of these. */
const REFUSED_PAUSE_MS = 30_000

/**
 * Keeps callers from waiting for a host that cannot be reached, and a host from being asked without end. After three failures in a row
 * callers get the last answer at once, and the host is asked again after a pause that doubles; a success begins anew. Of a refused
 * credential one attempt is enough. What the lane asks for one at a time is one probe at a time.
 */
export class Breaker {
  readonly #clock: Clock
  #failures = 0
  #last: { readonly answer: NotStarted; readonly untilMs: number; readonly trust: string } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What to answer instead of connecting; undefined when the host may be asked. `trust`: what is known of host keys now. */
  answer(target: HostTarget, trust: string): NotStarted | undefined {
    if (this.#last === undefined) return undefined
    const { answer, untilMs, trust: trustThen } = this.#last
    const waitMs = untilMs - this.#clock.monotonicMs()
    // Whoever trusts a key tries at once whether it was the right one.
    if (waitMs <= 0 || (isAboutKeys(answer) && trust !== trustThen)) return undefined
    const seconds = Math.ceil(waitMs / 1_000)
    return {
      ...answer,
      message: `${answer.message} ${target.host.name} was not asked again just now: the next attempt is made in ${seconds} s.`,
    }
  }

  /** Takes note of how an attempt ended; undefined: it succeeded. */
  note(answer: NotStarted | undefined, trust: string): void {
    if (answer === undefined) this.#reset()
    if (answer === undefined || answer.code === 'shutting_down') return
    this.#failures += 1
    const pauseMs = this.#pauseMs(answer)
    const untilMs = this.#clock.monotonicMs() + pauseMs
    this.#last = pauseMs === 0 ? undefined : { answer, untilMs, trust }
  }

  /** Nothing is held against the host. */
  get isClosed(): boolean {
    return this.#failures === 0
  }

  #reset(): void {
    this.#failures = 0
    this.#last = undefined
  }

  #pauseMs({ code }: NotStarted): number {
    if (code === 'host_auth_failed') return REFUSED_PAUSE_MS
    const beyond = this.#failures - MOST_FAILURES
    if (beyond < 0) return 0
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** beyond)
    // By chance a little shorter, so that hosts behind the same fault are not all asked at once.
    return pauseMs * (1 - randomShare() / 4)
  }
}

function isAboutKeys({ code }: NotStarted): boolean {
  return code === 'host_key_unknown' || code === 'host_key_mismatch'
}
