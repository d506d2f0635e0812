/**
 * How many columns a character takes, as the C library of a present-day host counts them (Unicode 15, UAX #11), so that the screen is
 * drawn as the programs there take it to be.
 */

const COMBINING = /^(?:\p{Mn}|\p{Me}|[\u1160-\u11ff]|[\u200b-\u200f]|[\u2060-\u2064])$/u

/** Emoji that are shown as such are wide. A regional indicator counts half of a flag. */
const WIDE_EMOJI = /^\p{Emoji_Presentation}$/u
const REGIONAL = { from: 0x1f1e6, to: 0x1f1ff }

/** East Asian Wide and Fullwidth. */
const WIDE: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1aff0, 0x1b2ff],
  [0x1f200, 0x1f265],
  [0x20000, 0x3fffd],
]

/** Up to so many marks stand on one character. Endless ones would make one cell of the screen endless. */
const MOST_MARKS = 8

export function characterWidth(codepoint: number): 0 | 1 | 2 {
  if (codepoint < 0x300) return 1
  const character = String.fromCodePoint(codepoint)
  if (COMBINING.test(character)) return 0
  const isWide =
    WIDE.some(([from, to]) => codepoint >= from && codepoint <= to) ||
    (WIDE_EMOJI.test(character) && (codepoint < REGIONAL.from || codepoint > REGIONAL.to))
  return isWide ? 2 : 1
}

/**
 * What the emulator asks of each character: `marks << 3 | width << 1 | joins`, where `preceding` is the answer for the character before,
 * or 0. A mark without anything to stand on takes a column of its own.
 */
export function characterProperties(codepoint: number, preceding: number): number {
  const width = characterWidth(codepoint)
  if (width > 0) return width << 1
  const [marks, widthBefore] = [preceding >> 3, (preceding >> 1) & 3]
  const joins = widthBefore > 0 && marks < MOST_MARKS
  return joins ? ((marks + 1) << 3) | (widthBefore << 1) | 1 : 1 << 1
}
