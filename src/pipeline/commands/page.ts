import type { Cleaned } from '../../domain/cleaned.ts'
import { cleanBytes } from '../redaction/clean.ts'
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
  readonly cleaned: Cleaned
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
  // What has not come yet may make a secret of what has.
  const isEnd = !isOver && window.length < first + length + margin
  const known = isEnd ? Math.max(first, redactor.begunAt(window)) : window.length
  const { start, end } = atCharacters(window, first, Math.min(known, first + length), isLast)
  const clean = cleanBytes(window, redactor, start, end)
  return { ...clean, offset: from + start, nextOffset: from + end }
}

function atCharacters(window: Buffer, first: number, last: number, isLast: boolean) {
  const start = first + (first === 0 ? 0 : startOfFirstCharacter(window.subarray(first, last)))
  const whole = start + endOfLastCharacter(window.subarray(start, last))
  return { start, end: isLast || whole === start ? last : whole }
}
