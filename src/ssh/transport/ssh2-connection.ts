import type { Duplex } from 'node:stream'
import type { Client, ClientChannel, ExecOptions, PseudoTtyOptions } from 'ssh2'
import type { HostName } from '../../domain/host.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Channel, ChannelOpening, Connection, OpenAnswer, TerminalSize } from './transport.ts'

/** One authenticated connection to one host, of one owner. The host key was verified; `hostKey` is its fingerprint. */
export class Ssh2Connection implements Connection {
  readonly host: HostName
  readonly hostKey: string
  readonly #client: Client
  readonly #closeTransport: () => void
  readonly #lost = new Set<() => void>()
  #isAlive = true
  #heardAtMs: number

  constructor(
    known: { readonly host: HostName; readonly hostKey: string },
    client: Client,
    transport: { readonly stream: Duplex; close(): void },
    clock: Clock,
  ) {
    this.host = known.host
    this.hostKey = known.hostKey
    this.#client = client
    this.#closeTransport = () => transport.close()
    this.#heardAtMs = clock.monotonicMs()
    transport.stream.on('data', () => {
      this.#heardAtMs = clock.monotonicMs()
    })
    const gone = () => this.#end()
    client.on('error', gone).on('end', gone).on('close', gone)
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
    return new Promise((resolve) => {
      let sent = false
      const forget = this.onLost(() => resolve({ kind: 'lost', sent }))
      if (!this.#isAlive) return
      const opened = (error: Error | undefined, channel: ClientChannel) => {
        forget()
        if (error === undefined || error === null) {
          onStart(channel)
          resolve({ kind: 'started' })
        } else if (!this.#isAlive) resolve({ kind: 'lost', sent })
        else resolve(sent ? { kind: 'refused' } : { kind: 'no_channel', detail: error.message })
      }
      try {
        this.#ask(request, opened, () => {
          sent = true
        })
      } catch {
        // The socket was found closed before anything was written.
        forget()
        this.close()
        resolve({ kind: 'lost', sent: false })
      }
    })
  }

  #ask(
    request: ChannelOpening,
    opened: (error: Error | undefined, channel: ClientChannel) => void,
    onSent: () => void,
  ): void {
    switch (request.kind) {
      case 'exec':
        this.#client.exec(request.line, telling(onSent, request.terminal), opened)
        break
      case 'shell':
        this.#client.shell(pty(request.terminal), telling(onSent), opened)
        break
      case 'subsystem':
        // A subsystem acts on nothing before it is spoken to: a lost request is as good as none.
        this.#client.subsys(request.name, opened)
        break
    }
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
    this.#closeTransport()
    const listeners = [...this.#lost]
    this.#lost.clear()
    for (const listener of listeners) listener()
  }
}

/**
 * ssh2 reads `env` after the host confirmed the channel and before it sends the request: the one moment that tells a line that cannot
 * have run from one that may have.
 */
function telling(onSent: () => void, terminal?: TerminalSize): ExecOptions {
  const options: ExecOptions = terminal ? { pty: pty(terminal) } : {}
  return Object.defineProperty(options, 'env', {
    get: () => {
      onSent()
      return undefined
    },
  })
}

function pty({ columns, rows }: TerminalSize): PseudoTtyOptions {
  return { cols: columns, rows, width: 0, height: 0, term: 'xterm-256color' }
}
