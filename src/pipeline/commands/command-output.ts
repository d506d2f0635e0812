import type { OutputSink, OutputStream } from '../../domain/command.ts'
import type { KeptOutput } from '../../domain/command-record.ts'
import type { OutputQuota } from './output-quota.ts'
import { Tail } from './tail.ts'

/** As much stays in memory alone: most commands print less, and never touch the store. */
const MEMORY_BYTES = 64 * 1024
/** As much may wait for the store before the host has to wait too. */
const QUEUE_BYTES = 256 * 1024
/** What is kept of the end of each stream once no more of it is kept. */
const TAIL_BYTES = 256 * 1024

export type AnyStream = OutputStream | 'output'

interface Piece {
  readonly stream: OutputStream
  readonly chunk: Buffer
}

export interface OutputDeps {
  /** Where it is kept, once there is something to be kept. */
  readonly open: () => Promise<KeptOutput>
  readonly quota: OutputQuota
  /** Told once when no more of this output can be kept. */
  readonly onFault: (fault: unknown) => void
}

/**
 * The output of one command: in memory while it is short, in the store from `MEMORY_BYTES` on or once `keep` was called. Beyond the quota
 * only the end of each stream is held and the rest is counted. Nothing is decoded, redacted or cut here.
 */
export class CommandOutput implements OutputSink {
  readonly taken = { stdout: 0, stderr: 0 }
  isBegun = false
  readonly #deps: OutputDeps
  /** Everything, while it is in memory alone. */
  #pieces: Piece[] | undefined = []
  #kept: KeptOutput | undefined
  #queue: Piece[] = []
  #queuedBytes = 0
  #flushing: Promise<void> | undefined
  /** No more is kept: the ends of the streams. */
  #tails: Record<AnyStream, Tail> | undefined
  #keptBytes = 0
  #news: { readonly promise: Promise<void>; readonly tell: () => void } | undefined

  constructor(deps: OutputDeps) {
    this.#deps = deps
  }

  /** The output of a command that an earlier process began. */
  static async saved(deps: OutputDeps): Promise<CommandOutput> {
    const output = new CommandOutput(deps)
    const kept = await deps.open()
    output.#pieces = undefined
    output.#kept = kept
    output.taken.stdout = kept.bytes.stdout
    output.taken.stderr = kept.bytes.stderr
    output.#keptBytes = deps.quota.take(kept.bytes.stdout + kept.bytes.stderr, 0)
    return output
  }

  /** Whether it goes to the store. */
  get isStored(): boolean {
    return this.#pieces === undefined
  }

  get storedBytes(): number {
    return this.#pieces === undefined ? this.#keptBytes : 0
  }

  get inMemoryBytes(): number {
    return this.#pieces === undefined ? 0 : this.taken.stdout + this.taken.stderr
  }

  total(stream: AnyStream): number {
    return stream === 'output' ? this.taken.stdout + this.taken.stderr : this.taken[stream]
  }

  /** How much can be read from the beginning on. */
  kept(stream: AnyStream): number {
    if (this.#pieces !== undefined) return this.total(stream)
    const { stdout, stderr } = this.#kept?.bytes ?? { stdout: 0, stderr: 0 }
    return { stdout, stderr, output: stdout + stderr }[stream]
  }

  begun(): void {
    this.isBegun = true
    this.#tellNews()
  }

  push(stream: OutputStream, chunk: Buffer): Promise<void> | undefined {
    this.taken[stream] += chunk.length
    if (this.#pieces !== undefined) {
      this.#pieces.push({ stream, chunk })
      this.#tellNews()
      if (this.taken.stdout + this.taken.stderr > MEMORY_BYTES) this.#toStore()
    } else if (this.#tails !== undefined) {
      this.#pushTails(this.#tails, stream, chunk)
      this.#tellNews()
    } else this.#enqueue({ stream, chunk })
    return this.#queuedBytes > QUEUE_BYTES ? this.#flushing : undefined
  }

  /** From now on it goes to the store, so that it is there after a restart. Resolves when what there was is there, or cannot be. */
  async keep(): Promise<void> {
    this.#toStore()
    const bytes = this.#keptBytes
    while (this.#flushing !== undefined && this.kept('output') < bytes)
      await Promise.race([this.news, this.#flushing])
  }

  /** Resolves when everything that was pushed is where it belongs. */
  async settled(): Promise<void> {
    while (this.#flushing !== undefined) await this.#flushing
  }

  /** At most `length` bytes from `offset` on: fewer at the end, and none beyond what is kept. */
  async read(stream: AnyStream, offset: number, length: number): Promise<Buffer> {
    const pieces = this.#pieces
    if (pieces !== undefined) return piecesOf(pieces, stream).subarray(offset, offset + length)
    const wanted = Math.min(length, this.kept(stream) - offset)
    if (wanted <= 0 || this.#kept === undefined) return Buffer.alloc(0)
    return this.#kept.read(stream, offset, wanted)
  }

  /** The last `length` bytes at most, and where they begin. */
  async end(stream: AnyStream, length: number): Promise<{ readonly bytes: Buffer; readonly offset: number }> {
    const total = this.total(stream)
    if (this.#tails !== undefined && this.kept(stream) < total) {
      const bytes = this.#tails[stream].bytes()
      const last = bytes.subarray(Math.max(0, bytes.length - length))
      return { bytes: last, offset: total - last.length }
    }
    const offset = Math.max(0, this.kept(stream) - length)
    return { bytes: await this.read(stream, offset, length), offset }
  }

  /** Resolves at the next change. */
  get news(): Promise<void> {
    if (this.#news === undefined) {
      let tell = () => {}
      const promise = new Promise<void>((resolve) => {
        tell = resolve
      })
      this.#news = { promise, tell }
    }
    return this.#news.promise
  }

  /** The command has ended: nothing more comes. */
  async close(): Promise<void> {
    await this.settled()
    this.#tellNews()
  }

  /** Its room is free again; the caller removes it from the store. */
  forget(): void {
    this.#deps.quota.release(this.#keptBytes)
    this.#keptBytes = 0
  }

  #tellNews(): void {
    this.#news?.tell()
    this.#news = undefined
  }

  #toStore(): void {
    const pieces = this.#pieces
    if (pieces === undefined) return
    this.#pieces = undefined
    for (const piece of pieces) this.#enqueue(piece)
  }

  #enqueue(piece: Piece): void {
    const granted = this.#deps.quota.take(piece.chunk.length, this.#keptBytes)
    this.#keptBytes += granted
    if (granted > 0) {
      this.#queue.push({ stream: piece.stream, chunk: piece.chunk.subarray(0, granted) })
      this.#queuedBytes += granted
      this.#flushing ??= this.#flush()
    }
    if (granted < piece.chunk.length) this.#stopKeeping(piece.stream, piece.chunk.subarray(granted))
  }

  #stopKeeping(stream: OutputStream, rest: Buffer): void {
    this.#tails ??= {
      stdout: new Tail(TAIL_BYTES),
      stderr: new Tail(TAIL_BYTES),
      output: new Tail(TAIL_BYTES),
    }
    this.#pushTails(this.#tails, stream, rest)
  }

  #pushTails(tails: Record<AnyStream, Tail>, stream: OutputStream, chunk: Buffer): void {
    tails[stream].push(chunk)
    tails.output.push(chunk)
  }

  async #flush(): Promise<void> {
    try {
      this.#kept ??= await this.#deps.open()
      while (this.#queue.length > 0) {
        const batch = this.#queue
        this.#queue = []
        await this.#kept.append(batch)
        this.#queuedBytes = this.#queue.reduce((sum, { chunk }) => sum + chunk.length, 0)
        this.#tellNews()
      }
    } catch (fault) {
      this.#deps.onFault(fault)
      for (const { stream, chunk } of this.#queue.splice(0)) this.#stopKeeping(stream, chunk)
      this.#queuedBytes = 0
      this.#stopKeeping('stdout', Buffer.alloc(0))
    } finally {
      this.#flushing = undefined
    }
  }
}

function piecesOf(pieces: readonly Piece[], stream: AnyStream): Buffer {
  const wanted = stream === 'output' ? pieces : pieces.filter((piece) => piece.stream === stream)
  const [only] = wanted
  return wanted.length === 1 && only ? only.chunk : Buffer.concat(wanted.map(({ chunk }) => chunk))
}
