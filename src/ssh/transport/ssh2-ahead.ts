import type { Client } from 'ssh2'
import type { SessionChannel } from './ssh2-internals.ts'
import { openSession } from './ssh2-session.ts'

/** At most one session channel of a connection that was opened before somebody needs it. It takes the place of one in MaxSessions. */
export class ChannelAhead {
  readonly #client: Client
  #wanted: () => boolean = () => false
  #onRefused: () => void = () => {}
  #spare: Promise<SessionChannel | Error> | undefined

  constructor(client: Client) {
    this.#client = client
  }

  keep(wanted: () => boolean, onRefused: () => void): void {
    this.#wanted = wanted
    this.#onRefused = onRefused
  }

  /** The spare channel, or one that is on its way; undefined when there is none. It is the caller's from now on. */
  take(): Promise<SessionChannel | Error> | undefined {
    const spare = this.#spare
    this.#spare = undefined
    return spare
  }

  /** Opens the next one, if one is wanted and there is none. */
  refill(): void {
    if (this.#spare !== undefined || !this.#wanted()) return
    const spare = new Promise<SessionChannel | Error>((resolve) => openSession(this.#client, resolve))
    this.#spare = spare
    void spare.then((channel) => {
      if (!(channel instanceof Error)) {
        // Nothing runs on it yet: the connection itself tells when it fails, and a host that closes it is noticed when it is taken.
        channel.on('error', () => undefined)
        return
      }
      if (this.#spare === spare) this.#spare = undefined
      this.#onRefused()
    })
  }
}
