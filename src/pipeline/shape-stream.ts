import { allCleaned, type Cleaned } from '../domain/cleaned.ts'
import { cleanBytes } from './redaction/clean.ts'
import type { Redactor } from './redaction/redactor.ts'

/** The beginning and the end of a stream, as it came: what is decoded is not what a secret was any more. */
export interface Captured {
  readonly head: Buffer
  /** Empty when nothing was left out. */
  readonly tail: Buffer
  readonly totalBytes: number
  /** Bytes between head and tail that were not read. */
  readonly omittedBytes: number
}

interface Shaping {
  readonly redactor: Redactor
  readonly limits: { readonly answerBytes: number }
}

export interface ShapedStream {
  readonly text: string
  readonly cut: boolean
  readonly cleaned: Cleaned
}

/** Cleaned first, then cut to size: the middle is left out and counted. */
export function shapeStream(captured: Captured, { redactor, limits }: Shaping): ShapedStream {
  const whole = captured.omittedBytes === 0
  const head = cleanBytes(whole ? Buffer.concat([captured.head, captured.tail]) : captured.head, redactor)
  const tail = whole ? head : cleanBytes(captured.tail, redactor)
  const cleaned = whole ? head.cleaned : allCleaned([head.cleaned, tail.cleaned])
  const size = Buffer.byteLength(head.text) + (whole ? 0 : Buffer.byteLength(tail.text))
  if (whole && size <= limits.answerBytes) return { text: head.text, cut: false, cleaned }

  const half = Math.floor(limits.answerBytes / 2)
  const first = startOf(head.text, half)
  const last = endOf(tail.text, half)
  const omitted = captured.omittedBytes + size - Buffer.byteLength(first) - Buffer.byteLength(last)
  // Latin-1 only: one character beyond it doubles the memory of the whole text, and of each copy on its way to the wire.
  const note = `\n[... ${omitted} of ${captured.totalBytes} bytes left out here ...]\n`
  return { text: first + note + last, cut: true, cleaned }
}

/** The longest beginning of at most `bytes` bytes that ends between two characters. */
function startOf(text: string, bytes: number): string {
  const buffer = Buffer.from(text)
  if (buffer.length <= bytes) return text
  let end = bytes
  while (end > 0 && isContinuation(buffer[end])) end -= 1
  return buffer.toString('utf8', 0, end)
}

/** The longest end of at most `bytes` bytes that begins between two characters. */
function endOf(text: string, bytes: number): string {
  const buffer = Buffer.from(text)
  if (buffer.length <= bytes) return text
  let start = buffer.length - bytes
  while (start < buffer.length && isContinuation(buffer[start])) start += 1
  return buffer.toString('utf8', start)
}

/** A byte 10xxxxxx is the inside of a UTF-8 character (RFC 3629 §3). */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}
