import type { Standing } from '../../domain/approval-record.ts'
import type { Call } from '../../domain/call.ts'

/** How the hosts of a call stand now. Reads what is known here; connects to nothing. */
export type StandingOf = (call: Call) => Promise<Standing>

const NAMES = {
  way: 'how the host is reached',
  host_key: 'the host keys that are trusted for it',
  session: 'the state of the session it would run in',
} as const satisfies Record<keyof Standing, string>

/** What is not as it was; undefined when all is. */
export function whatChanged(before: Standing, now: Standing): string | undefined {
  const keys = Object.keys(NAMES) as (keyof Standing)[]
  const changed = keys.filter((key) => before[key] !== now[key]).map((key) => NAMES[key])
  return changed.length === 0 ? undefined : changed.join(' and ')
}
