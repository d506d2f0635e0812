import type { DecisionContext } from '../decide.ts'
import { isWithin, type WeeklyWindow } from '../rules/weekly-window.ts'

const MINUTE_MS = 60_000
const STEP_MS = 15 * MINUTE_MS
/** A week, and so much more that every weekly window has begun once. */
const AHEAD_MS = 8 * 24 * 60 * MINUTE_MS
/** Of more windows than these the edges are not looked for. */
const MOST_WINDOWS = 20

/** The moments of the coming week at which a window of some rule opens or closes, to the minute, soonest first. */
export function* nextOpenings({ rules, now }: DecisionContext): Generator<Date> {
  const windows = (rules?.rules ?? []).flatMap(({ when }) => when ?? [])
  if (windows.length === 0 || windows.length > MOST_WINDOWS) return
  const startMs = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS
  let before = openOf(windows, startMs)
  for (let ms = startMs + STEP_MS; ms <= startMs + AHEAD_MS; ms += STEP_MS) {
    const here = openOf(windows, ms)
    if (here === before) continue
    // In the steps between, one may open while another closes.
    let last = before
    for (let minute = ms - STEP_MS + MINUTE_MS; minute <= ms; minute += MINUTE_MS) {
      const open = openOf(windows, minute)
      if (open !== last) yield new Date(minute)
      last = open
    }
    before = here
  }
}

function openOf(windows: readonly WeeklyWindow[], ms: number): string {
  const at = new Date(ms)
  return windows.map((window) => (isWithin(window, at) ? '1' : '0')).join('')
}
