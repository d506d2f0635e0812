import type { OutputStream } from '../domain/command.ts'

const FIRST_SPACING_BYTES = 64 * 1024
/** 24 bytes a mark: 192 KiB at most, however much is printed and however it is interleaved. */
const MOST_MARKS = 8_192

/** Where in the file a frame begins, and how many bytes of each stream lie before it. */
export interface Mark {
  readonly position: number
  readonly stdout: number
  readonly stderr: number
}

/** The offset of a place in the stream, or in both as they came. */
export function offsetIn(stream: OutputStream | 'output', place: Omit<Mark, 'position'>): number {
  return stream === 'output' ? place.stdout + place.stderr : place[stream]
}

/**
 * Finds where in a file of frames an offset of a stream lies: a mark every 64 KiB of file. Between two marks the frames are walked. When
 * the marks become too many, every other one goes and the spacing doubles.
 */
export class OutputMarks {
  #spacingBytes = FIRST_SPACING_BYTES
  /** Three numbers a mark: position, stdout, stderr. The first mark is the beginning. */
  #marks = new Float64Array(3 * 16)
  #count = 1

  get bytes(): number {
    return this.#marks.byteLength
  }

  /** Takes the beginning of a frame. Positions only grow. */
  add(position: number, stdout: number, stderr: number): void {
    const isNear = () => position - (this.#marks[3 * (this.#count - 1)] ?? 0) < this.#spacingBytes
    if (isNear()) return
    if (this.#count === MOST_MARKS) {
      this.#thinOut()
      if (isNear()) return
    }
    if (3 * this.#count === this.#marks.length) {
      const grown = new Float64Array(2 * this.#marks.length)
      grown.set(this.#marks)
      this.#marks = grown
    }
    this.#marks.set([position, stdout, stderr], 3 * this.#count)
    this.#count += 1
  }

  /** The last mark that does not lie behind the offset. */
  before(stream: OutputStream | 'output', offset: number): Mark {
    let low = 0
    let high = this.#count - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (offsetIn(stream, this.#at(middle)) <= offset) low = middle
      else high = middle - 1
    }
    return this.#at(low)
  }

  #at(index: number): Mark {
    const [position = 0, stdout = 0, stderr = 0] = this.#marks.subarray(3 * index, 3 * index + 3)
    return { position, stdout, stderr }
  }

  #thinOut(): void {
    const kept = Math.ceil(this.#count / 2)
    for (let index = 1; index < kept; index += 1) {
      this.#marks.copyWithin(3 * index, 6 * index, 6 * index + 3)
    }
    this.#count = kept
    this.#spacingBytes *= 2
  }
}
