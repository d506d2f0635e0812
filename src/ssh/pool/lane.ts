import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Connection } from '../transport/transport.ts'

/** The right to one channel of a connection. Given back exactly once. */
export interface Lease {
  readonly connection: Connection
  /** True when the connection was opened for somebody's sake earlier: it may have died unnoticed. */
  readonly wasOpen: boolean
  /** Others run over the same connection too. */
  readonly isShared: boolean
  /** The connection gets no new channels, and is closed once the last one is given back. */
  retire(): void
  /** `full`: the host refused the channel, so it is asked for fewer from now on. */
  giveBack(how?: 'full'): void
}

export interface LaneOptions {
  open(): Promise<Connection | NotStarted>
  maxConnections(): number
  /** Whether a channel may be opened ahead of its use: not all devices have one to spare. */
  opensAhead(): boolean
  readonly clock: Clock
}

/** OpenSSH's MaxSessions as it is when nobody changed it. */
const USUAL_MAX_SESSIONS = 10

/** Whoever used a host in the last few minutes will use it again. */
const IN_USE_MS = 5 * 60_000

/** A connection and what of it is lent. */
interface Member {
  readonly connection: Connection
  running: number
  /** The most that is lent; lowered when the host refuses earlier. */
  limit: number
  /** When the last channel was given back, monotonic. */
  idleSinceMs: number
  wasUsed: boolean
  /** Its target was changed or removed. */
  isRetired: boolean
}

interface Waiter {
  answer(lease: Lease | NotStarted | undefined): void
}

/** The connections of one owner to one host, and those who wait for a channel, first come, first served. */
export class Lane {
  readonly #options: LaneOptions
  #members: Member[] = []
  #waiters: Waiter[] = []
  /** One at a time: a wrong credential is offered once, not as often as there are callers. */
  #opening: Promise<void> | undefined
  #generation = 0
  /** The most channels of one connection of which one is opened ahead; lowered when the host refuses one. */
  #mostWithAhead = USUAL_MAX_SESSIONS

  constructor(options: LaneOptions) {
    this.#options = options
  }

  /** Open connections, and channels lent of them. */
  get open(): { readonly connections: number; readonly running: number } {
    const alive = this.#members.filter(({ connection }) => connection.isAlive)
    return { connections: alive.length, running: alive.reduce((sum, { running }) => sum + running, 0) }
  }

  /** Of the open connections, those with a channel lent; one that is being made; callers that wait. */
  get totals(): { readonly busy: number; readonly isConnecting: boolean; readonly waiting: number } {
    const busy = this.#members.filter(({ connection, running }) => connection.isAlive && running > 0).length
    return { busy, isConnecting: this.#opening !== undefined, waiting: this.#waiters.length }
  }

  get isEmpty(): boolean {
    return this.#members.length === 0 && this.#waiters.length === 0 && this.#opening === undefined
  }

  acquire(signal: AbortSignal): Promise<Lease | NotStarted | undefined> {
    // Nobody is before this caller, so it need not queue when there is something.
    const free = signal.aborted || this.#waiters.length > 0 ? undefined : this.#findFree()
    if (free !== undefined) return Promise.resolve(this.#lend(free, true))
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
    for (const member of this.#members)
      if (member.running === 0 && member.idleSinceMs <= beforeMs) retire(member)
    this.#forgetTheDead()
  }

  retire(): void {
    this.#generation += 1
    for (const member of this.#members) retire(member)
    this.#serve()
  }

  close(answer: NotStarted): void {
    this.#generation += 1
    for (const waiter of this.#waiters.splice(0)) waiter.answer(answer)
    for (const member of this.#members.splice(0)) {
      member.isRetired = true
      member.connection.close()
    }
  }

  #serve(): void {
    this.#forgetTheDead()
    while (this.#waiters.length > 0) {
      const free = this.#findFree()
      if (free === undefined) break
      this.#waiters.shift()?.answer(this.#lend(free, true))
    }
    const wanted = this.#members.filter(({ isRetired }) => !isRetired).length
    if (this.#waiters.length > 0 && wanted < this.#options.maxConnections()) this.#open()
  }

  /** The one with the fewest channels lent. */
  #findFree(): Member | undefined {
    let least: Member | undefined
    for (const member of this.#members)
      if (isFree(member) && (least === undefined || member.running < least.running)) least = member
    return least
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
      if (this.#members.some(({ connection, isRetired }) => connection.isAlive && !isRetired)) return
      for (const waiter of this.#waiters.splice(0)) waiter.answer(opened)
      return
    }
    if (generation !== this.#generation) {
      opened.close()
      this.#serve()
      return
    }
    const member: Member = {
      connection: opened,
      running: 0,
      limit: USUAL_MAX_SESSIONS,
      idleSinceMs: this.#options.clock.monotonicMs(),
      wasUsed: false,
      isRetired: false,
    }
    this.#members.push(member)
    opened.onLost(() => this.#lostOne(member))
    this.#openAhead(member)
    const next = this.#waiters.shift()
    if (next !== undefined) next.answer(this.#lend(member, false))
    this.#serve()
  }

  /**
   * A connection that somebody used lately and that was lost by itself is made anew before it is asked for: once, and only when it was
   * the last one. A new one that nobody used yet is not made again.
   */
  #lostOne(member: Member): void {
    this.#serve()
    const { isRetired, wasUsed, running, idleSinceMs } = member
    const isInUse = running > 0 || idleSinceMs > this.#options.clock.monotonicMs() - IN_USE_MS
    if (!isRetired && wasUsed && isInUse && this.#members.length === 0) this.#open()
  }

  /** The channel opened ahead counts: together with those that are lent, they are never more than the host allows. */
  #openAhead(member: Member): void {
    member.connection.openAhead(
      () =>
        !member.isRetired &&
        // While callers wait for a channel, the host is the one that is slow.
        this.#waiters.length === 0 &&
        member.running < Math.min(member.limit, this.#mostWithAhead) &&
        this.#options.opensAhead(),
      () => {
        this.#mostWithAhead = Math.max(0, Math.min(this.#mostWithAhead, member.running))
      },
    )
  }

  #lend(member: Member, wasOpen: boolean): Lease {
    member.running += 1
    member.wasUsed = true
    let isLent = true
    return {
      connection: member.connection,
      wasOpen,
      get isShared() {
        return member.running > 1
      },
      retire: () => retire(member),
      giveBack: (how) => {
        if (!isLent) return
        isLent = false
        member.running -= 1
        member.idleSinceMs = this.#options.clock.monotonicMs()
        if (how === 'full') member.limit = Math.max(1, Math.min(member.limit, member.running))
        if (member.isRetired && member.running === 0) member.connection.close()
        this.#serve()
      },
    }
  }

  #forgetTheDead(): void {
    if (this.#members.some(({ connection }) => !connection.isAlive))
      this.#members = this.#members.filter(({ connection }) => connection.isAlive)
  }
}

function isFree({ connection, isRetired, running, limit }: Member): boolean {
  return connection.isAlive && !isRetired && running < limit
}

function retire(member: Member): void {
  member.isRetired = true
  if (member.running === 0) member.connection.close()
}
