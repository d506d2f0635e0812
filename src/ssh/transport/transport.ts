import type { Duplex, Readable } from 'node:stream'
import type { HostName } from '../../domain/host.ts'

/**
 * What the rest of the product needs of SSH (RFC 4254): an authenticated connection and its channels. Everything else of `ssh/` sits on
 * these two; only the files named `ssh2-…` know the library beneath, and a second transport has only these to offer. What any transport
 * must keep is written down as tests in `test/kit/transport-contract.ts`.
 */
export interface Connection {
  readonly host: HostName
  /** The fingerprint of the host key that was verified. */
  readonly hostKey: string
  readonly isAlive: boolean
  /** When the host was last heard of: any packet counts. Monotonic milliseconds. */
  readonly heardAtMs: number
  /** Calls `listener` once when the connection is gone; at once when it is already. The returned function takes it back. */
  onLost(listener: () => void): () => void
  /**
   * Asks for a channel and for something to be run on it. `onStart` gets the channel in the same tick in which the host confirmed, before
   * any output or exit status is read. Resolves late or never only when the host neither answers nor closes: the caller bounds it.
   */
  open(request: ChannelOpening, onStart: (channel: Channel) => void): Promise<OpenAnswer>
  /** A stream to `address:port` as seen from the host, for the next hop. */
  forward(address: string, port: number): Promise<Duplex | Error>
  /** Resolves when the host has answered something that it was sent just now, which it does after all it had to send before. */
  roundTrip(): Promise<void>
  close(): void
}

/** `line` is handed to the login shell as it is; a NUL in it would end the whole connection and must have been refused before. */
export type ChannelOpening =
  | { readonly kind: 'exec'; readonly line: string; readonly terminal?: TerminalSize }
  | { readonly kind: 'shell'; readonly terminal: TerminalSize }
  | { readonly kind: 'subsystem'; readonly name: string }

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** How the opening went. `sent` tells whether the host may have begun to run what was asked. */
export type OpenAnswer =
  | { readonly kind: 'started' }
  /** The host opens no further channel on this connection (MaxSessions). Nothing was sent. */
  | { readonly kind: 'no_channel'; readonly detail: string }
  /** The channel is open, but the host does not run such things on it. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'lost'; readonly sent: boolean }

/**
 * One channel: standard output is read from it and standard input written to it. Reading slowly closes the window, so the host waits
 * (back-pressure); `write` returns false while the host's own window is closed. Emits `exit` at most once, before `close`, with the
 * exit status or with null and the signal's name (`SIGTERM` or `TERM`). A transport fails a channel only together with its connection.
 */
export interface Channel extends Duplex {
  readonly stderr: Readable
  on(event: 'exit', listener: (code: number | null, signal?: string) => void): this
  on(event: string | symbol, listener: (...args: never[]) => void): this
  /** Asks the host to signal what runs on the channel; hosts may ignore it (RFC 4254 §6.9). `TERM`, without `SIG`. */
  signal(name: string): void
  /** Tells a terminal its new size (RFC 4254 §6.7). */
  setWindow(rows: number, columns: number, heightPixels: number, widthPixels: number): void
  close(): void
}
