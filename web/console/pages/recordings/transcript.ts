import type { Cast } from './cast.ts'

/** Control sequences, returns that a line feed follows, and controls but tabs and line feeds: none of it is text. */
const STEERING =
  /\x1b(?:\[[0-?]*[ -/]*[@-~]|[PX\]^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])|\r(?=\n)|[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g

interface Piece {
  /** Where it begins in the text, and in what was shown. */
  readonly at: number
  readonly shownAt: number
}

/** All that was shown, as text: what search looks in, and what is read without seeing. */
export class Transcript {
  readonly text: string
  readonly #folded: string
  readonly #isFolded: boolean
  readonly #pieces: readonly Piece[]
  /** Where what each event shows ends. */
  readonly #ends: readonly { readonly index: number; readonly shownEnd: number }[]

  constructor({ events }: Cast) {
    const ends: { index: number; shownEnd: number }[] = []
    const data: string[] = []
    let length = 0
    events.forEach((event, index) => {
      if (event.code !== 'o') return
      data.push(event.data)
      length += event.data.length
      ends.push({ index, shownEnd: length })
    })
    const shown = data.join('')
    const pieces: Piece[] = []
    const texts: string[] = []
    let from = 0
    let at = 0
    const take = (to: number) => {
      if (to <= from) return
      pieces.push({ at, shownAt: from })
      texts.push(shown.slice(from, to))
      at += to - from
    }
    for (const match of shown.matchAll(STEERING)) {
      take(match.index)
      from = match.index + match[0].length
    }
    take(shown.length)
    this.text = texts.join('')
    // Letters that change their length with their case would move what comes behind them.
    const folded = this.text.toLowerCase()
    this.#isFolded = folded.length === this.text.length
    this.#folded = this.#isFolded ? folded : this.text
    this.#pieces = pieces
    this.#ends = ends
  }

  /** The events with which each finding is whole, in their order, at most `most`; each event once. */
  find(words: string, most = 10_000): readonly number[] {
    const wanted = this.#isFolded ? words.toLowerCase() : words
    if (wanted === '') return []
    const found: number[] = []
    for (let at = this.#folded.indexOf(wanted); at >= 0 && found.length < most; ) {
      const index = this.#eventOf(at + wanted.length - 1)
      if (found.at(-1) !== index) found.push(index)
      at = this.#folded.indexOf(wanted, at + wanted.length)
    }
    return found
  }

  #eventOf(at: number): number {
    const piece = this.#pieces[lastWhere(this.#pieces, (one) => one.at <= at)]
    const shownAt = (piece?.shownAt ?? 0) + at - (piece?.at ?? 0)
    return this.#ends[lastWhere(this.#ends, (one) => one.shownEnd <= shownAt) + 1]?.index ?? 0
  }
}

/** Of a sorted list, the last for which it holds; -1 for none. */
export function lastWhere<T>(list: readonly T[], holds: (one: T) => boolean): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(list[middle] as T)) low = middle + 1
    else high = middle
  }
  return low - 1
}
