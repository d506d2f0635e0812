import { UsageError } from './command.ts'

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** A year. */
const MOST_MS = 366 * 86_400_000

/** `90s`, `15m`, `2h`, `7d` as milliseconds, at most a year. */
export function durationMs(option: string, text: string): number {
  const [, number, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? []
  const ms = Number(number) * (UNITS_MS[unit] ?? Number.NaN)
  if (ms > 0 && ms <= MOST_MS) return ms
  throw new UsageError(
    `not a time: ${JSON.stringify(text)}; write ${option} with 90s, 15m, 2h or 7d, at most a year`,
  )
}
