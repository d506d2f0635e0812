import { colourLength, controlLength, LONGEST_COLOUR, nextControl } from './control-bytes.ts'

/** Text that steers nothing, and how much was done for that: controls shown, colours left out. */
export interface VisibleText {
  readonly text: string
  readonly controls: number
}

/**
 * The bytes from `start` to `end` as text in which controls are seen: `␛` and the other pictures of U+2400 for C0 and delete, `<U+202E>`
 * for all beyond ASCII. Sequences that only colour are left out, also where an edge cuts them. `bytes` may go on behind `end`.
 */
export function visibleBytes(bytes: Buffer, start = 0, end = bytes.length): VisibleText {
  let from = behindColour(bytes, start)
  let at = nextControl(bytes, from, end)
  if (at < 0) return { text: bytes.toString('utf8', Math.min(from, end), end), controls: 0 }
  const parts: string[] = []
  let controls = 0
  for (; at >= 0; at = nextControl(bytes, from, end)) {
    if (at > from) parts.push(bytes.toString('utf8', from, at))
    const colour = colourLength(bytes, at)
    const length = colour === 0 ? controlLength(bytes, at) : colour
    if (colour === 0) parts.push(picture(bytes, at, length))
    controls += 1
    from = at + length
  }
  if (from < end) parts.push(bytes.toString('utf8', from, end))
  return { text: parts.join(''), controls }
}

/** The text with controls seen: for names, messages and everything else that is short. */
export function visible(text: string): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : visibleBytes(Buffer.from(text)).text
}

/** Where a sequence that began before `start` ends, else `start`. */
function behindColour(bytes: Buffer, start: number): number {
  for (let back = 1; back < LONGEST_COLOUR && back <= start; back += 1) {
    const byte = bytes[start - back] ?? 0
    if (byte === 0x1b) return Math.max(start, start - back + colourLength(bytes, start - back))
    // What such a sequence is made of: the brackets, digits and separators.
    if (byte !== 0x5b && byte !== 0x28 && (byte < 0x30 || byte > 0x3b)) return start
  }
  return start
}

function picture(bytes: Buffer, at: number, length: number): string {
  const byte = bytes[at] ?? 0
  if (length === 1) return String.fromCharCode(byte === 0x7f ? 0x2421 : 0x2400 + byte)
  const code = bytes.toString('utf8', at, at + length).codePointAt(0) ?? 0
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}
