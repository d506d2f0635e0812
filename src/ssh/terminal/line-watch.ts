import type { Clock } from '../../lib/clock.ts'
import type { Emulator } from './emulator.ts'

/** The screen is looked through at most so often while output comes. */
export const LOOK_MS = 50

/** Rows that the margin broke are put together up to here. */
const LONGEST_LINE = 4_096

/** Looks for a line in what a terminal prints: each line that scrolls off once, those on the screen again as they change. */
export class LineWatch {
  readonly #emulator: Emulator
  readonly #clock: Clock
  readonly #matches: (line: string) => boolean
  /** The screen as it was when something was typed; lines that are still so do not match. */
  readonly #before: ReadonlyMap<number, string>
  readonly #beforeIsFullScreen: boolean
  #from: number
  #lookedAtMs = Number.NEGATIVE_INFINITY

  /** `from`: the first row that may match. `isNews`: what stands on the screen now does not. */
  constructor(
    emulator: Emulator,
    clock: Clock,
    matches: (line: string) => boolean,
    { from, isNews }: { readonly from: number; readonly isNews: boolean },
  ) {
    this.#emulator = emulator
    this.#clock = clock
    this.#matches = matches
    this.#from = from
    this.#beforeIsFullScreen = emulator.isFullScreen
    this.#before = new Map(isNews ? this.#lines(emulator.topRow) : [])
  }

  /** `later`: it was looked just now; to be asked again after `LOOK_MS`. */
  look(): 'found' | 'not_found' | 'later' {
    const nowMs = this.#clock.monotonicMs()
    const isEarly = nowMs - this.#lookedAtMs < LOOK_MS
    const { isFullScreen, topRow } = this.#emulator
    // Lines that have left the screen may be gone for good when it is looked the next time.
    if (isEarly && (isFullScreen || topRow <= this.#from)) return 'later'
    this.#lookedAtMs = nowMs
    const isBefore = (number: number, line: string) =>
      isFullScreen === this.#beforeIsFullScreen && this.#before.get(number) === line
    for (const [number, line] of this.#lines(isFullScreen ? topRow : this.#from))
      if (!isBefore(number, line) && this.#matches(line)) return 'found'
    const question = this.#emulator.cursorLine
    const isAsked = question.endsWith(' ') && !isBefore(this.#cursorRow, question.trimEnd())
    if (!isFullScreen) this.#from = topRow
    return isAsked && this.#matches(question) ? 'found' : 'not_found'
  }

  get #cursorRow(): number {
    return this.#emulator.topRow + this.#emulator.cursor.row
  }

  /** Broken ones as one, by the number of their first row. */
  *#lines(from: number): Generator<readonly [number: number, line: string]> {
    const emulator = this.#emulator
    const { endRow } = emulator
    for (let number = Math.max(from, emulator.firstRow); number < endRow; ) {
      const first = number
      let line = ''
      let isBroken = true
      while (isBroken && number < endRow) {
        const row = emulator.row(number)
        if (line.length < LONGEST_LINE) line += row.text
        isBroken = row.isBroken
        number += 1
      }
      yield [first, line]
    }
  }
}
