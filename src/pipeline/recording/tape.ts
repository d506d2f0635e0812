import type { OutputStream } from '../../domain/command.ts'
import type { RecordingState, RecordingWriter } from '../../domain/recording.ts'
import type { TerminalSize } from '../../domain/terminal.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Redactor } from '../redaction/redactor.ts'
import { type CastCode, CastLines, TerminalNewlines } from './asciicast.ts'
import { PieceQueue } from './piece-queue.ts'
import { ShownOrder } from './shown-order.ts'
import { TypedEcho } from './typed-echo.ts'

export interface TapeOptions {
  readonly writer: RecordingWriter
  readonly header: string
  readonly redactor: () => Redactor
  readonly clock: Clock
  readonly mostBytes: number
  /** A program with no terminal of its own. */
  readonly isPiped: boolean
  /** Told once, when nothing more can be written. */
  readonly onBroken: (cause: unknown) => void
}

/** Output that comes within so long is one event. */
const TOGETHER_MS = 50
const TOGETHER_BYTES = 64 * 1024

type Other = { readonly typed: string } | { readonly code: CastCode; readonly data: string }

/** One recording while it is made: what comes is redacted, put into lines, and written in pieces; when that is too slow, the source waits. */
export class Tape {
  readonly #options: TapeOptions
  readonly #queue: PieceQueue
  readonly #lines: CastLines
  readonly #order: ShownOrder<Other>
  readonly #newlines = new TerminalNewlines()
  readonly #echo = new TypedEcho()
  readonly #over = new AbortController()
  #waiting: { readonly stream: OutputStream; readonly chunk: Buffer }[] = []
  #waitingBytes = 0
  #sinceMs: number
  #isTimed = false
  #isFull = false

  constructor(options: TapeOptions) {
    const { clock, writer, header, redactor, onBroken } = options
    this.#options = options
    this.#sinceMs = clock.monotonicMs()
    this.#lines = new CastLines(this.#sinceMs)
    this.#order = new ShownOrder<Other>({
      ...{ redactor, clock, over: this.#over.signal },
      onOutput: (text, atMs) => this.#show(text, atMs),
      onOther: (other, atMs) => this.#note(other, atMs),
    })
    this.#queue = new PieceQueue(writer, clock, onBroken)
    this.#queue.push(header)
  }

  /** Resolves once the header is durable. */
  begun(): Promise<void> {
    return this.#queue.flush()
  }

  /** A promise asks the source to wait. */
  output(stream: OutputStream, chunk: Buffer): Promise<void> | undefined {
    if (this.#isDone) return undefined
    if (this.#waitingBytes === 0) this.#beginWaiting()
    this.#waiting.push({ stream, chunk })
    this.#waitingBytes += chunk.length
    if (this.#waitingBytes >= TOGETHER_BYTES) this.#pass()
    return this.#queue.pressure
  }

  /** What was typed, kept once the terminal shows it. */
  typed(text: string): void {
    this.#happens({ typed: text })
  }

  resized({ columns, rows }: TerminalSize): void {
    this.#happens({ code: 'r', data: `${columns}x${rows}` })
  }

  /** Nothing more comes. Resolves once it is durable, or broken, with how it is kept. */
  async end(how: { readonly exitStatus?: number; readonly why?: string } = {}): Promise<RecordingState> {
    if (!this.#over.signal.aborted) {
      if (how.why !== undefined) this.#happens({ code: 'm', data: how.why })
      if (how.exitStatus !== undefined) this.#happens({ code: 'x', data: String(how.exitStatus) })
      this.#pass()
      this.#order.end()
      this.#over.abort('over')
    }
    await this.#queue.flush()
    if (this.#queue.isBroken) return 'broken'
    return this.#isFull ? 'full' : 'complete'
  }

  get #isDone(): boolean {
    return this.#over.signal.aborted || this.#isFull || this.#queue.isBroken
  }

  #beginWaiting(): void {
    this.#sinceMs = this.#options.clock.monotonicMs()
    if (this.#isTimed) return
    this.#isTimed = true
    this.#options.clock.sleep(TOGETHER_MS, this.#over.signal).then(
      () => {
        this.#isTimed = false
        this.#pass()
      },
      () => undefined,
    )
  }

  #happens(other: Other): void {
    if (this.#isDone) return
    this.#pass()
    this.#order.other(other, this.#options.clock.monotonicMs())
  }

  #pass(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    if (this.#isDone) return
    for (const { stream, chunk } of joinedByStream(waiting)) this.#order.output(stream, chunk, this.#sinceMs)
  }

  #note(other: Other, atMs: number): void {
    if ('code' in other) this.#tell(other.code, other.data, atMs)
    else if (this.#echo.type(other.typed) === 'unseen') this.#tell('m', UNSEEN, atMs)
  }

  #show(text: string, atMs: number): void {
    if (text === '') return
    const { isPiped, redactor } = this.#options
    const seen = isPiped ? undefined : this.#echo.print(text)
    if (seen === 'unseen') this.#tell('m', UNSEEN, atMs)
    else if (seen !== undefined) this.#tell('i', redactor().redact(seen.shown).text, atMs)
    this.#tell('o', isPiped ? this.#newlines.push(text) : text, atMs)
  }

  #tell(code: CastCode, data: string, atMs: number): void {
    if (this.#isDone) return
    const line = this.#lines.line(atMs, code, data)
    if (code === 'o' && this.#queue.bytes + Buffer.byteLength(line) > this.#options.mostBytes) {
      this.#queue.push(this.#lines.line(atMs, 'm', FULL))
      this.#isFull = true
    } else this.#queue.push(line)
  }
}

const UNSEEN = 'something was typed that the terminal did not show: it is not kept'
const FULL = 'the recording is as large as it may be: what came later is missing'

/** Neighbours of one stream together: a piece is looked through once. */
function joinedByStream(pieces: readonly { readonly stream: OutputStream; readonly chunk: Buffer }[]) {
  const groups: { readonly stream: OutputStream; readonly chunks: Buffer[] }[] = []
  for (const { stream, chunk } of pieces) {
    const last = groups.at(-1)
    if (last?.stream === stream) last.chunks.push(chunk)
    else groups.push({ stream, chunks: [chunk] })
  }
  return groups.map(({ stream, chunks }) => ({ stream, chunk: Buffer.concat(chunks) }))
}
