import type { OutputStream } from '../../domain/command.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { type HeldBack, type ShownPiece, StreamRedactor } from './stream-redactor.ts'

/** What happened, in its order: output, of which the text is known later, and what has no secrets to be looked for. */
type Item<Other> =
  | { readonly stream: OutputStream; readonly atMs: number }
  | { readonly other: Other; readonly atMs: number }

/** So much is looked through at once while it flows. */
const LOOK_BYTES = 96 * 1024
/** What is held for a secret that may come is let go of after so long, but for a line without an end; and that after so long without more. */
const AGED_MS = 1_000
const IDLE_MS = 5_000
/** One stream waits for the other, so that all is told in its order; with so much waiting it does no more. */
const MOST_WAITING_BYTES = 512 * 1024

/** Two streams and what happens between, told without secrets in the order and with the times in which it came, a little later. */
export class ShownOrder<Other> {
  readonly #clock: Clock
  readonly #over: AbortSignal
  readonly #onOutput: (text: string, atMs: number) => void
  readonly #onOther: (other: Other, atMs: number) => void
  readonly #streams: Record<
    OutputStream,
    { readonly redactor: StreamRedactor; ready: ShownPiece[]; lastMs: number }
  >
  readonly #items: Item<Other>[] = []
  #readyBytes = 0
  #isTimed = false

  constructor(options: {
    readonly redactor: () => Redactor
    readonly clock: Clock
    /** Aborts when nothing more is to be told. */
    readonly over: AbortSignal
    readonly onOutput: (text: string, atMs: number) => void
    readonly onOther: (other: Other, atMs: number) => void
  }) {
    const { redactor, clock, over, onOutput, onOther } = options
    this.#clock = clock
    this.#over = over
    this.#onOutput = onOutput
    this.#onOther = onOther
    const stream = () => ({ redactor: new StreamRedactor(redactor), ready: [], lastMs: 0 })
    this.#streams = { stdout: stream(), stderr: stream() }
  }

  output(stream: OutputStream, piece: Buffer, atMs: number): void {
    const one = this.#streams[stream]
    one.redactor.push(piece)
    one.lastMs = atMs
    this.#items.push({ stream, atMs })
    if (one.redactor.heldBytes >= LOOK_BYTES) this.#take(stream, 'secret')
    this.#tell()
    this.#lookLater()
  }

  other(other: Other, atMs: number): void {
    this.#items.push({ other, atMs })
    this.#tell()
  }

  /** Nothing more comes. */
  end(): void {
    for (const stream of STREAMS) this.#take(stream, 'nothing')
    this.#tell()
  }

  #take(stream: OutputStream, back: HeldBack): void {
    const one = this.#streams[stream]
    if (one.redactor.heldBytes === 0) return
    for (const piece of one.redactor.take(back)) {
      one.ready.push(piece)
      this.#readyBytes += piece.text.length
    }
  }

  #tell(): void {
    for (let item = this.#items[0]; item !== undefined; item = this.#items[0]) {
      if ('other' in item) this.#onOther(item.other, item.atMs)
      else if (!this.#tellOf(item.stream, item.atMs)) return
      this.#items.shift()
    }
  }

  /** Whether all of the piece is told. */
  #tellOf(stream: OutputStream, atMs: number): boolean {
    const one = this.#streams[stream]
    if (one.ready.length === 0 && this.#readyBytes > MOST_WAITING_BYTES) this.#take(stream, 'word')
    for (let piece = one.ready.shift(); piece !== undefined; piece = one.ready.shift()) {
      this.#readyBytes -= piece.text.length
      this.#onOutput(piece.text, atMs)
      if (piece.isRest) return true
    }
    return false
  }

  #lookLater(): void {
    if (this.#isTimed || this.#items.length === 0) return
    this.#isTimed = true
    this.#clock.sleep(AGED_MS, this.#over).then(
      () => {
        this.#isTimed = false
        for (const stream of STREAMS) {
          const isIdle = this.#clock.monotonicMs() - this.#streams[stream].lastMs >= IDLE_MS
          this.#take(stream, isIdle ? 'word' : 'line')
        }
        this.#tell()
        const isOpen = STREAMS.some(
          (stream) => this.#clock.monotonicMs() - this.#streams[stream].lastMs < IDLE_MS,
        )
        if (isOpen) this.#lookLater()
      },
      () => undefined,
    )
  }
}

const STREAMS = ['stdout', 'stderr'] as const
