import type { NotStarted } from '../domain/outcome.ts'
import type { Clock } from '../lib/clock.ts'
import type { Connection } from './connection.ts'

/** The right to one channel of a connection. Given back exactly once. */
export interface Lease {
  readonly connection: Connection
  /** True when the connection was opened for somebody's sake earlier: it may have died unnoticed. */
  readonly wasOpen: boolean
  /** `full`: the host refused the channel, so it is asked for fewer from now on. */
  giveBack(how?: 'full'): void
}

export interface LaneOptions {
  open(): Promise<Connection | NotStarted>
  maxConnections(): number
  readonly clock: Clock
}

interface Waiter {
  answer(lease: Lease | NotStarted | undefined): void
}

/** The connections of one owner to one host, and those who wait for a channel, first come, first served. */
export class Lane {
  readonly #options: LaneOptions
  #connections: Connection[] = []
  #waiters: Waiter[] = []
  /** One at a time: a wrong credential is offered once, not as often as there are callers. */
  #opening: Promise<void> | undefined
  #generation = 0

  constructor(options: LaneOptions) {
    this.#options = options
  }

  get connections(): readonly Connection[] {
    return this.#connections
  }

  get isEmpty(): boolean {
    return this.#connections.length === 0 && this.#waiters.length === 0 && this.#opening === undefined
  }

  acquire(signal: AbortSignal): Promise<Lease | NotStarted | undefined> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve(undefined)
        return
      }
      const leave = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter)
        resolve(undefined)
      }
      const waiter: Waiter = {
        answer(lease) {
          signal.removeEventListener('abort', leave)
          resolve(lease)
        },
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiters.push(waiter)
      this.#serve()
    })
  }

  closeIdle(beforeMs: number): void {
    for (const connection of this.#connections)
      if (connection.running === 0 && connection.idleSinceMs <= beforeMs) connection.close()
    this.#connections = this.#connections.filter(({ isAlive }) => isAlive)
  }

  retire(): void {
    this.#generation += 1
    for (const connection of this.#connections) {
      connection.isRetired = true
      if (connection.running === 0) connection.close()
    }
    this.#serve()
  }

  close(answer: NotStarted): void {
    this.#generation += 1
    for (const waiter of this.#waiters.splice(0)) waiter.answer(answer)
    for (const connection of this.#connections.splice(0)) connection.close()
  }

  #serve(): void {
    this.#connections = this.#connections.filter(({ isAlive }) => isAlive)
    while (this.#waiters.length > 0) {
      const free = this.#connections.filter(({ hasRoom }) => hasRoom)
      const [first, ...others] = free
      if (first === undefined) break
      const least = others.reduce((best, other) => (other.running < best.running ? other : best), first)
      this.#waiters.shift()?.answer(this.#lend(least, true))
    }
    const wanted = this.#connections.filter(({ isRetired }) => !isRetired).length
    if (this.#waiters.length > 0 && wanted < this.#options.maxConnections()) this.#open()
  }

  #open(): void {
    if (this.#opening !== undefined) return
    const generation = this.#generation
    this.#opening = this.#options.open().then((opened) => this.#opened(opened, generation))
  }

  #opened(opened: Connection | NotStarted, generation: number): void {
    this.#opening = undefined
    if ('kind' in opened) {
      // Others still work: whoever waits gets one of these in turn.
      if (this.#connections.some(({ isAlive, isRetired }) => isAlive && !isRetired)) return
      for (const waiter of this.#waiters.splice(0)) waiter.answer(opened)
      return
    }
    if (generation !== this.#generation) {
      opened.close()
      this.#serve()
      return
    }
    opened.onLost(() => this.#serve())
    this.#connections.push(opened)
    const next = this.#waiters.shift()
    if (next !== undefined) next.answer(this.#lend(opened, false))
    this.#serve()
  }

  #lend(connection: Connection, wasOpen: boolean): Lease {
    connection.running += 1
    let isLent = true
    return {
      connection,
      wasOpen,
      giveBack: (how) => {
        if (!isLent) return
        isLent = false
        connection.running -= 1
        connection.idleSinceMs = this.#options.clock.monotonicMs()
        if (how === 'full') connection.limit = Math.max(1, Math.min(connection.limit, connection.running))
        if (connection.isRetired && connection.running === 0) connection.close()
        this.#serve()
      },
    }
  }
}
