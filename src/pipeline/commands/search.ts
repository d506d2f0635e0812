import { RE2JS, RE2JSSyntaxException } from 're2js'
import { allCleaned, type Cleaned, NOTHING_CLEANED } from '../../domain/cleaned.ts'
import { BridgeError } from '../../domain/errors.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Redactor } from '../redaction/redactor.ts'
import type { AnyStream } from './command-output.ts'
import { type Readable, readPiece } from './page.ts'

const BLOCK_BYTES = 256 * 1024
/** One call looks at so much; the next one goes on from its `nextOffset`. */
const MOST_SEARCHED_BYTES = 16 * 1024 * 1024
/** A longer line is looked at in pieces of this length. */
const LONGEST_LINE_BYTES = BLOCK_BYTES
/** One call looks for so long; a line that it has begun it finishes. */
const MOST_MS = 2_000
/**
 * RE2 takes time for each character and each state of the pattern, and no other call has its turn meanwhile. After so many steps the
 * others have theirs: that is well below a tenth of a second for the worst of patterns.
 */
const STEPS_AT_ONCE = 300_000
/** Of one line no more is looked at: its first 256 KiB for a pattern of 40 states, which is more than usual ones have. */
const MOST_STEPS_OF_LINE = 40 * LONGEST_LINE_BYTES
/** Larger ones are nested counts that nobody needs to find a line. */
const MOST_STATES = 2_000

export interface Found {
  /** Each matching line behind the byte offset at which it begins, as `grep -b` prints it. */
  readonly text: string
  readonly matches: number
  readonly nextOffset: number
  readonly cleaned: Cleaned
}

export interface LinePattern {
  readonly find: (text: string) => boolean
  /** Steps that each character takes at most. */
  readonly states: number
}

/** @throws BridgeError `bad_request` when the pattern is not of RE2's syntax, or takes too long. */
export function linePattern(pattern: string): LinePattern {
  try {
    const compiled = RE2JS.compile(pattern)
    const states = compiled.programSize()
    if (states > MOST_STATES)
      throw new BridgeError('bad_request', 'pattern: its counts are too large. Use smaller ones, or *.')
    return { find: (text) => compiled.matcher(text).find(), states }
  } catch (fault) {
    if (!(fault instanceof RE2JSSyntaxException)) throw fault
    throw new BridgeError(
      'bad_request',
      `pattern: ${fault.message}. RE2 syntax: no look-around, no back-references.`,
    )
  }
}

/** Looks at lines in pieces that are short enough for everybody else. */
class Looker {
  readonly #pattern: LinePattern
  readonly #pieceLength: number
  #steps = 0

  constructor(pattern: LinePattern) {
    this.#pattern = pattern
    this.#pieceLength = Math.max(1, Math.floor(STEPS_AT_ONCE / pattern.states))
  }

  async matches(line: string): Promise<boolean> {
    const { find, states } = this.#pattern
    const most = Math.min(line.length, Math.floor(MOST_STEPS_OF_LINE / states))
    let at = 0
    do {
      const piece = line.length <= this.#pieceLength ? line : line.slice(at, at + this.#pieceLength)
      if (find(piece)) return true
      at += this.#pieceLength
      this.#steps += (piece.length + 1) * states
      if (this.#steps >= STEPS_AT_ONCE) await this.letOthers()
    } while (at < most)
    return false
  }

  letOthers(): Promise<void> {
    this.#steps = 0
    return new Promise((resolve) => setImmediate(resolve))
  }
}

/** The lines from `offset` on that match, as many as fit into `length` bytes. A last line that may still grow is left for later. */
export async function search(
  output: Readable,
  redactor: Redactor,
  stream: AnyStream,
  asked: { readonly offset: number; readonly length: number; readonly pattern: LinePattern },
  isOver: boolean,
  clock: Clock,
): Promise<Found> {
  const looker = new Looker(asked.pattern)
  const untilMs = clock.monotonicMs() + MOST_MS
  const lines: string[] = []
  let [at, used] = [asked.offset, 0]
  let cleaned = NOTHING_CLEANED
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
    cleaned = allCleaned([cleaned, text.cleaned])
    let lineAt = piece.offset
    let rawAt = 0
    for (const line of text.text.replace(/\n$/, '').split('\n')) {
      // What is left is looked at by the next call.
      if (lineAt > asked.offset && clock.monotonicMs() > untilMs)
        return { text: lines.join('\n'), matches: lines.length, nextOffset: lineAt, cleaned }
      if (await looker.matches(line)) {
        const found = `${lineAt}:${line}`
        const size = Buffer.byteLength(found) + 1
        if (used + size > asked.length && lines.length > 0)
          return { text: lines.join('\n'), matches: lines.length, nextOffset: lineAt, cleaned }
        lines.push(found)
        used += size
      }
      const next = raw.indexOf(0x0a, rawAt)
      rawAt = next < 0 ? raw.length : next + 1
      lineAt = piece.offset + rawAt
    }
    at = piece.offset + whole
    if (isEnd) break
    await looker.letOthers()
  }
  return { text: lines.join('\n'), matches: lines.length, nextOffset: at, cleaned }
}
