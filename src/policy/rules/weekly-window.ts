/** Hours of some days of the week, by the clocks of a time zone: changes to summer time and back move with them. */
export interface WeeklyWindow {
  /** On which it begins; a window across midnight ends on the next. Monday is 0. */
  readonly days: ReadonlySet<number>
  readonly fromMinute: number
  /** Not included. Not after `fromMinute`: on the next day. */
  readonly toMinute: number
  readonly timeZone: string
}

export const DAYS: readonly string[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const DAY_MINUTES = 1_440

/** `mon`, `mon-fri`, `sat-mon`; undefined for anything else. */
export function parseDays(text: string): readonly number[] | undefined {
  const [first = '', last = first, ...rest] = text.toLowerCase().split('-')
  const from = DAYS.indexOf(first)
  const to = DAYS.indexOf(last)
  if (from < 0 || to < 0 || rest.length > 0) return undefined
  const count = ((to - from + DAYS.length) % DAYS.length) + 1
  return Array.from({ length: count }, (_, index) => (from + index) % DAYS.length)
}

/** Minutes from midnight of `08:00`; `24:00` is the end of the day. Undefined for anything else. */
export function parseTimeOfDay(text: string): number | undefined {
  const match = /^(\d{2}):([0-5]\d)$/.exec(text)
  const minutes = match ? Number(match[1]) * 60 + Number(match[2]) : DAY_MINUTES + 1
  return minutes <= DAY_MINUTES ? minutes : undefined
}

export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: text }) !== undefined
  } catch {
    return false
  }
}

export function isWithin({ days, fromMinute, toMinute, timeZone }: WeeklyWindow, now: Date): boolean {
  const { day, minute } = localTime(now, timeZone)
  if (fromMinute < toMinute) return days.has(day) && fromMinute <= minute && minute < toMinute
  const yesterday = (day + DAYS.length - 1) % DAYS.length
  return (days.has(day) && fromMinute <= minute) || (days.has(yesterday) && minute < toMinute)
}

const formats = new Map<string, Intl.DateTimeFormat>()
let last:
  | { readonly minute: number; readonly zones: Map<string, { day: number; minute: number }> }
  | undefined

/** What the clocks there show. Asked for every rule, so it is kept for the minute. */
function localTime(now: Date, timeZone: string): { readonly day: number; readonly minute: number } {
  const thisMinute = Math.floor(now.getTime() / 60_000)
  if (last?.minute !== thisMinute) last = { minute: thisMinute, zones: new Map() }
  const known = last.zones.get(timeZone)
  if (known !== undefined) return known
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
  formats.set(timeZone, format)
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]))
  const local = {
    day: DAYS.indexOf(parts.get('weekday')?.toLowerCase() ?? ''),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  }
  last.zones.set(timeZone, local)
  return local
}
