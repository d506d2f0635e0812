import type { Redactor } from '../redaction/redactor.ts'
import type { AnyStream } from './command-output.ts'
import { endOfLastCharacter, startOfFirstCharacter } from './utf8.ts'

/** What of a command's output can be read. */
export interface Readable {
  read(stream: AnyStream, offset: number, length: number): Promise<Buffer>
  kept(stream: AnyStream): number
}

/** A piece of output as text: from `offset` up to `nextOffset`, counted in the bytes that the command printed. */
export interface Piece {
  readonly text: string
  readonly offset: number
  readonly nextOffset: number
  readonly redactions: number
}

/**
 * At most `length` bytes of the stream from `offset` on, without secrets. A secret that a page's edge cuts is replaced in the page
 * where it begins and missing in the one where it ends, so no two pages give it away together. `isOver`: nothing more will come, so an
 * unfinished character at the end is given as it is.
 */
export async function readPiece(
  output: Readable,
  redactor: Redactor,
  stream: AnyStream,
  offset: number,
  length: number,
  isOver: boolean,
): Promise<Piece> {
  const margin = Math.max(4, redactor.longestBytes)
  const from = Math.max(0, offset - margin)
  const window = await output.read(stream, from, offset - from + length + margin)
  const first = offset - from
  const isLast = isOver && window.length <= first + length
  const { start, end } = atCharacters(window, first, Math.min(window.length, first + length), isLast)
  const { text, count } = cleaned(window, redactor, start, end)
  return { text, offset: from + start, nextOffset: from + end, redactions: count }
}

function atCharacters(window: Buffer, first: number, last: number, isLast: boolean) {
  const start = first + (first === 0 ? 0 : startOfFirstCharacter(window.subarray(first, last)))
  const whole = start + endOfLastCharacter(window.subarray(start, last))
  return { start, end: isLast || whole === start ? last : whole }
}

/** The bytes from `start` to `end` with each secret that begins there replaced, and what is left of one that began before taken out. */
export function cleaned(window: Buffer, redactor: Redactor, start: number, end: number) {
  const parts: string[] = []
  let count = 0
  let at = start
  for (const span of redactor.spans(window)) {
    if (span.end <= start || span.start >= end) continue
    parts.push(window.toString('utf8', at, Math.max(at, span.start)))
    if (span.start >= start) {
      parts.push(redactor.label(span, window))
      count += 1
    }
    at = Math.min(end, span.end)
  }
  parts.push(window.toString('utf8', at, end))
  return { text: parts.join(''), count }
}
