/**
 * Bytes of UTF-8 text that steer a terminal or deceive a reader instead of showing something: C0 and C1 controls, escape sequences, marks
 * that turn the writing direction, characters without width. Where they begin and end; `visible-text.ts` says what stands for them.
 */

const PLAIN = 0
const CONTROL = 1
const CARRIAGE_RETURN = 2
/** The first byte of characters some of which are controls. */
const LEAD = 3

const CLASS = new Uint8Array(256)
for (let byte = 0; byte < 0x20; byte += 1) CLASS[byte] = CONTROL
CLASS[0x09] = PLAIN
CLASS[0x0a] = PLAIN
CLASS[0x0d] = CARRIAGE_RETURN
CLASS[0x7f] = CONTROL
for (const lead of [0xc2, 0xcd, 0xd8, 0xe1, 0xe2, 0xe3, 0xef, 0xf0, 0xf3]) CLASS[lead] = LEAD

const ESC = 0x1b

/** Where the next control from `from` on begins, before `end`, or -1. A tab, a line feed and the carriage returns before one are none. */
export function nextControl(bytes: Buffer, from: number, end = bytes.length): number {
  for (let at = nextUnusual(bytes, from, end); at < end; at = nextUnusual(bytes, at + 1, end)) {
    const kind = CLASS[bytes[at] as number]
    if (kind === CONTROL) return at
    if (kind === CARRIAGE_RETURN ? !endsLine(bytes, at) : formatLength(bytes, at) > 0) return at
  }
  return -1
}

/** Where the next byte is that may begin a control, or `end`. Nearly all begin none: four are looked at at once. */
function nextUnusual(bytes: Buffer, from: number, end: number): number {
  const near = plainUntil(bytes, from, Math.min(end, from + NEAR_BYTES))
  if (near < from + NEAR_BYTES) return near
  const aligned = plainUntil(bytes, near, Math.min(end, near + (-(bytes.byteOffset + near) & 3)))
  if (((bytes.byteOffset + aligned) & 3) !== 0 || aligned >= end) return aligned
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, (end - aligned) >> 2)
  for (let word = 0; word < words.length; word += 1) {
    // The highest bit of a byte is set by what is below 20, 7F or above, and by some of what is beside such a byte.
    const four = words[word] as number
    if ((((four - 0x20202020) | four | (four + 0x01010101)) & 0x80808080) === 0) continue
    const at = aligned + 4 * word
    const plain = plainUntil(bytes, at, at + 4)
    if (plain < at + 4) return plain
  }
  return plainUntil(bytes, aligned + 4 * words.length, end)
}

/** Where controls follow each other closely, a look at each byte is cheaper. */
const NEAR_BYTES = 32

/** Where from `from` on the first byte is that may begin a control, else `end`. */
function plainUntil(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && CLASS[bytes[at] as number] === PLAIN) at += 1
  return at
}

/** How many bytes the control at `at` is, an escape sequence as its first byte alone. */
export function controlLength(bytes: Buffer, at: number): number {
  return CLASS[bytes[at] as number] === LEAD ? formatLength(bytes, at) : 1
}

/** How many bytes the control at `at` is, an escape sequence with all that belongs to it. Never 0. */
export function sequenceLength(bytes: Buffer, at: number): number {
  const byte = bytes[at]
  if (byte === ESC) return 1 + escapedLength(bytes, at + 1, bytes[at + 1])
  const second = bytes[at + 1] ?? 0
  // ECMA-48 §5.3: each C1 control is the same as ESC and a byte of 40–5F.
  if (byte === 0xc2 && isBetween(second, 0x80, 0x9f)) return 1 + escapedLength(bytes, at + 1, second - 0x40)
  return controlLength(bytes, at)
}

/**
 * Of a sequence that only colours, ends colours or clears the rest of a line, its length: what a reader loses by it is nothing. 0 for
 * every other. Such sequences are short; `LONGEST_COLOUR` bytes are looked at.
 */
export function colourLength(bytes: Buffer, at: number): number {
  if (bytes[at] !== ESC) return 0
  // ESC ( B: the ASCII character set, as `tput sgr0` prints it before the colours end.
  if (bytes[at + 1] === 0x28) return bytes[at + 2] === 0x42 ? 3 : 0
  if (bytes[at + 1] !== 0x5b) return 0
  let end = at + 2
  while (end - at < LONGEST_COLOUR && isBetween(bytes[end], 0x30, 0x3b)) end += 1
  return bytes[end] === 0x6d || bytes[end] === 0x4b ? end + 1 - at : 0
}

export const LONGEST_COLOUR = 64

/** How much belongs to the sequence of which `byte`, which stands at `at`, says what it is. */
function escapedLength(bytes: Buffer, at: number, byte: number | undefined): number {
  if (byte === undefined || byte < 0x20 || byte > 0x7e) return 0
  if (byte < 0x30) return intermediates(bytes, at)
  if (byte === 0x5b) return controlSequence(bytes, at + 1)
  return STRINGS.has(byte) ? 1 + stringLength(bytes, at + 1) : 1
}

/** Device control, start of string, operating system command, privacy message, application program command. */
const STRINGS: ReadonlySet<number> = new Set(Buffer.from('PX]^_'))

/** ECMA-35 §13.2: intermediate bytes 20–2F, then a final byte. */
function intermediates(bytes: Buffer, from: number): number {
  let at = from
  while (isBetween(bytes[at], 0x20, 0x2f)) at += 1
  return at - from + (isBetween(bytes[at], 0x30, 0x7e) ? 1 : 0)
}

/** ECMA-48 §5.4: parameter bytes 30–3F, intermediate bytes 20–2F, a final byte 40–7E. */
function controlSequence(bytes: Buffer, from: number): number {
  let at = from
  while (isBetween(bytes[at], 0x30, 0x3f)) at += 1
  while (isBetween(bytes[at], 0x20, 0x2f)) at += 1
  return 1 + at - from + (isBetween(bytes[at], 0x40, 0x7e) ? 1 : 0)
}

/** A command string up to and with its end: BEL, ESC \ or U+009C. 0 when anything else ends it: then it was only begun. */
function stringLength(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === 0x07) return at + 1 - from
    if (byte === ESC) return bytes[at + 1] === 0x5c ? at + 2 - from : 0
    if (byte === 0xc2 && isBetween(bytes[at + 1], 0x80, 0x9f))
      return bytes[at + 1] === 0x9c ? at + 2 - from : 0
    if (byte < 0x20 && byte !== 0x09) return 0
  }
  return 0
}

/** Whether the carriage return at `at` is followed by a line feed, or by one or two more first, as terminals and mail gateways make them. */
function endsLine(bytes: Buffer, at: number): boolean {
  let next = at + 1
  while (next <= at + 2 && bytes[next] === 0x0d) next += 1
  return bytes[next] === 0x0a
}

/** How many bytes the C1 control or format character at `at` is; 0 when there is none. */
function formatLength(bytes: Buffer, at: number): number {
  const [first, second = 0, third = 0, fourth = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]
  switch (first) {
    case 0xc2: // U+0080–009F: C1; U+00AD: soft hyphen
      return isBetween(second, 0x80, 0x9f) || second === 0xad ? 2 : 0
    case 0xcd: // U+034F: grapheme joiner
      return second === 0x8f ? 2 : 0
    case 0xd8: // U+061C: Arabic letter mark
      return second === 0x9c ? 2 : 0
    case 0xe1: // U+115F, U+1160: Hangul fillers; U+17B4, U+17B5: Khmer vowels; U+180B–180F: Mongolian selectors
      if (second === 0x85) return third === 0x9f || third === 0xa0 ? 3 : 0
      if (second === 0x9e) return third === 0xb4 || third === 0xb5 ? 3 : 0
      return second === 0xa0 && isBetween(third, 0x8b, 0x8f) ? 3 : 0
    case 0xe2: // U+200B–200F, U+2028–202E, U+2060–206F: no width, line ends, writing direction
      if (second === 0x81) return isBetween(third, 0xa0, 0xaf) ? 3 : 0
      if (second !== 0x80) return 0
      if (third === 0x8c || third === 0x8d) return joins(bytes, at) ? 0 : 3
      return isBetween(third, 0x8b, 0x8f) || isBetween(third, 0xa8, 0xae) ? 3 : 0
    case 0xe3: // U+3164: Hangul filler
      return second === 0x85 && third === 0xa4 ? 3 : 0
    case 0xef: // U+FE00–FE0F: variation selectors; U+FEFF; U+FFA0: filler; U+FFF9–FFFB: annotations
      if (second === 0xb8 && isBetween(third, 0x80, 0x8f)) return selects(bytes, at, third) ? 0 : 3
      if (second === 0xbb) return third === 0xbf ? 3 : 0
      if (second === 0xbe) return third === 0xa0 ? 3 : 0
      return second === 0xbf && isBetween(third, 0xb9, 0xbb) ? 3 : 0
    case 0xf0: // U+1D173–1D17A: musical, without width
      return second === 0x9d && third === 0x85 && isBetween(fourth, 0xb3, 0xba) ? 4 : 0
    case 0xf3: // U+E0000–E0FFF: tags and further variation selectors
      return second === 0xa0 && isBetween(third, 0x80, 0xbf) && fourth >= 0x80 ? 4 : 0
    default:
      return 0
  }
}

/** U+200C and U+200D between characters of scripts that are written with them, or of emoji. */
function joins(bytes: Buffer, at: number): boolean {
  return isJoined(bytes, at) && (bytes[at + 3] ?? 0) >= 0xc2 && formatLength(bytes, at + 3) === 0
}

function isJoined(bytes: Buffer, at: number): boolean {
  const [three, two] = [bytes[at - 3] ?? 0, bytes[at - 2] ?? 0]
  if (isBetween(two, 0xd8, 0xdd)) return true
  // A variation selector that stands behind an emoji.
  if (three === 0xef) return two === 0xb8 && selects(bytes, at - 3, bytes[at - 1] ?? 0)
  if (three === 0xe0 || three === 0xe1) return formatLength(bytes, at - 3) === 0
  return isEmoji(bytes, at)
}

/** U+FE0E and U+FE0F, which choose between a text and a picture, behind what has both. */
function selects(bytes: Buffer, at: number, third: number): boolean {
  if (third !== 0x8e && third !== 0x8f) return false
  // U+20E3: a key around a digit.
  const isKey = bytes[at + 3] === 0xe2 && bytes[at + 4] === 0x83 && bytes[at + 5] === 0xa3
  const isSign = bytes[at - 2] === 0xc2 && (bytes[at - 1] === 0xa9 || bytes[at - 1] === 0xae)
  return isKey || isSign || isEmoji(bytes, at)
}

/** Whether the character before `at` is a picture: U+1Fxxx, or of the symbols U+2190–2BFF. */
function isEmoji(bytes: Buffer, at: number): boolean {
  if (bytes[at - 4] === 0xf0) return bytes[at - 3] === 0x9f
  return bytes[at - 3] === 0xe2 && isBetween(bytes[at - 2], 0x86, 0xaf)
}

function isBetween(byte: number | undefined, low: number, high: number): boolean {
  return byte !== undefined && byte >= low && byte <= high
}
