import type { HostName, HostTarget } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { NotStarted, SessionStats } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { type Connector, type ConnectSettings, connect } from '../transport/connect.ts'
import { TrustedKeys } from '../transport/host-key.ts'
import type { Connection } from '../transport/transport.ts'
import { unreachable } from '../transport/unreachable.ts'
import { Lane, type Lease } from './lane.ts'

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
  readonly #log: Log
  readonly #find: PoolOptions['target']
  readonly #onCleanUp: PoolOptions['onCleanUp']
  readonly #ways = new Map<string, Way>()
  readonly #closing = new AbortController()
  #settings: PoolSettings
  #trusted: TrustedKeys

  constructor({ target, settings, clock, log, onCleanUp }: PoolOptions) {
    this.#find = target
    this.#onCleanUp = onCleanUp
    this.#settings = settings
    this.#clock = clock
    this.#log = log
    this.#trusted = new TrustedKeys(settings.knownHostsFiles, log)
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
      open: () => this.dial(host),
      maxConnections: () => this.#settings.maxSessionsPerHost,
      clock: this.#clock,
    })
    this.#ways.set(key, { owner, host, lane, route: routeTo(host, this.#find) })
    return lane.acquire(signal)
  }

  /** A connection outside the pool: the caller closes it. */
  async dial(host: HostName): Promise<Connection | NotStarted> {
    const target = this.#find(host)
    if (target === undefined) return notConfigured(host)
    const startedMs = this.#clock.monotonicMs()
    const opened = await connect(target, this.#connector(), this.#closing.signal).catch((error: unknown) =>
      unreachable(target, 'the connection failed through a defect', String(error)),
    )
    const tookMs = Math.round(this.#clock.monotonicMs() - startedMs)
    if (this.#closing.signal.aborted && !('kind' in opened)) {
      opened.close()
      return closed()
    }
    if ('kind' in opened)
      this.#log.warn('No connection', { host, code: opened.code, detail: opened.detail, tookMs })
    else this.#log.debug('Connected', { host, hostKey: opened.hostKey, tookMs })
    return opened
  }

  stats(owner: string): SessionStats['connections'] {
    return [...this.#ways.values()]
      .filter((way) => way.owner === owner)
      .map(({ host, lane }) => ({ host, ...lane.open }))
      .filter(({ connections }) => connections > 0)
      .sort((a, b) => (a.host < b.host ? -1 : 1))
  }

  /**
   * Takes a new configuration. Connections of hosts that vanished, or whose way there changed (a jump host counts), get no new
   * commands and are closed once those that run have ended; running ones that are no longer allowed are ended by the pipeline.
   */
  reconfigure(settings: PoolSettings): void {
    if (settings.knownHostsFiles.join('\n') !== this.#settings.knownHostsFiles.join('\n'))
      this.#trusted = new TrustedKeys(settings.knownHostsFiles, this.#log)
    this.#settings = settings
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
  }

  #connector(): Connector {
    return {
      find: this.#find,
      trusted: this.#trusted,
      settings: this.#settings,
      clock: this.#clock,
    }
  }

  async #cleanUp(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      await this.#clock.sleep(this.#settings.cleanupIntervalMs, this.#closing.signal).catch(() => undefined)
      const beforeMs = this.#clock.monotonicMs() - this.#settings.idleTimeoutMs
      for (const [key, { lane }] of this.#ways) {
        lane.closeIdle(beforeMs)
        if (lane.isEmpty) this.#ways.delete(key)
      }
      await this.#onCleanUp?.()
    }
  }
}

/** Everything that decides how a host is reached, hop by hop. Holds credentials: only ever compared. */
function routeTo(host: HostName, find: PoolOptions['target']): string {
  const seen = new Set<HostName>()
  const hops: unknown[] = []
  for (let at = find(host); at !== undefined && !seen.has(at.host.name); ) {
    seen.add(at.host.name)
    const { address, port, username, credential, hostKeys, jump } = at
    hops.push({ address, port, username, credential, hostKeys, jump })
    at = jump === undefined ? undefined : find(jump)
  }
  return JSON.stringify(hops)
}

function notConfigured(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${host} is no longer configured. Nothing was run.`,
  }
}

function closed(): NotStarted {
  return {
    kind: 'not_started',
    code: 'shutting_down',
    message: 'The bridge is stopping. Nothing was run.',
  }
}
