import type { HostName, HostTarget } from '../../domain/host.ts'
import type { HostContact } from '../../domain/host-sight.ts'
import type { Log } from '../../domain/log.ts'
import type { HostTotals, Meter } from '../../domain/meter.ts'
import type { NotStarted, SessionStats } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { ConnectSettings } from '../transport/connect.ts'
import { ssh2Transport } from '../transport/ssh2-handshake.ts'
import type { Connection, Transport } from '../transport/transport.ts'
import { Dialler } from './dialler.ts'
import { Lane, type Lease } from './lane.ts'
import { closed, notConfigured, routeTo } from './route.ts'

export interface PoolSettings extends ConnectSettings {
  readonly knownHostsFiles: readonly string[]
  /** Connections of one owner to one host. */
  readonly maxSessionsPerHost: number
  readonly idleTimeoutMs: number
  readonly cleanupIntervalMs: number
}

export interface PoolOptions {
  /** The hosts as configured now; asked each time. */
  readonly target: (name: HostName) => HostTarget | undefined
  readonly settings: PoolSettings
  readonly clock: Clock
  readonly log: Log
  /** Told of each connection that is made. */
  readonly meter?: Meter
  /** How hosts are spoken to; ssh2 unless told otherwise. */
  readonly transport?: Transport
  /** Other things to look at whenever idle connections are. */
  readonly onCleanUp?: () => Promise<void>
}

interface Way {
  readonly owner: string
  readonly host: HostName
  readonly lane: Lane
  /** How the host was reached when the way was made. */
  route: string
}

/**
 * The open connections. Those of one owner are never used for another. Idle ones are closed after `idleTimeoutMs`, looked at every
 * `cleanupIntervalMs`.
 */
export class Pool {
  readonly #clock: Clock
  readonly #dialler: Dialler
  readonly #find: PoolOptions['target']
  readonly #onCleanUp: PoolOptions['onCleanUp']
  readonly #ways = new Map<string, Way>()
  readonly #closing = new AbortController()
  #settings: PoolSettings

  constructor(options: PoolOptions) {
    const { target, settings, clock, log, onCleanUp, meter = {}, transport = ssh2Transport } = options
    this.#find = target
    this.#onCleanUp = onCleanUp
    this.#settings = settings
    this.#clock = clock
    this.#dialler = new Dialler({
      transport,
      find: target,
      settings,
      clock,
      log,
      meter,
      closing: this.#closing.signal,
    })
    void this.#cleanUp()
  }

  /** A channel's worth of a connection; waits its turn when all are in use. Undefined when `signal` aborted first. */
  acquire(owner: string, host: HostName, signal: AbortSignal): Promise<Lease | NotStarted | undefined> {
    if (this.#closing.signal.aborted) return Promise.resolve(closed())
    if (this.#find(host) === undefined) return Promise.resolve(notConfigured(host))
    const key = `${owner}\n${host}`
    const known = this.#ways.get(key)
    if (known !== undefined) return known.lane.acquire(signal)
    const lane = new Lane({
      // The target is looked up again each time: it may have been changed meanwhile.
      open: () => this.#dialler.dial(owner, host),
      maxConnections: () => this.#settings.maxSessionsPerHost,
      opensAhead: () => mayOpenAhead(this.#find(host)),
      clock: this.#clock,
    })
    this.#ways.set(key, { owner, host, lane, route: routeTo(host, this.#find) })
    return lane.acquire(signal)
  }

  /** A connection outside the pool: the caller closes it. Made also while callers are kept from a host that could not be reached. */
  dial(owner: string, host: HostName): Promise<Connection | NotStarted> {
    return this.#dialler.dialNow(owner, host)
  }

  stats(owner: string): SessionStats['connections'] {
    return [...this.#ways.values()]
      .filter((way) => way.owner === owner)
      .map(({ host, lane }) => ({ host, ...lane.open }))
      .filter(({ connections }) => connections > 0)
      .sort((a, b) => (a.host < b.host ? -1 : 1))
  }

  /** Of all owners, to all hosts or to one. */
  totals(host?: HostName): Omit<HostTotals, 'sessions' | 'terminals'> {
    const all = { busy: 0, idle: 0, connecting: 0, channels: 0, waiting: 0 }
    for (const { lane, host: to } of this.#ways.values()) {
      if (host !== undefined && to !== host) continue
      const [{ connections, running }, { busy, isConnecting, waiting }] = [lane.open, lane.totals]
      all.busy += busy
      all.idle += connections - busy
      all.connecting += isConnecting ? 1 : 0
      all.channels += running
      all.waiting += waiting
    }
    return all
  }

  contactOf(host: HostName): HostContact {
    return { open: this.totals(host), ...this.#dialler.contacts.of(host) }
  }

  has(owner: string): boolean {
    return [...this.#ways.values()].some((way) => way.owner === owner)
  }

  /** These get no new channels, and are closed once none is lent. */
  retireWhere(isOver: (owner: string, host: HostName) => boolean): void {
    for (const { owner, host, lane } of this.#ways.values()) if (isOver(owner, host)) lane.retire()
  }

  /**
   * Takes a new configuration. Connections of hosts that vanished, or whose way there changed (a jump host counts), get no new
   * commands and are closed once those that run have ended; running ones that are no longer allowed are ended by the pipeline.
   */
  reconfigure(settings: PoolSettings): void {
    this.#settings = settings
    this.#dialler.reconfigure(settings)
    for (const way of this.#ways.values()) {
      const route = routeTo(way.host, this.#find)
      if (route !== way.route) way.lane.retire()
      way.route = route
    }
  }

  /** Closes every connection; what waits for one is told that the bridge stops. */
  close(): void {
    this.#closing.abort(new Error('closed'))
    for (const { lane } of this.#ways.values()) lane.close(closed())
    this.#ways.clear()
    this.#dialler.close()
  }

  async #cleanUp(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#clock.sleep(this.#settings.cleanupIntervalMs, this.#closing.signal).catch(() => undefined)
      const beforeMs = this.#clock.monotonicMs() - this.#settings.idleTimeoutMs
      for (const [key, { lane }] of this.#ways) {
        lane.closeIdle(beforeMs)
        if (lane.isEmpty) this.#ways.delete(key)
      }
      this.#dialler.closeIdle(beforeMs)
      await this.#onCleanUp?.()
    }
  }
}

/** Devices of old and with a command line of their own count sessions closely. */
function mayOpenAhead(target: HostTarget | undefined): boolean {
  return target !== undefined && target.platform !== 'network' && target.algorithms !== 'legacy'
}
