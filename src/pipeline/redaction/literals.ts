export interface Literal {
  readonly bytes: Buffer
  /** Letters of ASCII are the same in both cases. */
  readonly ignoresCase: boolean
}

const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte,
)
/** From the most to the least frequent in what commands print; what is not here is rarer. */
const FREQUENT = 'e taoinsrl0dc1u2hm.pgf3-4:5wyb687/9_vk,=ETASRIOCNxLDPM'
const BUCKETS = 1 << 16
const NONE = -1
/** Of each string so many bytes at most are looked at to know whether it may be there. */
const WIDEST = 8

/**
 * Many strings looked for in one pass over the bytes, however many they are (Wu and Manber, A Fast Algorithm for Multi-Pattern
 * Searching, 1994): from two bytes of the text it is known how far ahead the next string can be. The shortest of them sets the pace. Of
 * each string, the piece that is rarest in ordinary output is looked for.
 */
export class Literals {
  readonly #literals: readonly Literal[]
  /** How long the pieces are, and where in its string each begins. */
  readonly #width: number
  readonly #offsets: Int32Array
  /** By the last two bytes of a piece: how far the next one can be. */
  readonly #shifts = new Uint8Array(1 << 16)
  readonly #heads = new Int32Array(BUCKETS).fill(NONE)
  readonly #nexts: Int32Array
  /** Made when it is first asked for: most answers are of commands that are over. */
  #byFirst: readonly (readonly Literal[])[] | undefined

  /** Each string has at least two bytes. */
  constructor(literals: readonly Literal[]) {
    this.#literals = literals
    this.#width = literals.reduce((least, { bytes }) => Math.min(least, bytes.length), WIDEST)
    this.#shifts.fill(this.#width - 1)
    this.#nexts = new Int32Array(literals.length).fill(NONE)
    this.#offsets = Int32Array.from(literals, ({ bytes }) => rarest(bytes, this.#width))
    for (const [index, literal] of literals.entries()) {
      const offset = this.#offsets[index] ?? 0
      this.#learn(literal, offset)
      const bucket = this.#bucketOf(literal.bytes, offset)
      this.#nexts[index] = this.#heads[bucket] ?? NONE
      this.#heads[bucket] = index
    }
  }

  /** Calls `found` for each place where a string begins: its number in the list, and the place. In no order. */
  each(bytes: Buffer, found: (index: number, start: number) => void): void {
    if (this.#literals.length === 0) return
    const before = this.#width - 1
    for (let at = this.#next(bytes, before); at < bytes.length; at = this.#next(bytes, at + 1))
      this.#candidates(bytes, at - before, found)
  }

  /** Where the first string begins that the bytes end in the midst of; their length when they end in none. */
  begunAt(bytes: Buffer): number {
    this.#byFirst ??= byFirst(this.#literals)
    const longest = this.#literals.reduce((most, literal) => Math.max(most, literal.bytes.length), 0)
    for (let at = Math.max(0, bytes.length - longest + 1); at < bytes.length; at += 1)
      for (const literal of this.#byFirst[FOLDED[bytes[at] as number] as number] ?? [])
        if (literal.bytes.length > bytes.length - at && isAt(literal, bytes, at, bytes.length - at)) return at
    return bytes.length
  }

  /** Where the next piece may end, from `from` on; the length of the bytes, or more, when there is none. */
  #next(bytes: Buffer, from: number): number {
    const shifts = this.#shifts
    let at = from
    while (at < bytes.length) {
      const shift = shifts[((bytes[at - 1] as number) << 8) | (bytes[at] as number)] as number
      if (shift === 0) return at
      at += shift
    }
    return at
  }

  #candidates(bytes: Buffer, piece: number, found: (index: number, start: number) => void): void {
    let index = this.#heads[this.#bucketOf(bytes, piece)] ?? NONE
    for (; index !== NONE; index = this.#nexts[index] ?? NONE) {
      const literal = this.#literals[index]
      const start = piece - (this.#offsets[index] ?? 0)
      if (literal !== undefined && isAt(literal, bytes, start)) found(index, start)
    }
  }

  #learn({ bytes, ignoresCase }: Literal, offset: number): void {
    for (let end = 1; end < this.#width; end += 1) {
      const shift = this.#width - 1 - end
      for (const first of cases(bytes[offset + end - 1] ?? 0, ignoresCase))
        for (const second of cases(bytes[offset + end] ?? 0, ignoresCase)) {
          const block = (first << 8) | second
          this.#shifts[block] = Math.min(this.#shifts[block] ?? 0, shift)
        }
    }
  }

  #bucketOf(bytes: Buffer, piece: number): number {
    let hash = 0
    for (let at = piece; at < piece + this.#width; at += 1)
      hash = (Math.imul(hash, 31) + (FOLDED[bytes[at] as number] as number)) | 0
    return (hash ^ (hash >>> 16)) & (BUCKETS - 1)
  }
}

/** Where the piece of `width` bytes begins whose pairs are the rarest. */
function rarest(bytes: Buffer, width: number): number {
  const frequency = [...bytes].map((byte) => {
    const place = FREQUENT.indexOf(String.fromCharCode(byte))
    return place < 0 ? 1 : FREQUENT.length + 1 - place
  })
  let [best, least] = [0, Number.POSITIVE_INFINITY]
  for (let start = 0; start + width <= bytes.length; start += 1) {
    let score = 0
    // The last pair is the one at which the pass stops.
    for (let end = start + 1; end < start + width; end += 1)
      score += (frequency[end - 1] ?? 1) * (frequency[end] ?? 1) * (end === start + width - 1 ? 4 : 1)
    if (score < least) [best, least] = [start, score]
  }
  return best
}

function byFirst(literals: readonly Literal[]): readonly (readonly Literal[])[] {
  const lists: Literal[][] = Array.from({ length: 256 }, () => [])
  for (const literal of literals) lists[FOLDED[literal.bytes[0] ?? 0] ?? 0]?.push(literal)
  return lists
}

function cases(byte: number, ignoresCase: boolean): readonly number[] {
  const lower = FOLDED[byte] ?? byte
  return ignoresCase && lower >= 0x61 && lower <= 0x7a ? [lower, lower - 32] : [byte]
}

/** Whether the first `length` bytes of the string stand at `start`. */
function isAt(
  { bytes: wanted, ignoresCase }: Literal,
  bytes: Buffer,
  start: number,
  length = wanted.length,
): boolean {
  if (start < 0 || start + length > bytes.length) return false
  for (let at = 0; at < length; at += 1) {
    const [one, other] = [bytes[start + at] as number, wanted[at] as number]
    if (one !== other && !(ignoresCase && FOLDED[one] === FOLDED[other])) return false
  }
  return true
}
