import type { Duplex } from 'node:stream'
import type { HostName } from '../../domain/host.ts'
import type { Clock } from '../../lib/clock.ts'
import { SftpError, type SftpErrorCode } from './sftp.ts'
import { FrameSplitter } from './sftp-frames.ts'
import { answerOf, type Expected, type Replies, statusOf } from './sftp-replies.ts'
import { MalformedPacket, PacketReader, type Part, REPLY, REQUEST, requestPacket } from './sftp-wire.ts'

/** How long nothing may move in either direction while a request is open. */
const SILENCE_MS = 60_000
/** How long a server may take to say which version it speaks. */
const HELLO_MS = 15_000
/** How long any one request may take, however lively the host is otherwise. */
const REQUEST_MS = 600_000

interface Pending extends Expected {
  readonly sentAtMs: number
  resolve(value: unknown): void
  reject(error: SftpError): void
}

/** The stream that the server speaks on, and how to end it. */
export interface SftpStream {
  readonly stream: Duplex
  close(): void
}

/**
 * Requests and replies on one stream (draft-ietf-secsh-filexfer-02). Replies may come in any order; whatever does not fit what was asked
 * ends the session, for a server that is wrong once cannot be believed afterwards. Bounded by what its callers have asked for.
 */
export class SftpClient {
  readonly host: HostName
  readonly #stream: Duplex
  readonly #close: () => void
  readonly #clock: Clock
  readonly #pending = new Map<number, Pending>()
  #hello: ((extensions: ReadonlyMap<string, string>) => void) | undefined
  #failHello: ((error: SftpError) => void) | undefined
  #nextId = 0
  #movedAtMs: number
  #isWatched = false
  #end: SftpError | undefined

  constructor(host: HostName, { stream, close }: SftpStream, clock: Clock) {
    this.host = host
    this.#stream = stream
    this.#close = close
    this.#clock = clock
    this.#movedAtMs = clock.monotonicMs()
    const frames = new FrameSplitter((pieces) => this.#receive(pieces))
    stream.on('data', (chunk: Buffer) => {
      if (this.#end !== undefined) return
      this.#movedAtMs = clock.monotonicMs()
      this.#guarded(() => frames.push(chunk))
    })
    const gone = () => this.giveUp('connection_lost', `the SFTP connection to ${host} was lost`)
    stream.on('end', gone).on('close', gone).on('error', gone)
    stream.resume()
  }

  get isAlive(): boolean {
    return this.#end === undefined
  }

  get openRequests(): number {
    return this.#pending.size
  }

  /** Agrees on version 3 (§4) and resolves to the server's extensions. */
  start(): Promise<ReadonlyMap<string, string>> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end)
      this.#hello = resolve
      this.#failHello = reject
      this.#write(Buffer.from([0, 0, 0, 5, REQUEST.init, 0, 0, 0, 3]))
      this.#watch()
    })
  }

  /** `data` goes after the parts as their last field's bytes; `dataBytes`, their number, is one of the parts. */
  request<Kind extends keyof Replies>(
    type: number,
    expects: Kind,
    parts: readonly Part[],
    options: {
      readonly data?: readonly Buffer[]
      readonly dataBytes?: number
      readonly mostBytes?: number
    } = {},
  ): Promise<Replies[Kind]> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) return reject(this.#end)
      const id = this.#freeId()
      const sentAtMs = this.#clock.monotonicMs()
      if (this.#pending.size === 0) this.#movedAtMs = sentAtMs
      this.#pending.set(id, {
        expects,
        mostBytes: options.mostBytes ?? 0,
        sentAtMs,
        resolve: resolve as (value: unknown) => void,
        reject,
      })
      this.#write(requestPacket(type, id, parts, options.dataBytes))
      for (const piece of options.data ?? []) this.#write(piece)
      this.#watch()
    })
  }

  /** Ends the session: everything open fails with this, and so does everything asked later. */
  giveUp(code: SftpErrorCode, message: string): void {
    if (this.#end !== undefined) return
    const error = new SftpError(code, message, undefined, this)
    this.#end = error
    const open = [...this.#pending.values()]
    this.#pending.clear()
    this.#failHello?.(error)
    for (const { reject } of open) reject(error)
    this.#close()
  }

  #freeId(): number {
    do this.#nextId = (this.#nextId + 1) >>> 0
    while (this.#pending.has(this.#nextId))
    return this.#nextId
  }

  #write(bytes: Buffer): void {
    this.#stream.write(bytes, () => {
      this.#movedAtMs = this.#clock.monotonicMs()
    })
  }

  #receive(pieces: Buffer[]): void {
    const first = pieces[0]
    const type = first?.[0]
    const isLong = pieces.length > 1 && first !== undefined && first.length >= 9 && type === REPLY.data
    const body =
      isLong || first === undefined || pieces.length === 1
        ? (first ?? Buffer.alloc(0))
        : Buffer.concat(pieces)
    const reader = new PacketReader(body.subarray(1))
    if (this.#hello !== undefined) {
      this.#receiveHello(type, reader)
      return
    }
    const id = reader.u32()
    const pending = this.#pending.get(id)
    if (pending === undefined) throw new MalformedPacket('an answer to a request that is not open')
    this.#pending.delete(id)
    try {
      const value =
        type === REPLY.status
          ? statusOf(reader, pending.expects, this)
          : answerOf(type, pending, reader, isLong ? pieces : [body])
      if (value instanceof SftpError) pending.reject(value)
      else pending.resolve(value)
    } catch (error) {
      this.#pending.set(id, pending)
      throw error
    }
  }

  #receiveHello(type: number | undefined, reader: PacketReader): void {
    if (type !== REPLY.version) throw new MalformedPacket('something else than its version')
    if (reader.u32() < 3) throw new MalformedPacket('a version of SFTP older than 3')
    const extensions = new Map<string, string>()
    while (reader.remaining > 0)
      extensions.set(reader.string().toString('latin1'), reader.string().toString('latin1'))
    const hello = this.#hello
    this.#hello = undefined
    this.#failHello = undefined
    hello?.(extensions)
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (!(error instanceof MalformedPacket)) throw error
      this.giveUp('protocol_broken', `${this.host} broke the SFTP protocol: ${error.message}`)
    }
  }

  /** One timer for all requests: it runs on while there are any, and looks again when it fires. */
  #watch(): void {
    if (this.#isWatched) return
    this.#isWatched = true
    void this.#keepWatch()
  }

  async #keepWatch(): Promise<void> {
    for (;;) {
      const [oldest] = this.#pending.values()
      if (this.#end !== undefined || (oldest === undefined && this.#hello === undefined)) break
      const nowMs = this.#clock.monotonicMs()
      const silenceMs = this.#hello === undefined ? SILENCE_MS : HELLO_MS
      const dueAtMs = Math.min(this.#movedAtMs + silenceMs, (oldest?.sentAtMs ?? nowMs) + REQUEST_MS)
      if (dueAtMs <= nowMs) this.giveUp('timed_out', `${this.host} did not answer over SFTP in time`)
      else await this.#clock.sleep(dueAtMs - nowMs)
    }
    this.#isWatched = false
  }
}
