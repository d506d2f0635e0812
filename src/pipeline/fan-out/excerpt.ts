import { endOfLastCharacter, startOfFirstCharacter } from '../commands/utf8.ts'

/** The beginning and the end of a text, without a reference to the rest of it. */
export interface Excerpt {
  readonly head: string
  /** Empty when the text is here whole. */
  readonly tail: string
  /** Of the whole text. */
  readonly bytes: number
}

/** At most `limitBytes` of a text of which `bytes` there were before something was left out of it. */
export function excerptOf(text: string, bytes: number, limitBytes: number): Excerpt {
  // Through bytes, because a slice of a string keeps the whole of it in memory.
  const whole = Buffer.from(text)
  if (whole.length <= limitBytes)
    return { head: whole.toString(), tail: '', bytes: Math.max(bytes, whole.length) }
  const half = Math.floor(limitBytes / 2)
  return { head: beginning(whole, half), tail: ending(whole, half), bytes: Math.max(bytes, whole.length) }
}

/** How many bytes of the text are here. */
export function excerptBytes({ head, tail }: Excerpt): number {
  return Buffer.byteLength(head) + Buffer.byteLength(tail)
}

/** The excerpt as a text of about `limitBytes`, with a line that counts what is left out where something is. */
export function excerptText(
  excerpt: Excerpt,
  limitBytes: number,
): { readonly text: string; readonly isCut: boolean } {
  const isWhole = excerpt.tail === ''
  if (isWhole && excerptBytes(excerpt) <= limitBytes) return { text: excerpt.head, isCut: false }
  const half = Math.floor(limitBytes / 2)
  const first = beginning(Buffer.from(excerpt.head), half)
  const last = ending(Buffer.from(isWhole ? excerpt.head : excerpt.tail), half)
  const omitted = excerpt.bytes - Buffer.byteLength(first) - Buffer.byteLength(last)
  return {
    text: `${first}\n[... ${omitted} of ${excerpt.bytes} bytes left out here ...]\n${last}`,
    isCut: true,
  }
}

function beginning(bytes: Buffer, limitBytes: number): string {
  const first = bytes.subarray(0, limitBytes)
  return first.toString('utf8', 0, endOfLastCharacter(first))
}

function ending(bytes: Buffer, limitBytes: number): string {
  const last = bytes.subarray(Math.max(0, bytes.length - limitBytes))
  return last.toString('utf8', startOfFirstCharacter(last))
}
