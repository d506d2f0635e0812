export interface Literal {
  readonly bytes: Buffer
  /** Letters of ASCII are the same in both cases. */
  readonly ignoresCase: boolean
}

const FOLDED = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte,
)
const BUCKETS = 1 << 16
const NONE = -1
/** Of each string so many bytes at most tell in which bucket it is. */
const MOST_HASHED = 8

/**
 * Many strings looked for in one pass over the bytes, however many they are (Wu and Manber, A Fast Algorithm for Multi-Pattern
 * Searching, 1994): from two bytes of the text it is known how far ahead the next string can begin. The shortest of them sets the pace.
 */
export class Literals {
  readonly #literals: readonly Literal[]
  /** The length of the shortest one, and of what is looked at of each to find candidates. */
  readonly #width: number
  readonly #hashed: number
  /** By the last two bytes of the window: how far it can move. */
  readonly #shifts = new Uint8Array(1 << 16)
  readonly #heads = new Int32Array(BUCKETS).fill(NONE)
  readonly #nexts: Int32Array

  /** Each string has at least two bytes. */
  constructor(literals: readonly Literal[]) {
    this.#literals = literals
    this.#width = literals.reduce((least, { bytes }) => Math.min(least, bytes.length), 256)
    this.#hashed = Math.min(this.#width, MOST_HASHED)
    this.#shifts.fill(this.#width - 1)
    this.#nexts = new Int32Array(literals.length).fill(NONE)
    for (const [index, literal] of literals.entries()) {
      this.#learn(literal)
      const bucket = this.#bucketOf(literal.bytes, 0)
      this.#nexts[index] = this.#heads[bucket] ?? NONE
      this.#heads[bucket] = index
    }
  }

  /** Calls `found` for each place where a string begins: its number in the list, and the place. In order of the places. */
  each(bytes: Buffer, found: (index: number, start: number) => void): void {
    if (this.#literals.length === 0) return
    const shifts = this.#shifts
    const before = this.#width - 1
    let at = before
    while (at < bytes.length) {
      const shift = shifts[((bytes[at - 1] as number) << 8) | (bytes[at] as number)] as number
      if (shift > 0) at += shift
      else {
        this.#candidates(bytes, at - before, found)
        at += 1
      }
    }
  }

  #candidates(bytes: Buffer, start: number, found: (index: number, start: number) => void): void {
    let index = this.#heads[this.#bucketOf(bytes, start)] ?? NONE
    for (; index !== NONE; index = this.#nexts[index] ?? NONE) {
      const literal = this.#literals[index]
      if (literal !== undefined && isAt(literal, bytes, start)) found(index, start)
    }
  }

  #learn({ bytes, ignoresCase }: Literal): void {
    for (let end = 1; end < this.#width; end += 1) {
      const shift = this.#width - 1 - end
      for (const first of cases(bytes[end - 1] ?? 0, ignoresCase))
        for (const second of cases(bytes[end] ?? 0, ignoresCase)) {
          const block = (first << 8) | second
          this.#shifts[block] = Math.min(this.#shifts[block] ?? 0, shift)
        }
    }
  }

  #bucketOf(bytes: Buffer, start: number): number {
    let hash = 0
    for (let at = start; at < start + this.#hashed; at += 1)
      hash = (Math.imul(hash, 31) + (FOLDED[bytes[at] as number] as number)) | 0
    return (hash ^ (hash >>> 16)) & (BUCKETS - 1)
  }
}

function cases(byte: number, ignoresCase: boolean): readonly number[] {
  const lower = FOLDED[byte] ?? byte
  return ignoresCase && lower >= 0x61 && lower <= 0x7a ? [lower, lower - 32] : [byte]
}

function isAt({ bytes: wanted, ignoresCase }: Literal, bytes: Buffer, start: number): boolean {
  if (start + wanted.length > bytes.length) return false
  for (let at = 0; at < wanted.length; at += 1) {
    const [one, other] = [bytes[start + at] as number, wanted[at] as number]
    if (one !== other && !(ignoresCase && FOLDED[one] === FOLDED[other])) return false
  }
  return true
}
