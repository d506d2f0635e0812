import type { HostName } from '../../domain/host.ts'
import type { Progress } from '../../domain/progress.ts'
import type { Clock } from '../../lib/clock.ts'
import type { FanOutResult } from './host-result.ts'
import type { Tally } from './tally.ts'

/** No client needs to hear more often, and none is flooded by 5,000 hosts. */
const EVERY_MS = 500
/** Hosts of which one message tells how they came out. */
const MOST_LINES = 20

/**
 * Tells how far a call on many hosts has come: a summary, and a line for each host that ended since the last message, at most one
 * message every `EVERY_MS`. Nothing of the output: it is redacted and folded as a whole.
 */
export class FanOutProgress {
  readonly #tell: Progress
  readonly #clock: Clock
  readonly #tally: Tally
  readonly #total: number
  readonly #ended = new AbortController()
  #lines: string[] = []
  #unlisted = 0
  #toldAtMs = Number.NEGATIVE_INFINITY
  #isDue = false

  constructor(tell: Progress, clock: Clock, tally: Tally, total: number) {
    this.#tell = tell
    this.#clock = clock
    this.#tally = tally
    this.#total = total
  }

  /** The host is over and in the tally. */
  note(host: HostName, result: FanOutResult): void {
    if (this.#lines.length < MOST_LINES) this.#lines.push(`${host}: ${inWords(result)}`)
    else this.#unlisted += 1
    if (this.#isDue) return
    this.#isDue = true
    const pauseMs = this.#toldAtMs + EVERY_MS - this.#clock.monotonicMs()
    if (pauseMs <= 0) this.#say()
    else
      this.#clock.sleep(pauseMs, this.#ended.signal).then(
        () => this.#say(),
        () => undefined,
      )
  }

  /** The answer comes now: nothing more is told. */
  close(): void {
    this.#ended.abort()
  }

  #say(): void {
    const rest = this.#unlisted > 0 ? [`and ${this.#unlisted} more`] : []
    const message = [this.#tally.inWords(this.#total), ...this.#lines, ...rest].join('\n')
    this.#lines = []
    this.#unlisted = 0
    this.#isDue = false
    this.#toldAtMs = this.#clock.monotonicMs()
    this.#tell(this.#tally.done, this.#total, message)
  }
}

function inWords(result: FanOutResult): string {
  switch (result.kind) {
    case 'exited':
      return `exit ${result.code}`
    case 'killed':
      return `killed by SIG${result.signal}`
    case 'unreachable':
    case 'denied':
      return `${result.kind} (${result.code})`
    default:
      return result.kind.replace('_', ' ')
  }
}
