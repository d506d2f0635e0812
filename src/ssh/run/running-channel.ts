import type { RunEnd } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Channel, Connection, OpenAnswer } from '../transport/transport.ts'
import { youngGarbage } from '../transport/young-garbage.ts'
import { Announcement } from './announcement.ts'
import type { ChannelRequest, SudoDialogue } from './channel.ts'
import { PROMPT_MS, SudoPrompt } from './sudo-prompt.ts'

/** The host sends its last packets together; only when something holds the channel open does it take longer. */
const SETTLE_MS = 10
/** For hosts that do not answer a round trip. */
const QUIET_MS = 500
/**
 * A job that prints without end holds the channel open and is never quiet. What the command itself had printed is through by then: the
 * window is 2 MiB, the pipe behind it smaller, and a host serves both on each round.
 */
const MOST_LATE_BYTES = 4 * 1024 * 1024
const MOST_ROUNDS = 50
const MOST_LATE_MS = 3_000

/** One line on its way on one channel: output to its sinks, and how it ended. */
export class RunningChannel {
  readonly #connection: Connection
  readonly #request: ChannelRequest
  readonly #clock: Clock
  readonly #announcement: Announcement
  #isOver = false
  /** There as soon as something waits. */
  #over: AbortController | undefined
  /** Resolves with how the command ended, as the host said, or `unknown` when the connection went first. */
  readonly ended: Promise<RunEnd>
  /** Resolves once the id of the remote process is known. */
  readonly announced: Promise<void>
  #end: (end: RunEnd) => void = () => {}
  #announce: () => void = () => {}
  #channel: Channel | undefined
  #prompt: SudoPrompt | undefined
  #openStreams = 2
  #forget: () => void = () => {}
  #bytes = 0
  /** Whoever takes the output asked to wait. */
  #pause: Promise<void> | undefined
  #exit: RunEnd | undefined

  constructor(connection: Connection, request: ChannelRequest, clock: Clock) {
    this.#connection = connection
    this.#request = request
    this.#clock = clock
    this.#announcement = new Announcement(request.nonce, request.onStderr, request.sudo?.onPreamble)
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.announced = new Promise((resolve) => {
      this.#announce = resolve
    })
    if (request.isPlain === true) {
      this.#announcement.flush()
      this.#announce()
    }
    if (request.sudo !== undefined) void this.announced.then(request.sudo.onBegun)
  }

  /** What the host said of the end of the command; its output may still be on the way. */
  get exit(): RunEnd | undefined {
    return this.#exit
  }

  get processGroup(): number | undefined {
    return this.#announcement.processGroup
  }

  start(): Promise<OpenAnswer> {
    const { line, environment } = this.#request
    return this.#connection.open({ kind: 'exec', line, ...(environment && { environment }) }, (channel) =>
      this.#listen(channel),
    )
  }

  /** Passes on what was held back and lets go of the channel. What runs on the host is not ended by it. */
  close(): void {
    this.#endWaits()
    this.#forget()
    this.#announcement.flush()
    this.#request.onReleased?.(this.processGroup !== undefined)
    this.#channel?.close()
  }

  // Runs in the tick of the host's confirmation: the exit status may be in the same packet.
  #listen(channel: Channel): void {
    this.#channel = channel
    const { onStdout, stdin, isConfidential, sudo } = this.#request
    channel.on('data', (chunk: Buffer) => {
      this.#count(chunk)
      onStdout(chunk)
      this.#waitForReader(channel)
      this.#finishIfComplete()
    })
    channel.stderr.on('data', (chunk: Buffer) => {
      this.#count(chunk)
      this.#announcement.push(chunk)
      if (this.#announcement.processGroup !== undefined) this.#announce()
      this.#listenForBeginning(chunk)
      this.#waitForReader(channel)
      this.#finishIfComplete()
    })
    channel.on('exit', (code: number | null, signal?: string) => {
      this.#exit =
        typeof code === 'number'
          ? { how: 'exited', code }
          : { how: 'killed', signal: (signal ?? 'UNKNOWN').replace(/^SIG/, '') }
      this.#finishIfComplete()
      // Most channels are closed by what came together with the exit status.
      setImmediate(() => void this.#waitForQuiet())
    })
    // A channel fails only together with its connection, which tells below.
    channel.on('error', () => undefined)
    const closed = () => {
      this.#openStreams -= 1
      if (this.#openStreams === 0) this.#finish(this.#endOfClosed())
    }
    channel.once('close', closed)
    channel.stderr.once('close', closed)
    this.#forget = this.#connection.onLost(() => this.#finish(this.#endOfLost()))
    if (sudo === undefined && isConfidential !== true) {
      channel.end(stdin)
      return
    }
    if (sudo !== undefined) this.#answerSudo(channel, sudo)
    const tooLate = () => this.#endInput()
    this.#clock.sleep(PROMPT_MS, this.#overSignal()).then(tooLate, () => undefined)
  }

  /** The input stays open until sudo has asked, or has begun without asking, or took too long for either. */
  #answerSudo(channel: Channel, { sudo, prompt }: SudoDialogue): void {
    this.#prompt = new SudoPrompt(prompt, () => {
      const answer = sudo.kind === 'password' ? `${sudo.password}\n` : undefined
      if (this.#request.isConfidential !== true || answer === undefined) {
        channel.end(answer)
        return
      }
      channel.write(answer)
      // Asked again: it was wrong. No second guess is made, for accounts are locked for that.
      this.#prompt = new SudoPrompt(prompt, () => channel.end())
    })
  }

  #listenForBeginning(chunk: Buffer): void {
    // What comes from now on may be the command's own words, whatever they look like.
    if (this.#announcement.isOver) this.#endInput()
    else this.#prompt?.push(chunk)
  }

  #endInput(): void {
    this.#prompt?.close()
    this.#prompt = undefined
    if (this.#channel?.writableEnded !== false) return
    const { stdin, isConfidential } = this.#request
    // guard: secrets-only-to-an-announced-shell
    const mayHave = isConfidential === true && this.processGroup !== undefined
    this.#channel.end(mayHave ? stdin : undefined)
  }

  /** Nothing is read until the reader has caught up: the window closes, and the host waits too. */
  #waitForReader(channel: Channel): void {
    if (this.#pause !== undefined) return
    const pause = this.#request.pressure?.()
    if (pause === undefined) return
    channel.pause()
    channel.stderr.pause()
    this.#pause = pause.then(() => {
      this.#pause = undefined
      channel.resume()
      channel.stderr.resume()
    })
  }

  #count(chunk: Buffer): void {
    this.#bytes += chunk.length
    youngGarbage.add(chunk.length)
  }

  #endOfClosed(): RunEnd {
    if (!this.#connection.isAlive) return this.#endOfLost()
    return (
      this.#exit ?? { how: 'unknown', reason: 'the host closed the channel without telling an exit status' }
    )
  }

  #endOfLost(): RunEnd {
    const told =
      this.#exit?.how === 'exited'
        ? `after it had exited with ${this.#exit.code}, before all output arrived`
        : ''
    return { how: 'unknown', reason: `the connection was lost while the command ran${told && `, ${told}`}` }
  }

  #finish(end: RunEnd): void {
    this.#endWaits()
    this.#end(end)
  }

  #endWaits(): void {
    this.#isOver = true
    this.#over?.abort('over')
  }

  #overSignal(): AbortSignal {
    this.#over ??= new AbortController()
    return this.#over.signal
  }

  #finishIfComplete(): void {
    if (this.#exit !== undefined && this.#request.isComplete?.() === true) this.#finish(this.#exit)
  }

  /**
   * A background job may hold the channel open for as long as it lives. So once the exit status is known, the output counts as whole
   * when the host had nothing more to say over two round trips.
   */
  async #waitForQuiet(): Promise<void> {
    if (this.#isOver) return
    const signal = this.#overSignal()
    const pause = (ms: number, until: AbortSignal) => this.#clock.sleep(ms, until).catch(() => undefined)
    const [bytesAtExit, exitMs] = [this.#bytes, this.#clock.monotonicMs()]
    await pause(SETTLE_MS, signal)
    let quiet = 0
    for (let round = 1; quiet < 2 && !signal.aborted; round += 1) {
      await this.#pause
      const before = this.#bytes
      const answered = new AbortController()
      await Promise.race([this.#connection.roundTrip(), pause(QUIET_MS, answered.signal)])
      answered.abort('answered')
      quiet = this.#bytes === before ? quiet + 1 : 0
      const isLate = round >= MOST_ROUNDS && this.#clock.monotonicMs() - exitMs > MOST_LATE_MS
      if (isLate || this.#bytes - bytesAtExit > MOST_LATE_BYTES) break
    }
    if (!signal.aborted && this.#exit !== undefined) this.#finish(this.#exit)
  }
}
