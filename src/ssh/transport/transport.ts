import type { Duplex, Readable } from 'node:stream'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { HostKeyType } from './host-key-types.ts'
import type { OneTimeCodes } from './one-time-codes.ts'

/**
 * What the rest of the product needs of SSH (RFC 4254): a way to make authenticated connections, and their channels. Everything else of
 * `ssh/` sits on these; only the files named `ssh2-…` know the library beneath, and a second transport has only this to offer. What any
 * transport must keep is written down as tests in `test/kit/transport-contract.ts`.
 */
export interface Transport {
  /**
   * One attempt to make an authenticated connection. The host key is given to `way.check` before any credential is offered. Ends, with
   * nothing left open, when `signal` aborts.
   */
  connect(way: Way, signal: AbortSignal): Promise<Connection | Refused>
}

/** One attempt's way to a host. */
export interface Way {
  readonly target: HostTarget
  /** The stream to the host: TCP, through a jump host or a command. A transport that dials by itself leaves it alone where it is `tcp`. */
  readonly wire: { readonly kind: 'tcp' | 'through'; open(signal: AbortSignal): Promise<Wire | NotStarted> }
  /** The types of host keys to ask for, in this order. */
  readonly keyTypes: readonly HostKeyType[]
  /** Undefined when the key is trusted. Asked once; a later key exchange has to show the same key. */
  check(key: Buffer): NotStarted | undefined
  readonly keepaliveMs: number
  readonly clock: Clock
  /** The one-time codes that were used already. */
  readonly codes: OneTimeCodes
}

/** A stream to a host. `close` lets go of everything behind it. */
export interface Wire {
  readonly stream: Duplex
  close(): void
}

export interface Refused {
  readonly notStarted: NotStarted
  /** The host key that was shown, when that is why. */
  readonly shownKey?: Buffer
  /** The host closed the connection before it said anything: it has too many that are not signed in yet (MaxStartups). */
  readonly isBusy?: boolean
}

export interface Connection {
  readonly host: HostName
  /** The fingerprint of the host key that was verified. */
  readonly hostKey: string
  /** What the host calls its SSH software (RFC 4253 §4.2), as far as the transport can tell. */
  readonly software?: string | undefined
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
  /**
   * From now on opens a channel ahead of the next `open` whenever one has started and `wanted` says so: that saves a round trip. A
   * transport that gains nothing by it does nothing. `onRefused` is told when the host opens no channel ahead.
   */
  openAhead(wanted: () => boolean, onRefused: () => void): void
  /** A stream to `address:port` as seen from the host, for the next hop. */
  forward(address: string, port: number): Promise<Duplex | Error>
  /** Resolves when the host has answered something that it was sent just now, which it does after all it had to send before. */
  roundTrip(): Promise<void>
  close(): void
}

/** `line` is handed to the login shell as it is; a NUL in it would end the whole connection and must have been refused before. */
export type ChannelOpening =
  | ({ readonly kind: 'exec'; readonly line: string; readonly terminal?: TerminalSize } & WithEnvironment)
  | ({ readonly kind: 'shell'; readonly terminal: TerminalSize } & WithEnvironment)
  | ({ readonly kind: 'subsystem'; readonly name: string } & WithEnvironment)

/** Variables that the host is asked to set (RFC 4254 §6.4), printable ASCII. No answer is asked for: it may not take them. */
interface WithEnvironment {
  readonly environment?: Readonly<Record<string, string>>
}

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
