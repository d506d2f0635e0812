import { StringDecoder } from 'node:string_decoder'
import type { Redactor } from '../redaction/redactor.ts'

/** What of a pushed piece may be shown; `isRest`: nothing of it is left. */
export interface ShownPiece {
  readonly text: string
  readonly isRest: boolean
}

/**
 * How much of the end is held back, because what comes may make a secret of it: `secret`, as much as the longest secret; `line`, the line
 * that has no end yet; `word`, the word that has none; `nothing`, for nothing more comes.
 */
export type HeldBack = 'secret' | 'line' | 'word' | 'nothing'

/**
 * A stream without its secrets, controls as they came. So much of what was shown is remembered that a secret is seen which began there: it
 * is taken out from where it is seen on.
 */
export class StreamRedactor {
  readonly #redactor: () => Redactor
  readonly #decoder = new StringDecoder('utf8')
  /** Shown already. */
  #before: Buffer = Buffer.alloc(0)
  #held: Buffer[] = []
  heldBytes = 0

  /** Asked for each look: what has to be taken out may grow while the stream goes on. */
  constructor(redactor: () => Redactor) {
    this.#redactor = redactor
  }

  push(piece: Buffer): void {
    this.#held.push(piece)
    this.heldBytes += piece.length
  }

  /** What may be shown now, piece by piece as they were pushed. */
  take(back: HeldBack): readonly ShownPiece[] {
    const redactor = this.#redactor()
    const start = this.#before.length
    const window = Buffer.concat([this.#before, ...this.#held])
    const end = Math.max(start, endOf(window, back, redactor))
    // guard: recordings-without-secrets
    const spans = redactor.spans(window)
    const shown: ShownPiece[] = []
    const left: Buffer[] = []
    let at = start
    for (const piece of this.#held) {
      const [from, to] = [at, at + piece.length]
      at = to
      if (from < end)
        shown.push({
          text: this.#between(window, from, Math.min(to, end), spans, redactor),
          isRest: to <= end,
        })
      if (to > end) left.push(from >= end ? piece : Buffer.from(piece.subarray(end - from)))
    }
    this.#held = left
    this.heldBytes = window.length - end
    this.#before = Buffer.from(window.subarray(Math.max(0, end - redactor.longestBytes), end))
    return shown
  }

  #between(
    window: Buffer,
    start: number,
    end: number,
    spans: ReturnType<Redactor['spans']>,
    redactor: Redactor,
  ): string {
    let text = ''
    let at = start
    for (const span of spans) {
      if (span.end <= start || span.start >= end) continue
      if (span.start > at) text += this.#decoder.write(window.subarray(at, span.start))
      if (span.start >= start) text += this.#decoder.end() + redactor.label(span, window)
      at = Math.min(end, span.end)
    }
    return text + this.#decoder.write(window.subarray(Math.min(at, end), end))
  }
}

function endOf(window: Buffer, back: HeldBack, redactor: Redactor): number {
  if (back === 'nothing') return window.length
  const most = window.length - redactor.longestBytes
  if (back === 'secret') return most
  const begun = Math.min(redactor.begunAt(window), lastStart(window, back === 'line' ? 0x0a : 0x20))
  return Math.max(most, begun)
}

/** Behind the last byte that is `mark`, or less than a space where that is a space. */
function lastStart(bytes: Buffer, mark: number): number {
  if (mark === 0x0a) return bytes.lastIndexOf(mark) + 1
  let at = bytes.length
  while (at > 0 && (bytes[at - 1] ?? 0) > 0x20) at -= 1
  return at
}
