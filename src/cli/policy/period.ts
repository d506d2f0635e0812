import type { Clock } from '../../lib/clock.ts'
import { UsageError } from '../command.ts'

/** What of the past is meant. Both bounds may be left out. */
export interface PeriodOptions {
  readonly since?: string
  readonly until?: string
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

/** From `since` on, before `until`. @throws UsageError for what is neither a length of time nor an instant. */
export function periodOf({ since, until }: PeriodOptions, clock: Clock): { since?: Date; until?: Date } {
  const period = {
    ...(since !== undefined && { since: instantOf('--since', since, clock) }),
    ...(until !== undefined && { until: instantOf('--until', until, clock) }),
  }
  if (period.since !== undefined && period.until !== undefined && period.since >= period.until)
    throw new UsageError('--since has to be before --until')
  return period
}

/** `30d` is so long ago; `2027-01-31` the beginning of that day (UTC); with a time of day, as ISO 8601 writes it, that. */
export function instantOf(option: string, text: string, clock: Clock): Date {
  const ago = /^(\d{1,6})([mhdw])$/.exec(text)
  if (ago !== null) {
    const unit = UNITS[ago[2] as keyof typeof UNITS]
    return new Date(clock.now().getTime() - Number(ago[1]) * unit)
  }
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const isInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
  const at = new Date(text)
  // A day that is in no calendar is taken for one of the next month.
  const isReal = !Number.isNaN(at.getTime()) && (!isDay || at.toISOString().startsWith(text))
  if (!(isDay || isInstant) || !isReal)
    throw new UsageError(
      `${option} is no time: ${JSON.stringify(text)}; write 30d, 12h, 2027-01-31 or 2027-01-31T08:00Z`,
    )
  return at
}
