import type { HostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Hop } from '../transport/connect.ts'
import type { Connection } from '../transport/transport.ts'

/** Whose connection, where to, and how it was reached when it was made. */
interface HopWay {
  readonly owner: string
  readonly host: HostName
  readonly route: string
}

interface Shared {
  readonly way: HopWay
  readonly connection: Promise<Connection | NotStarted>
  opened: Connection | undefined
  users: number
  idleSinceMs: number
  /** Gets nobody new; closed with its last user. */
  isRetired: boolean
}

/**
 * The connections to jump hosts. One leads to all the hosts of an owner behind it; it is closed once nothing went through it for the
 * idle time. Those of one owner are never used for another.
 */
export class Hops {
  readonly #clock: Clock
  readonly #shared = new Map<string, Shared>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The connection that is there or on its way; else `open` makes it. Whoever gets it releases it. */
  async borrow(way: HopWay, open: () => Promise<Connection | NotStarted>): Promise<Hop | NotStarted> {
    const key = JSON.stringify(way)
    const known = this.#shared.get(key)
    const shared = known ?? this.#begin(key, way, open)
    shared.users += 1
    const opened = await shared.connection
    if ('kind' in opened) return opened
    let isLent = true
    const release = () => {
      if (!isLent) return
      isLent = false
      shared.users -= 1
      shared.idleSinceMs = this.#clock.monotonicMs()
      if (shared.isRetired && shared.users === 0) opened.close()
    }
    const retire = () => this.#retire(key, shared)
    if (opened.isAlive) return { connection: opened, release, retire }
    // Lost in the moment between. One that was there before is replaced; one that was just made would be lost again.
    release()
    return known === undefined ? lost(way.host) : this.borrow(way, open)
  }

  #begin(key: string, way: HopWay, open: () => Promise<Connection | NotStarted>): Shared {
    const forget = () => {
      if (this.#shared.get(key) === shared) this.#shared.delete(key)
    }
    const connection = open().then((opened) => {
      if ('kind' in opened) forget()
      else {
        shared.opened = opened
        opened.onLost(forget)
      }
      return opened
    })
    const shared: Shared = {
      way,
      connection,
      opened: undefined,
      users: 0,
      idleSinceMs: this.#clock.monotonicMs(),
      isRetired: false,
    }
    this.#shared.set(key, shared)
    return shared
  }

  closeIdle(beforeMs: number): void {
    for (const { opened, users, idleSinceMs } of this.#shared.values())
      if (users === 0 && idleSinceMs <= beforeMs) opened?.close()
  }

  /** Nobody new goes through the others. */
  keepOnly(isCurrent: (host: HostName, route: string) => boolean): void {
    for (const [key, shared] of this.#shared)
      if (!isCurrent(shared.way.host, shared.way.route)) this.#retire(key, shared)
  }

  #retire(key: string, shared: Shared): void {
    if (this.#shared.get(key) === shared) this.#shared.delete(key)
    shared.isRetired = true
    if (shared.users === 0) shared.opened?.close()
  }

  close(): void {
    for (const { opened } of this.#shared.values()) opened?.close()
    this.#shared.clear()
  }
}

function lost(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${host} closed the connection as soon as it was open. Nothing was run.`,
  }
}
