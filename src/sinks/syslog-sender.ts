import { readFile } from 'node:fs/promises'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { AuditLine, SyslogSink } from '../domain/sink.ts'
import { type Clock, withTimeout } from '../lib/clock.ts'
import { codeOf, type Sender, SinkFault } from './sender.ts'
import { framed, syslogMessage } from './syslog-message.ts'

const TIMEOUT_MS = 10_000
/** A connection is ended after so long, and begun anew: that it was ended in order says that the receiver has read all of it. */
const CONNECTION_MS = 1_000
/** What the receiver has read may be in its memory alone: should it be gone by then, it is sent again. */
const SETTLE_MS = 5_000

/**
 * Syslog over TLS or TCP. Its protocol has no acknowledgement, so two things stand in for it: a connection is ended by us, and the
 * receiver's own end, which it sends once it has read everything, is waited for; and whatever was sent in the seconds before a fault is
 * sent again after it.
 */
export class SyslogSender implements Sender {
  readonly most = { records: 500, bytes: 1_048_576 }
  readonly #sink: SyslogSink
  readonly #clock: Clock
  #socket: Socket | undefined
  #lost: unknown
  #openedMs = 0
  #sentSeq: number | undefined
  #settledSeq = 0
  #read: { readonly seq: number; readonly atMs: number }[] = []

  constructor(sink: SyslogSink, clock: Clock) {
    this.#sink = sink
    this.#clock = clock
  }

  async begin({ seq }: { readonly seq: number }): Promise<number> {
    await this.close()
    this.#sentSeq = undefined
    this.#read = []
    this.#settledSeq = seq
    return seq
  }

  async send(records: readonly AuditLine[], signal: AbortSignal): Promise<void> {
    const bytes = Buffer.concat(records.map((record) => framed(syslogMessage(record, this.#sink))))
    await this.#within(signal, async (over) => {
      const socket = this.#socket ?? (await this.#open(over))
      await this.#unlessLost(
        over,
        new Promise<void>((resolve) => {
          socket.write(bytes, (cause) => {
            if (!cause) resolve()
          })
        }),
      )
    })
    this.#sentSeq = records.at(-1)?.seq ?? this.#sentSeq
    if (this.#clock.monotonicMs() - this.#openedMs >= CONNECTION_MS) await this.#end(signal)
  }

  async idle(signal: AbortSignal, isLast: boolean): Promise<void> {
    if (this.#lost !== undefined) throw this.#fault(this.#lost)
    if (this.#socket === undefined) return
    if (isLast || this.#clock.monotonicMs() - this.#openedMs >= CONNECTION_MS) await this.#end(signal)
  }

  settled(): number {
    const untilMs = this.#clock.monotonicMs() - SETTLE_MS
    while (this.#read[0] !== undefined && this.#read[0].atMs <= untilMs)
      this.#settledSeq = this.#read.shift()?.seq ?? this.#settledSeq
    return this.#settledSeq
  }

  async close(): Promise<void> {
    this.#socket?.removeAllListeners('close').destroy()
    this.#socket = undefined
    this.#lost = undefined
  }

  /** Our end, then the receiver's. */
  async #end(signal: AbortSignal): Promise<void> {
    const socket = this.#socket
    if (socket === undefined) return
    await this.#within(signal, async (over) => {
      const ended = new Promise<void>((resolve) => {
        socket.removeAllListeners('end').once('end', resolve)
      })
      socket.end()
      await this.#unlessLost(over, ended)
    })
    await this.close()
    if (this.#sentSeq !== undefined) this.#read.push({ seq: this.#sentSeq, atMs: this.#clock.monotonicMs() })
    this.#sentSeq = undefined
  }

  async #open(signal: AbortSignal): Promise<Socket> {
    const { address, port, protocol } = this.#sink
    const socket =
      protocol === 'tls'
        ? connectTls({ ...(await this.#tls()), host: address, port })
        : connectTcp({ host: address, port })
    this.#socket = socket
    socket.on('error', (cause) => {
      this.#lost = cause
    })
    // A receiver that ends the connection by itself may not have read what was sent.
    socket.on('end', () => {
      this.#lost ??= { code: 'it ended the connection' }
      socket.destroy()
    })
    socket.on('close', () => {
      this.#lost ??= { code: 'the connection was lost' }
    })
    socket.resume()
    const isThere = new Promise<void>((resolve) =>
      socket.once(protocol === 'tls' ? 'secureConnect' : 'connect', () => resolve()),
    )
    await this.#unlessLost(signal, isThere)
    this.#openedMs = this.#clock.monotonicMs()
    return socket
  }

  /** Read for each connection: certificates are renewed. */
  async #tls() {
    const { tls, address } = this.#sink
    const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path))
    const name = tls.serverName ?? address
    try {
      const [ca, cert, key] = await Promise.all([read(tls.ca), read(tls.cert), read(tls.key)])
      return {
        ...(ca && { ca }),
        ...(cert && { cert }),
        ...(key && { key }),
        // guard: syslog-certificate
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2' as const,
        ...(isIP(name) === 0 && { servername: name }),
      }
    } catch (cause) {
      throw new SinkFault(`a certificate or key of the sink cannot be read: ${codeOf(cause)}`, { cause })
    }
  }

  /** Rejects as soon as the connection is lost: what was to come will not. */
  #unlessLost(signal: AbortSignal, work: Promise<void>): Promise<void> {
    const socket = this.#socket
    return new Promise((resolve, reject) => {
      const lost = () => reject(this.#fault(this.#lost))
      const giveUp = () => reject(signal.reason)
      const done = () => {
        socket?.off('error', lost).off('close', lost)
        signal.removeEventListener('abort', giveUp)
      }
      socket?.once('error', lost).once('close', lost)
      signal.addEventListener('abort', giveUp, { once: true })
      if (signal.aborted) giveUp()
      if (this.#lost !== undefined) lost()
      work.then(resolve, reject).finally(done)
    })
  }

  #within<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = new SinkFault(`${this.#place()} did not answer within ${TIMEOUT_MS / 1_000} s`)
    return withTimeout(this.#clock, TIMEOUT_MS, late, (over) => work(AbortSignal.any([over, signal])))
  }

  #fault(cause: unknown): SinkFault {
    return new SinkFault(`${this.#place()} cannot be used: ${codeOf(cause)}`, { cause })
  }

  #place(): string {
    return `syslog at ${this.#sink.address} port ${this.#sink.port}`
  }
}
