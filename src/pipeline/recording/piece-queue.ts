import type { RecordingWriter } from '../../domain/recording.ts'
import type { Clock } from '../../lib/clock.ts'

/** A piece is written when it is as large, or as old, as this. */
const PIECE_BYTES = 64 * 1024
const PIECE_MS = 1_000
/** While one is written, the next may grow so far; then whoever brings more waits. */
const MOST_WAITING_BYTES = 1_048_576

/** Lines of a recording on their way to the store, one piece after the other. After the first that fails nothing more is written. */
export class PieceQueue {
  readonly #writer: RecordingWriter
  readonly #clock: Clock
  readonly #onBroken: (cause: unknown) => void
  #lines: string[] = []
  #waitingBytes = 0
  #writing: Promise<void> | undefined
  #isTimed = false
  /** Of all lines so far. */
  bytes = 0
  isBroken = false

  constructor(writer: RecordingWriter, clock: Clock, onBroken: (cause: unknown) => void) {
    this.#writer = writer
    this.#clock = clock
    this.#onBroken = onBroken
  }

  /** Set while too much waits. */
  get pressure(): Promise<void> | undefined {
    return this.#waitingBytes > MOST_WAITING_BYTES ? this.#writing : undefined
  }

  push(line: string): void {
    if (this.isBroken) return
    const length = Buffer.byteLength(line)
    this.#lines.push(line)
    this.#waitingBytes += length
    this.bytes += length
    if (this.#waitingBytes >= PIECE_BYTES) this.#write()
    else if (!this.#isTimed) this.#writeLater()
  }

  /** Resolves when all that was pushed is durable, or the recording broken. */
  async flush(): Promise<void> {
    while (this.#lines.length > 0 || this.#writing !== undefined) {
      this.#write()
      await this.#writing
    }
  }

  #writeLater(): void {
    this.#isTimed = true
    this.#clock
      .sleep(PIECE_MS)
      .catch(() => undefined)
      .finally(() => {
        this.#isTimed = false
        if (this.#lines.length > 0) this.#write()
      })
  }

  #write(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined
    })
  }

  async #writeAll(): Promise<void> {
    while (this.#lines.length > 0 && !this.isBroken) {
      const piece = Buffer.from(this.#lines.join(''))
      this.#lines = []
      this.#waitingBytes = 0
      try {
        await this.#writer.add(piece)
      } catch (cause) {
        this.isBroken = true
        this.#lines = []
        this.#waitingBytes = 0
        this.#onBroken(cause)
      }
    }
  }
}
