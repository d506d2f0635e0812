import type { TerminalSize, TerminalStanding } from '../../domain/terminal.ts'
import type { TerminalTape } from '../../domain/terminal-tape.ts'
import type { Clock } from '../../lib/clock.ts'
import type { OpenedChannel } from '../pool/open-channel.ts'
import type { Channel, Connection } from '../transport/transport.ts'
import { Emulator } from './emulator.ts'
import type { EmulatorTime } from './emulator-time.ts'
import { type LineWatch, LOOK_MS } from './line-watch.ts'
import { ScreenReader } from './screen-reader.ts'

/** How a terminal came to its end: its shell ended, or it was ended and why. */
export type TerminalEnd =
  | { readonly how: 'exited'; readonly code: number }
  | { readonly how: 'ended'; readonly why: string }

/** Output goes to the emulator in pieces so small that none takes long, whatever is in it. */
const PIECE_BYTES = 512

/** What was typed and the host does not take; more than this is not kept for it. */
const MOST_UNTAKEN_BYTES = 256 * 1024

/** After the exit status, output may still be on its way for so long. */
const LAST_OUTPUT_MS = 1_000

export interface Wait {
  /** Undefined: silence ends no wait. */
  readonly quietMs: number | undefined
  readonly waitMs: number
  readonly watch: LineWatch | undefined
  /** Silence ends it only once something stands before the cursor: a prompt. */
  readonly untilPrompt?: true
}

/** A PTY on a host, the screen that it draws, and what of it was read. */
export class LiveTerminal {
  readonly emulator: Emulator
  readonly reader: ScreenReader
  readonly #clock: Clock
  readonly #time: EmulatorTime
  readonly #tape: TerminalTape | undefined
  #opened: OpenedChannel | undefined
  #channel: Channel | undefined
  #end: TerminalEnd | undefined
  #exit: TerminalEnd | undefined
  #lastOutputMs: number
  #feeding: Promise<void> = Promise.resolve()
  #forgetLoss: () => void = () => {}
  readonly #waiting = new Set<() => void>()

  private constructor(emulator: Emulator, clock: Clock, time: EmulatorTime, tape?: TerminalTape) {
    this.emulator = emulator
    this.reader = new ScreenReader(emulator)
    this.#clock = clock
    this.#time = time
    this.#tape = tape
    this.#lastOutputMs = clock.monotonicMs()
  }

  /** What it shows goes onto the `tape` too, which ends with it. */
  static async create(
    size: TerminalSize,
    clock: Clock,
    time: EmulatorTime,
    tape?: TerminalTape,
  ): Promise<LiveTerminal> {
    return new LiveTerminal(await Emulator.create(size), clock, time, tape)
  }

  /** Undefined while it lives. */
  get end(): TerminalEnd | undefined {
    return this.#end
  }

  /** Absent until the host has confirmed it. */
  get connection(): Connection | undefined {
    return this.#opened?.connection
  }

  get takesInput(): boolean {
    return (this.#channel?.writableLength ?? 0) < MOST_UNTAKEN_BYTES
  }

  /** In the tick in which the host confirmed the channel. */
  listen(channel: Channel): void {
    this.#channel = channel
    channel.on('data', (chunk: Buffer) => {
      // The window closes while the emulator works: a host that prints without end waits.
      channel.pause()
      this.#feeding = this.#feeding
        .then(() => this.#feed(chunk))
        .then(() => this.#tape?.output(chunk))
        .then(() => void channel.resume())
    })
    channel.stderr.resume()
    channel.on('error', () => undefined)
    channel.on('exit', (code: number | null, signal?: string) => {
      const why = `its shell was ended by ${signal ?? 'a signal'}`
      this.#exit = code === null ? { how: 'ended', why } : { how: 'exited', code }
      // Programs in the background may hold the channel open for as long as they run.
      this.#clock.sleep(LAST_OUTPUT_MS).then(
        () => this.#finish(),
        () => undefined,
      )
    })
    channel.on('close', () => void this.#feeding.then(() => this.#finish()))
  }

  /** From now on a lost connection ends it. */
  hold(opened: OpenedChannel): void {
    this.#opened = opened
    if (this.#end !== undefined) opened.release()
    else this.#forgetLoss = opened.connection.onLost(() => void this.#feeding.then(() => this.#finish()))
  }

  type(bytes: string): void {
    if (bytes === '' || this.#end !== undefined) return
    this.#tape?.typed(bytes)
    this.#channel?.write(bytes)
  }

  resize(asked: Partial<TerminalSize>): void {
    if (this.#end !== undefined) return
    const size = { ...this.emulator.size, ...asked }
    this.emulator.resize(size)
    this.#tape?.resized(size)
    this.reader.forgetScreen()
    this.#channel?.setWindow(size.rows, size.columns, 0, 0)
  }

  /** The host hangs up on what runs in it (SIGHUP). Without effect once it has ended. */
  close(why: string): void {
    this.#exit = undefined
    this.#finish(why)
  }

  /** Silence counts from when the host has surely seen what was typed. */
  async wait(
    { quietMs, waitMs, watch, untilPrompt }: Wait,
    signal: AbortSignal,
  ): Promise<TerminalStanding['waited']> {
    const startedMs = this.#clock.monotonicMs()
    let silentFromMs = Number.POSITIVE_INFINITY
    const seen = this.#opened?.connection.roundTrip() ?? Promise.resolve()
    void seen.then(() => {
      silentFromMs = this.#clock.monotonicMs()
      this.#wake()
    })
    for (;;) {
      if (signal.aborted) return 'cancelled'
      const looked = watch?.look()
      if (looked === 'found') return 'pattern'
      const nowMs = this.#clock.monotonicMs()
      const isTime = nowMs - startedMs >= waitMs
      if (looked !== 'later') {
        if (this.#end !== undefined) return 'ended'
        if (isTime) return 'time'
      }
      const mayRest = quietMs !== undefined && (untilPrompt !== true || this.emulator.cursor.column > 0)
      const quietAtMs = mayRest
        ? Math.max(silentFromMs, this.#lastOutputMs) + quietMs
        : Number.POSITIVE_INFINITY
      if (nowMs >= quietAtMs) return 'quiet'
      const leftMs = Math.min(quietAtMs - nowMs, startedMs + waitMs - nowMs)
      await this.#news(looked === 'later' ? Math.min(Math.max(leftMs, 1), LOOK_MS) : leftMs, signal)
    }
  }

  /** Resolves when something came, or after `ms`, or when the call is given up. */
  async #news(ms: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController()
    const stop = () => over.abort()
    this.#waiting.add(stop)
    signal.addEventListener('abort', stop, { once: true })
    await this.#clock.sleep(ms, over.signal).catch(() => undefined)
    signal.removeEventListener('abort', stop)
    this.#waiting.delete(stop)
  }

  #feed(chunk: Buffer): Promise<void> {
    let at = 0
    return this.#time.work(() => {
      if (this.#end !== undefined) return false
      try {
        this.emulator.write(chunk.subarray(at, at + PIECE_BYTES))
      } catch {
        this.close('its output could not be shown')
      }
      at += PIECE_BYTES
      this.#lastOutputMs = this.#clock.monotonicMs()
      this.#wake()
      return at < chunk.length
    })
  }

  #finish(why = 'the connection to the host was lost'): void {
    if (this.#end !== undefined) return
    this.#end = this.#exit ?? { how: 'ended', why }
    this.#forgetLoss()
    this.#opened?.release()
    this.#channel?.close()
    const { end } = this
    void this.#tape?.end(end?.how === 'exited' ? { exitStatus: end.code } : { why: end?.why ?? why })
    this.#wake()
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake()
  }
}
