import type { Client, ClientChannel, ExecOptions } from 'ssh2'
import type { HostName } from '../domain/host.ts'

/** How the request to run a line went. `sent` tells whether the host may have begun to run it. */
export type ExecAnswer =
  | { readonly kind: 'started' }
  /** The host opens no further channel on this connection (MaxSessions). Nothing was sent. */
  | { readonly kind: 'no_channel'; readonly detail: string }
  /** The channel is open, but the host does not run commands on it. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'lost'; readonly sent: boolean }

/** OpenSSH's MaxSessions as it is when nobody changed it. */
const USUAL_MAX_SESSIONS = 10

/** One authenticated connection to one host, of one owner. The host key was verified; `hostKey` is its fingerprint. */
export class Connection {
  readonly host: HostName
  readonly hostKey: string
  /** Channels that the pool has given out. */
  running = 0
  /** The most it gives out; lowered when the host refuses earlier. */
  limit = USUAL_MAX_SESSIONS
  /** When the last channel was given back, monotonic. */
  idleSinceMs: number
  /** Its target was changed or removed: no new channels, closed once the last one is given back. */
  isRetired = false
  readonly #client: Client
  readonly #closeTransport: () => void
  readonly #lost = new Set<() => void>()
  #isAlive = true

  constructor(
    known: { readonly host: HostName; readonly hostKey: string; readonly idleSinceMs: number },
    client: Client,
    closeTransport: () => void,
  ) {
    this.host = known.host
    this.hostKey = known.hostKey
    this.idleSinceMs = known.idleSinceMs
    this.#client = client
    this.#closeTransport = closeTransport
    const gone = () => this.#end()
    client.on('error', gone).on('end', gone).on('close', gone)
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  get hasRoom(): boolean {
    return this.#isAlive && !this.isRetired && this.running < this.limit
  }

  /** Calls `listener` once when the connection is gone; at once when it is already. The returned function takes it back. */
  onLost(listener: () => void): () => void {
    if (this.#isAlive) this.#lost.add(listener)
    else listener()
    return () => this.#lost.delete(listener)
  }

  /**
   * Asks for a channel and for the line to be run on it. `onStart` gets the channel in the same tick in which the host confirmed, before
   * any output or exit status is read. Resolves late or never only when the host neither answers nor closes: the caller bounds it.
   */
  exec(line: string, onStart: (channel: ClientChannel) => void): Promise<ExecAnswer> {
    return new Promise((resolve) => {
      let sent = false
      // ssh2 reads `env` after the host confirmed the channel and before it sends the exec request: the one moment that tells a
      // line that cannot have run from one that may have.
      const options: ExecOptions = Object.defineProperty({}, 'env', {
        get: () => {
          sent = true
          return undefined
        },
      })
      const forget = this.onLost(() => resolve({ kind: 'lost', sent }))
      if (!this.#isAlive) return
      try {
        this.#client.exec(line, options, (error, channel) => {
          forget()
          if (error === undefined || error === null) {
            onStart(channel)
            resolve({ kind: 'started' })
          } else if (!this.#isAlive) resolve({ kind: 'lost', sent })
          else resolve(sent ? { kind: 'refused' } : { kind: 'no_channel', detail: error.message })
        })
      } catch {
        // The socket was found closed before anything was written.
        forget()
        this.close()
        resolve({ kind: 'lost', sent: false })
      }
    })
  }

  /** A stream to `address:port` as seen from the host, for the next hop. */
  forward(address: string, port: number): Promise<ClientChannel | Error> {
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
