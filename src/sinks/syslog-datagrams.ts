import { createSocket, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import type { AuditLine, SyslogSink } from '../domain/sink.ts'
import { codeOf, type Sender, SinkFault } from './sender.ts'
import { shortMessage } from './syslog-message.ts'

/** What IPv4 takes in one datagram, less the headers (RFC 5426 §3.2). */
const MOST_BYTES = 65_507

/**
 * Syslog over UDP (RFC 5426), which promises nothing: a datagram that nobody took is as good as one that arrived. For receivers that have
 * nothing else.
 */
export class SyslogDatagrams implements Sender {
  readonly most = { records: 100, bytes: 262_144 }
  readonly #sink: SyslogSink
  #socket: Socket | undefined

  constructor(sink: SyslogSink) {
    this.#sink = sink
  }

  async begin({ seq }: { readonly seq: number }): Promise<number> {
    await this.close()
    return seq
  }

  async send(records: readonly AuditLine[]): Promise<void> {
    const { address, port } = this.#sink
    try {
      const found = await lookup(address)
      this.#socket ??= this.#open(found.family)
      for (const record of records)
        await this.#sendOne(shortMessage(record, this.#sink, MOST_BYTES), port, found.address)
    } catch (cause) {
      throw new SinkFault(`syslog at ${address} port ${port} cannot be used: ${codeOf(cause)}`, { cause })
    }
  }

  async close(): Promise<void> {
    this.#socket?.close()
    this.#socket = undefined
  }

  #open(family: number): Socket {
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
    socket.on('error', () => undefined)
    socket.unref()
    return socket
  }

  #sendOne(message: Buffer, port: number, address: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket?.send(message, port, address, (cause) => (cause ? reject(cause) : resolve()))
    })
  }
}
