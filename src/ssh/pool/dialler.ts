import type { HostName, HostTarget } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { Meter } from '../../domain/meter.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { type Connector, type ConnectSettings, connect } from '../transport/connect.ts'
import { TrustedKeys } from '../transport/host-key.ts'
import { OneTimeCodes } from '../transport/one-time-codes.ts'
import type { Connection, Transport } from '../transport/transport.ts'
import { unreachable } from '../transport/unreachable.ts'
import { Breaker } from './breaker.ts'
import { Contacts } from './contacts.ts'
import { Hops } from './hops.ts'
import { closed, notConfigured, routeTo } from './route.ts'
import { Turns } from './turns.ts'

export interface DiallerOptions {
  readonly transport: Transport
  readonly find: (name: HostName) => HostTarget | undefined
  readonly settings: DiallerSettings
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  /** Aborts when the bridge stops. */
  readonly closing: AbortSignal
}

export interface DiallerSettings extends ConnectSettings {
  readonly knownHostsFiles: readonly string[]
}

/** Makes connections: in turn, over shared jump hosts, and not to hosts that were just found out of reach. */
export class Dialler {
  readonly #options: DiallerOptions
  readonly #turns: Turns
  readonly #hops: Hops
  readonly #codes: OneTimeCodes
  readonly contacts: Contacts
  readonly #breakers = new Map<string, { readonly breaker: Breaker; readonly route: string }>()
  readonly #warned = new Set<HostName>()
  #settings: DiallerSettings
  #trusted: TrustedKeys

  constructor(options: DiallerOptions) {
    const { clock, settings, log } = options
    this.#options = options
    this.#turns = new Turns(clock)
    this.#hops = new Hops(clock)
    this.#codes = new OneTimeCodes(clock)
    this.contacts = new Contacts(clock)
    this.#settings = settings
    this.#trusted = new TrustedKeys(settings.knownHostsFiles, log)
  }

  /** One attempt, unless the host was found out of reach a moment ago. */
  async dial(owner: string, host: HostName): Promise<Connection | NotStarted> {
    const target = this.#options.find(host)
    if (target === undefined) return notConfigured(host)
    const breaker = this.#breakerOf(owner, host)
    await this.#trusted.refresh()
    const known = breaker.answer(target, this.#trusted.version)
    if (known !== undefined) return known
    const opened = await this.dialNow(owner, host)
    breaker.note('kind' in opened ? opened : undefined, this.#trusted.version)
    if (breaker.isClosed) this.#breakers.delete(wayOf(owner, host))
    return opened
  }

  /** The target is looked up again each time: it may have been changed meanwhile. */
  async dialNow(owner: string, host: HostName): Promise<Connection | NotStarted> {
    const { clock, closing, log, meter, find } = this.#options
    const target = find(host)
    if (target === undefined) return notConfigured(host)
    this.#warnOfOldAlgorithms(target)
    const startedMs = clock.monotonicMs()
    const opened = await connect(target, this.#connector(owner), closing).catch((error: unknown) =>
      unreachable(target, 'the connection failed through a defect', String(error)),
    )
    const tookMs = Math.round(clock.monotonicMs() - startedMs)
    meter.connected?.('kind' in opened ? 'failed' : 'connected', tookMs)
    if (closing.aborted) {
      if (!('kind' in opened)) opened.close()
      return closed()
    }
    this.contacts.note(host, 'kind' in opened ? opened : undefined)
    if ('kind' in opened)
      log.warn('No connection', { host, code: opened.code, detail: opened.detail, tookMs })
    else log.debug('Connected', { host, hostKey: opened.hostKey, tookMs })
    return opened
  }

  /** Jump hosts whose way changed get nobody new. */
  reconfigure(settings: DiallerSettings): void {
    if (settings.knownHostsFiles.join('\n') !== this.#settings.knownHostsFiles.join('\n'))
      this.#trusted = new TrustedKeys(settings.knownHostsFiles, this.#options.log)
    this.#settings = settings
    this.contacts.keepOnly((host) => this.#options.find(host) !== undefined)
    this.#hops.keepOnly((host, route) => routeTo(host, this.#options.find) === route)
  }

  closeIdle(beforeMs: number): void {
    this.#hops.closeIdle(beforeMs)
  }

  close(): void {
    this.#hops.close()
  }

  #connector(owner: string): Connector {
    const { transport, find, clock, log } = this.#options
    return {
      transport,
      find,
      hop: (name) =>
        this.#hops.borrow({ owner, host: name, route: routeTo(name, find) }, () => this.dial(owner, name)),
      // A signal of its own: hundreds may wait, and each listens.
      turn: (signal) => this.#turns.take(owner, AbortSignal.any([signal])),
      trusted: this.#trusted,
      codes: this.#codes,
      settings: this.#settings,
      clock,
      log,
    }
  }

  /** A changed way is another way: what was found out about the old one does not count. */
  #breakerOf(owner: string, host: HostName): Breaker {
    const key = wayOf(owner, host)
    const route = routeTo(host, this.#options.find)
    const known = this.#breakers.get(key)
    if (known?.route === route) return known.breaker
    const breaker = new Breaker(this.#options.clock)
    this.#breakers.set(key, { breaker, route })
    return breaker
  }

  #warnOfOldAlgorithms({ host, algorithms }: HostTarget): void {
    if (algorithms !== 'legacy' || this.#warned.has(host.name)) return
    this.#warned.add(host.name)
    this.#options.log.warn('Old algorithms are offered to a host: SHA-1 and CBC protect little', {
      host: host.name,
    })
  }
}

function wayOf(owner: string, host: HostName): string {
  return `${owner}\n${host}`
}
