import { RE2JS, RE2JSSyntaxException } from 're2js'
import { BridgeError } from '../../domain/errors.ts'
import type { Redactor } from '../redact.ts'
import type { AnyStream } from './command-output.ts'
import { type Readable, readPiece } from './page.ts'

const BLOCK_BYTES = 256 * 1024
/** One call looks at so much; the next one goes on from its `nextOffset`. */
const MOST_SEARCHED_BYTES = 16 * 1024 * 1024
/** A longer line is looked at in pieces of this length. */
const LONGEST_LINE_BYTES = BLOCK_BYTES

export interface Found {
  /** Each matching line behind the byte offset at which it begins, as `grep -b` prints it. */
  readonly text: string
  readonly matches: number
  readonly nextOffset: number
  readonly redactions: number
}

/** @throws BridgeError `bad_request` when the pattern is not of RE2's syntax. */
export function linePattern(pattern: string): (line: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern)
    return (line) => compiled.matcher(line).find()
  } catch (fault) {
    if (!(fault instanceof RE2JSSyntaxException)) throw fault
    throw new BridgeError(
      'bad_request',
      `pattern: ${fault.message}. RE2 syntax: no look-around, no back-references.`,
    )
  }
}

/** The lines from `offset` on that match, as many as fit into `length` bytes. A last line that may still grow is left for later. */
export async function search(
  output: Readable,
  redactor: Redactor,
  stream: AnyStream,
  asked: { readonly offset: number; readonly length: number; readonly matches: (line: string) => boolean },
  isOver: boolean,
): Promise<Found> {
  const lines: string[] = []
  let [at, used, redactions] = [asked.offset, 0, 0]
  while (at - asked.offset < MOST_SEARCHED_BYTES) {
    const piece = await readPiece(output, redactor, stream, at, BLOCK_BYTES, isOver)
    if (piece.nextOffset === piece.offset) break
    const isEnd = isOver && piece.nextOffset >= output.kept(stream)
    const raw = await output.read(stream, piece.offset, piece.nextOffset - piece.offset)
    const lastBreak = raw.lastIndexOf(0x0a)
    if (lastBreak < 0 && !isEnd && raw.length < LONGEST_LINE_BYTES - 4) break
    const whole = lastBreak < 0 || isEnd ? raw.length : lastBreak + 1
    const text =
      whole === raw.length ? piece : await readPiece(output, redactor, stream, piece.offset, whole, true)
    redactions += text.redactions
    let lineAt = piece.offset
    let rawAt = 0
    for (const line of text.text.replace(/\n$/, '').split('\n')) {
      if (asked.matches(line)) {
        const found = `${lineAt}:${line}`
        const size = Buffer.byteLength(found) + 1
        if (used + size > asked.length && lines.length > 0)
          return { text: lines.join('\n'), matches: lines.length, nextOffset: lineAt, redactions }
        lines.push(found)
        used += size
      }
      const next = raw.indexOf(0x0a, rawAt)
      rawAt = next < 0 ? raw.length : next + 1
      lineAt = piece.offset + rawAt
    }
    at = piece.offset + whole
    if (isEnd) break
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { text: lines.join('\n'), matches: lines.length, nextOffset: at, redactions }
}
