import { contextFor } from '../../pipeline/decide-now.ts'
import { hostViews } from '../../pipeline/host-views.ts'
import { type Caller, newCall } from '../caller.ts'
import { HOSTS_URI, parseUri } from '../resources/resource-uris.ts'
import type { SubscriptionPlaces } from './subscription-places.ts'
import { type WatchParts, watchCommand } from './watch-command.ts'

/** How one client is told. */
export interface Tell {
  updated(uri: string): void
  /** Which hosts there are has changed, for this caller. */
  listChanged(): void
}

export type Added = 'added' | 'unknown' | 'too_many'

/**
 * What one client follows, over one session or one stream: the hosts, and commands of its own. It is told that there is something new,
 * never what: that it reads by a call. Ends with `end`, and by itself once the caller is locked out.
 */
export class Subscriber {
  readonly #caller: Caller
  readonly #parts: WatchParts
  readonly #places: SubscriptionPlaces
  readonly #tell: Tell
  readonly #over = new AbortController()
  /** Each address with the end of its being followed. */
  readonly #followed = new Map<string, AbortController>()
  readonly #begun: (() => void)[] = []
  #isOpen = false
  #followsHosts = false
  #seenHosts = ''

  constructor(caller: Caller, parts: WatchParts, places: SubscriptionPlaces, tell: Tell) {
    this.#caller = caller
    this.#parts = parts
    this.#places = places
    this.#tell = tell
  }

  /** From now on what has been added is told. */
  open(): void {
    this.#isOpen = true
    for (const begin of this.#begun.splice(0)) begin()
  }

  /** Follows an address: decided and put on record as a call to read it. `unknown`: nothing that this caller could read and follow. */
  async add(uri: string): Promise<Added> {
    if (this.#followed.has(uri)) return 'added'
    const named = parseUri(uri)
    // The facts of a host change all the time and nobody tells the bridge.
    if (named === undefined || named.what === 'facts') return 'unknown'
    const giveBack = this.#places.take(this.#caller.principal)
    if (giveBack === undefined) return 'too_many'
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal, this.#over.signal])
    signal.addEventListener('abort', giveBack, { once: true })
    this.#followed.set(uri, over)
    if (named.what === 'hosts') {
      this.followHosts()
      return 'added'
    }
    const watch = await watchCommand(named.command, this.#caller, this.#parts, signal)
    if (watch === undefined) {
      this.remove(uri)
      return 'unknown'
    }
    this.#whenOpen(() => void watch(() => this.#tell.updated(uri)).catch(() => undefined))
    return 'added'
  }

  remove(uri: string): void {
    this.#followed.get(uri)?.abort()
    this.#followed.delete(uri)
  }

  /** Tells when the hosts are others for this caller: of one that it may do nothing on it hears nothing. */
  followHosts(): void {
    if (this.#followsHosts || this.#over.signal.aborted) return
    this.#followsHosts = true
    this.#seenHosts = this.#hosts()
    const stop = this.#parts.deps.bridge.hosts.whenReplaced?.(() => this.#lookAtHosts())
    this.#over.signal.addEventListener('abort', () => stop?.(), { once: true })
  }

  end(): void {
    this.#over.abort()
    this.#followed.clear()
  }

  #whenOpen(begin: () => void): void {
    if (this.#isOpen) begin()
    else this.#begun.push(begin)
  }

  #lookAtHosts(): void {
    if (this.#parts.deps.bridge.locks.locksOut(this.#caller.principal)) this.end()
    const hosts = this.#hosts()
    if (this.#over.signal.aborted || hosts === this.#seenHosts) return
    this.#seenHosts = hosts
    this.#tell.listChanged()
    if (this.#followed.has(HOSTS_URI)) this.#tell.updated(HOSTS_URI)
  }

  #hosts(): string {
    const { bridge } = this.#parts.deps
    const call = newCall({ kind: 'list_hosts' }, this.#caller, bridge.clock)
    // guard: hosts-changed-for-the-caller
    return JSON.stringify(hostViews(call, contextFor(call, bridge)))
  }
}
