/** How much may come before the announcement (start-up files that print, banners) until it is no longer waited for. */
export const LONGEST_NOISE = 64 * 1024

const NOTHING = Buffer.alloc(0)

/**
 * Takes `<nonce> <pid>\n` out of a stream of stderr, wherever chunks are cut, and passes all other bytes on. Bytes that come before
 * it are held back until it is there, and go to `passBefore` where that is another place.
 */
export class Announcement {
  readonly #mark: Buffer
  readonly #pass: (chunk: Buffer) => void
  readonly #passBefore: (chunk: Buffer) => void
  #held: Buffer[] = []
  #heldBytes = 0
  #isOver = false
  #processGroup: number | undefined

  constructor(nonce: string, pass: (chunk: Buffer) => void, passBefore = pass) {
    this.#mark = Buffer.from(`${nonce} `)
    this.#pass = pass
    this.#passBefore = passBefore
  }

  /** The id of the remote process group; undefined until it was announced. */
  get processGroup(): number | undefined {
    return this.#processGroup
  }

  /** It came, or is not waited for any longer: what is pushed now is passed on at once. */
  get isOver(): boolean {
    return this.#isOver
  }

  push(chunk: Buffer): void {
    if (this.#isOver) {
      this.#pass(chunk)
      return
    }
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
    const text = this.#held.length === 1 ? chunk : Buffer.concat(this.#held)
    this.#held = [text]
    const start = text.indexOf(this.#mark)
    const end = start < 0 ? -1 : text.indexOf(0x0a, start)
    if (end >= 0) {
      const pid = Number(text.toString('latin1', start + this.#mark.length, end))
      // To kill(2), 0 is the caller's own group and -1 is everybody.
      if (Number.isSafeInteger(pid) && pid > 1) this.#processGroup = pid
      this.#finish(text.subarray(0, start), text.subarray(end + 1))
    } else if (this.#heldBytes > LONGEST_NOISE) this.flush()
  }

  /** The stream is over, or the announcement is not waited for any longer. */
  flush(): void {
    if (!this.#isOver) this.#finish(this.#held[0])
  }

  #finish(before: Buffer = NOTHING, after: Buffer = NOTHING): void {
    this.#isOver = true
    this.#held = []
    if (before.length > 0) this.#passBefore(before)
    if (after.length > 0) this.#pass(after)
  }
}
