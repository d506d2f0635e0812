/** The last bytes of a stream in bounded memory. `push` copies into a ring that is made at the first use. */
export class Tail {
  readonly #limitBytes: number
  #ring = Buffer.alloc(0)
  /** Where the next byte goes. */
  #at = 0
  #length = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  push(chunk: Buffer): void {
    if (this.#ring.length === 0) this.#ring = Buffer.allocUnsafe(this.#limitBytes)
    const last = chunk.subarray(Math.max(0, chunk.length - this.#limitBytes))
    const toEdge = Math.min(last.length, this.#limitBytes - this.#at)
    last.copy(this.#ring, this.#at, 0, toEdge)
    last.copy(this.#ring, 0, toEdge)
    this.#at = (this.#at + last.length) % this.#limitBytes
    this.#length = Math.min(this.#limitBytes, this.#length + last.length)
  }

  bytes(): Buffer {
    if (this.#length < this.#limitBytes) return this.#ring.subarray(0, this.#length)
    return Buffer.concat([this.#ring.subarray(this.#at), this.#ring.subarray(0, this.#at)])
  }
}
