import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import type { HostName } from '../../domain/host.ts'
import type { Clock } from '../../lib/clock.ts'
import { ChannelAhead } from './ssh2-ahead.ts'
import { internalsOf, type SessionChannel } from './ssh2-internals.ts'
import { isOpen, openSession, type RequestAnswer, requestProgram, requestTerminal } from './ssh2-session.ts'
import type { Channel, ChannelOpening, Connection, OpenAnswer, Wire } from './transport.ts'

/** A connection that was silent for longer may be dead: it is asked before something is sent over it that cannot be taken back. */
const FRESH_MS = 2_000

/** One authenticated connection to one host, of one owner. The host key was verified; `hostKey` is its fingerprint. */
export class Ssh2Connection implements Connection {
  readonly host: HostName
  readonly hostKey: string
  readonly #client: Client
  readonly #clock: Clock
  readonly #wire: Wire
  readonly #ahead: ChannelAhead
  readonly #lost = new Set<() => void>()
  #isAlive = true
  #heardAtMs: number

  constructor(
    known: { readonly host: HostName; readonly hostKey: string },
    client: Client,
    wire: Wire,
    clock: Clock,
  ) {
    this.host = known.host
    this.hostKey = known.hostKey
    this.#client = client
    this.#clock = clock
    this.#wire = wire
    this.#ahead = new ChannelAhead(client)
    this.#heardAtMs = clock.monotonicMs()
    wire.stream.on('data', () => {
      this.#heardAtMs = clock.monotonicMs()
    })
    const gone = () => this.#end()
    client.on('error', gone).on('end', gone).on('close', gone)
  }

  get software(): string | undefined {
    return internalsOf(this.#client)._remoteVer
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  get heardAtMs(): number {
    return this.#heardAtMs
  }

  onLost(listener: () => void): () => void {
    if (this.#isAlive) this.#lost.add(listener)
    else listener()
    return () => this.#lost.delete(listener)
  }

  open(request: ChannelOpening, onStart: (channel: Channel) => void): Promise<OpenAnswer> {
    // One NUL would end the whole connection.
    if (request.kind === 'exec' && request.line.includes('\0')) return Promise.resolve({ kind: 'refused' })
    return new Promise((resolve) => {
      const progress = { sent: false }
      const forget = this.onLost(() => resolve({ kind: 'lost', sent: progress.sent }))
      if (!this.#isAlive) return
      this.#begin(request, progress, onStart).then(
        (answer) => {
          forget()
          if (!this.#isAlive && answer.kind !== 'started') resolve({ kind: 'lost', sent: progress.sent })
          else resolve(answer)
        },
        // The socket was found closed.
        () => this.close(),
      )
    })
  }

  async #begin(
    request: ChannelOpening,
    progress: { sent: boolean },
    onStart: (channel: Channel) => void,
  ): Promise<OpenAnswer> {
    const spare = await this.#takeSpare()
    const channel = spare ?? (await this.#openSession())
    if (channel instanceof Error) return { kind: 'no_channel', detail: channel.message }
    if (!this.#isAlive) return { kind: 'lost', sent: false }
    const asked = await this.#run(channel, request, progress, onStart)
    if (asked === 'accepted') return { kind: 'started' }
    channel.close()
    // A host may close channels that nothing runs on; what it closed without a confirmation it has not run.
    if (asked !== 'closed' || spare === undefined || !this.#isAlive) return { kind: 'refused' }
    progress.sent = false
    return this.#begin(request, progress, onStart)
  }

  async #run(
    channel: SessionChannel,
    request: ChannelOpening,
    progress: { sent: boolean },
    onStart: (channel: Channel) => void,
  ): Promise<RequestAnswer> {
    const terminal = request.kind === 'subsystem' ? undefined : request.terminal
    if (terminal !== undefined) {
      const answer = await requestTerminal(this.#client, channel, terminal)
      if (answer !== 'accepted') return answer
    }
    return new Promise((resolve) => {
      // A subsystem acts on nothing before it is spoken to: a lost request is as good as none.
      progress.sent = request.kind !== 'subsystem'
      requestProgram(this.#client, channel, request, (answer) => {
        if (answer === 'accepted') onStart(channel)
        resolve(answer)
      })
      // With the request, not after its answer: a command that ends at once is followed by the next one a round trip later.
      this.#ahead.refill()
    })
  }

  /** A channel that was opened ahead. The host that confirmed it lately, or answers now, is alive: nothing was sent to it before. */
  async #takeSpare(): Promise<SessionChannel | Error | undefined> {
    const taken = this.#ahead.take()
    if (taken === undefined) return undefined
    const channel = await taken
    if (this.#clock.monotonicMs() - this.#heardAtMs > FRESH_MS) await this.roundTrip()
    // What the host said last may lie in the socket, unread: that it ends the connection, or closes the channel.
    else await new Promise((resolve) => setImmediate(resolve))
    return channel instanceof Error || isOpen(channel) ? channel : undefined
  }

  #openSession(): Promise<SessionChannel | Error> {
    return new Promise((resolve) => openSession(this.#client, resolve))
  }

  openAhead(wanted: () => boolean, onRefused: () => void): void {
    this.#ahead.keep(() => this.#isAlive && wanted(), onRefused)
  }

  forward(address: string, port: number): Promise<Duplex | Error> {
    return new Promise((resolve) => {
      const forget = this.onLost(() => resolve(new Error('the connection to the jump host was lost')))
      if (!this.#isAlive) return
      this.#client.forwardOut('127.0.0.1', 0, address, port, (error, channel) => {
        forget()
        resolve(error ?? channel)
      })
    })
  }

  /**
   * Resolves when the host has answered something that it was sent just now, which it does after everything it had to send before:
   * the cancelling of a forwarding that was never asked for, which a host refuses and which changes nothing (RFC 4254 §7.1).
   */
  roundTrip(): Promise<void> {
    return new Promise((resolve) => {
      const forget = this.onLost(resolve)
      if (!this.#isAlive) return
      const answered = () => {
        forget()
        resolve()
      }
      try {
        this.#client.unforwardIn('127.0.0.1', 1, answered)
      } catch {
        answered()
      }
    })
  }

  close(): void {
    this.#client.end()
    this.#end()
  }

  #end(): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    // A peer that does not close its side would keep the socket.
    this.#wire.close()
    const listeners = [...this.#lost]
    this.#lost.clear()
    for (const listener of listeners) listener()
  }
}
