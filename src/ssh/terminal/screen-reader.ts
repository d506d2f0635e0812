import type { TerminalLine, TerminalStanding, UseTerminalAction } from '../../domain/terminal.ts'
import type { Emulator } from './emulator.ts'

/** One reading of `changes` gives at most so much; what is left is unread and comes with the next. */
const MOST_LINES = 500
const MOST_CHARACTERS = 32 * 1024

/** So many rows before and after what is shown are looked at for the rest of a secret. */
const MOST_CONTEXT = 16

export type ScreenPart = Pick<TerminalStanding, 'lostLines' | 'unreadLines'> & {
  readonly lines: readonly TerminalLine[]
}

/** What of a terminal its owner has read. */
export class ScreenReader {
  readonly #emulator: Emulator
  /** Rows before this one were read, or are lost and were told so. */
  #unreadFrom = 0
  /** The screen as it was read last, its rows by number. */
  #seen = new Map<number, string>()
  #seenFullScreen: string | undefined

  constructor(emulator: Emulator) {
    this.#emulator = emulator
  }

  /** The oldest row that was not read and is there still. */
  get unreadFrom(): number {
    return Math.max(this.#unreadFrom, this.#emulator.firstRow)
  }

  read(how: UseTerminalAction['read']): ScreenPart {
    const emulator = this.#emulator
    if (emulator.isFullScreen) return this.#fullScreen(how)
    this.#seenFullScreen = undefined
    return how === 'screen' ? this.#screen() : this.#changes()
  }

  /** After a change of the size, lines are broken anew: the screen counts as not read. */
  forgetScreen(): void {
    this.#unreadFrom = this.#emulator.isFullScreen ? this.#unreadFrom : this.#emulator.topRow
    this.#seen = new Map()
    this.#seenFullScreen = undefined
  }

  #screen(): ScreenPart {
    const { topRow, endRow } = this.#emulator
    const lostLines = this.#countLost()
    const unreadLines = range(this.#unreadFrom, topRow).filter((number) => !this.#seen.has(number)).length
    if (unreadLines === 0) this.#unreadFrom = topRow
    this.#remember(topRow, endRow)
    return { lines: this.#shown(range(topRow, endRow), false), lostLines, unreadLines }
  }

  #changes(): ScreenPart {
    const { topRow, endRow } = this.#emulator
    const lostLines = this.#countLost()
    const news = range(this.#unreadFrom, endRow).filter(
      (number) => this.#seen.get(number) !== this.#emulator.row(number).text,
    )
    const fitting = this.#fitting(news)
    const next = news[fitting.length]
    this.#unreadFrom = next ?? topRow
    if (next === undefined) this.#remember(topRow, endRow)
    // An empty line in which the cursor waits is no news.
    const end = fitting.findLastIndex((number) => this.#emulator.row(number).text !== '') + 1
    const shown = next === undefined ? fitting.slice(0, end) : fitting
    return { lines: this.#shown(shown, true), lostLines, unreadLines: news.length - fitting.length }
  }

  /** Lines that a program has drawn are no list; what changed of them is told by showing them all. */
  #fullScreen(how: UseTerminalAction['read']): ScreenPart {
    const { topRow, endRow } = this.#emulator
    const numbers = range(topRow, endRow)
    const text = numbers.map((number) => this.#emulator.row(number).text).join('\n')
    const isNew = how === 'screen' || text !== this.#seenFullScreen
    this.#seenFullScreen = text
    return { lines: isNew ? this.#shown(numbers, false) : [], lostLines: 0, unreadLines: 0 }
  }

  #countLost(): number {
    const { firstRow } = this.#emulator
    const gone = Math.max(0, firstRow - this.#unreadFrom)
    const read = [...this.#seen.keys()].filter((number) => number >= this.#unreadFrom && number < firstRow)
    this.#unreadFrom = Math.max(this.#unreadFrom, firstRow)
    return gone - read.length
  }

  /** What was read of rows that have scrolled off since stays read while there are unread ones before them. */
  #remember(from: number, end: number): void {
    const before = [...this.#seen].filter(([number]) => number >= this.#unreadFrom && number < from)
    const now = range(from, end).map((number) => [number, this.#emulator.row(number).text] as const)
    this.#seen = new Map([...before, ...now])
  }

  #fitting(numbers: readonly number[]): readonly number[] {
    let characters = 0
    const tooMany = numbers.findIndex((number, index) => {
      characters += this.#emulator.row(number).text.length
      return index >= MOST_LINES || (index > 0 && characters > MOST_CHARACTERS)
    })
    return tooMany < 0 ? numbers : numbers.slice(0, tooMany)
  }

  /** The rows of these numbers, and around each gap those on which the rows beside it go on. */
  #shown(numbers: readonly number[], joined: boolean): TerminalLine[] {
    const emulator = this.#emulator
    const isAsked = new Set(numbers)
    const isThere = (number: number) => number >= emulator.firstRow && number < emulator.endRow
    const goesOn = (number: number) => {
      const { isBroken, isFull } = emulator.row(number)
      return isBroken || isFull
    }
    const all = new Set<number>()
    for (const number of numbers) {
      let first = number
      while (
        number - first < MOST_CONTEXT &&
        isThere(first - 1) &&
        goesOn(first - 1) &&
        !isAsked.has(first - 1)
      )
        first -= 1
      let last = number
      while (last - number < MOST_CONTEXT && goesOn(last) && isThere(last + 1) && !isAsked.has(last + 1))
        last += 1
      for (const one of range(first, last + 1)) all.add(one)
    }
    return [...all]
      .sort((a, b) => a - b)
      .map((number) => {
        const { text, isBroken } = emulator.row(number)
        const hasNext = all.has(number + 1)
        return {
          text,
          goesOn: hasNext && goesOn(number),
          joins: joined && isBroken && isAsked.has(number) && isAsked.has(number + 1),
          isShown: isAsked.has(number),
        }
      })
  }
}

function range(from: number, end: number): number[] {
  return Array.from({ length: Math.max(0, end - from) }, (_, index) => from + index)
}
