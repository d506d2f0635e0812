import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import type { RuleSet } from '../policy/rule-set.ts'

interface Following {
  readonly clock: Clock
  /** In force now. */
  readonly rules: () => RuleSet | undefined
  /** Ends the work that the rules no longer allow; how many calls that were. */
  readonly endWhatIsOver: () => number
  readonly log: Log
}

const MINUTE_MS = 60_000

/** Rules with hours come and go without a change of the configuration: with every minute, what they no longer allow is ended. */
export async function followHours(
  { clock, rules, endWhatIsOver, log }: Following,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const intoMinuteMs = clock.now().getTime() % MINUTE_MS
    await clock.sleep(MINUTE_MS - intoMinuteMs, signal).catch(() => undefined)
    if (signal.aborted || !hasHours(rules())) continue
    const ended = endWhatIsOver()
    if (ended > 0) log.info('Ended what the rules allow at other hours', { ended_calls: ended })
  }
}

function hasHours(rules: RuleSet | undefined): boolean {
  return rules?.rules.some(({ when }) => when !== undefined) === true
}
