import type { FanOutReport } from '../../domain/fan-out.ts'
import { never } from '../../lib/never.ts'
import type { FanOutResult } from './host-result.ts'

type Counts = FanOutReport['counts']
type Kind = Exclude<keyof Counts, 'skipped'>

/** How a host is counted. A signal and a command that ran out of time are failures; what is not known is not one of them. */
function kindOf(result: FanOutResult): Kind {
  switch (result.kind) {
    case 'exited':
      return result.code === 0 ? 'succeeded' : 'failed'
    case 'killed':
    case 'timed_out':
      return 'failed'
    case 'cancelled':
    case 'unknown':
    case 'unreachable':
    case 'denied':
      return result.kind
    default:
      return never(result)
  }
}

/** How many hosts came out how, up to now. */
export class Tally {
  readonly #counts: Record<Kind, number> = {
    succeeded: 0,
    failed: 0,
    unreachable: 0,
    denied: 0,
    cancelled: 0,
    unknown: 0,
  }

  note(result: FanOutResult): void {
    this.#counts[kindOf(result)] += 1
  }

  get done(): number {
    return Object.values(this.#counts).reduce((sum, count) => sum + count, 0)
  }

  get succeeded(): number {
    return this.#counts.succeeded
  }

  /** What counts for `stop_after_failures`: a host that refuses the caller says nothing about the command. */
  get failures(): number {
    const { failed, unreachable, unknown } = this.#counts
    return failed + unreachable + unknown
  }

  counts(skipped: number): Counts {
    return { ...this.#counts, skipped }
  }

  /** `37/200 done, 2 failed, 1 unreachable`: what went well is not worth a word. */
  inWords(total: number): string {
    const told = (Object.keys(this.#counts) as Kind[])
      .filter((kind) => kind !== 'succeeded' && this.#counts[kind] > 0)
      .map((kind) => `${this.#counts[kind]} ${kind}`)
    return [`${this.done}/${total} done`, ...told].join(', ')
  }
}
