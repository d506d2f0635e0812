import type { HostsAgo } from '../../domain/budget.ts'
import type { HostName } from '../../domain/host.ts'

export const HOUR_MS = 3_600_000
const MOST_KEYS = 10_000

type UsedAt = Map<HostName, number>

/** Which hosts were used within the last hour, for each of many. Memory is bounded by the limits themselves. */
export class RecentHosts {
  /** Of each host when it was used last. */
  readonly #byKey = new Map<string, UsedAt>()
  /** The same, since the last time that it was taken to be told. */
  #fresh = new Map<string, UsedAt>()

  /** How long until these hosts make no more than `limit`, those of the last hour counted; 0 when they do not. */
  waitMs(key: string, hosts: readonly HostName[], limit: number, nowMs: number): number {
    const recent = this.#recent(key, nowMs)
    const surplus = new Set([...recent.keys(), ...hosts]).size - limit
    if (surplus <= 0) return 0
    const others = [...recent].filter(([host]) => !hosts.includes(host)).map(([, usedMs]) => usedMs)
    const last = others.sort((a, b) => a - b)[surplus - 1]
    return last === undefined ? HOUR_MS : Math.ceil(last + HOUR_MS - nowMs)
  }

  add(key: string, hosts: readonly HostName[], nowMs: number): void {
    if (hosts.length === 0) return
    const used = new Map(hosts.map((host) => [host, nowMs]))
    this.#use(key, used, nowMs)
    this.#refresh(key, used)
  }

  takeFresh(): ReadonlyMap<string, UsedAt> {
    const fresh = this.#fresh
    this.#fresh = new Map()
    return fresh
  }

  /** They could not be told. */
  putBack(fresh: ReadonlyMap<string, UsedAt>): void {
    for (const [key, used] of fresh) this.#refresh(key, used)
  }

  /** Takes over what was used, wherever. */
  know(ago: HostsAgo, nowMs: number): void {
    for (const [key, hosts] of ago)
      this.#use(key, new Map([...hosts].map(([host, agoMs]) => [host, nowMs - agoMs])), nowMs)
  }

  #use(key: string, used: UsedAt, nowMs: number): void {
    const recent = this.#recent(key, nowMs)
    keepLatest(recent, used)
    // In the order of last use.
    this.#byKey.delete(key)
    this.#byKey.set(key, recent)
    if (this.#byKey.size <= MOST_KEYS) return
    const [oldest] = this.#byKey.keys()
    if (oldest !== undefined) this.#byKey.delete(oldest)
  }

  #refresh(key: string, used: UsedAt): void {
    const fresh = this.#fresh.get(key) ?? new Map()
    keepLatest(fresh, used)
    this.#fresh.set(key, fresh)
  }

  #recent(key: string, nowMs: number): UsedAt {
    return new Map([...(this.#byKey.get(key) ?? [])].filter(([, usedMs]) => usedMs + HOUR_MS > nowMs))
  }
}

function keepLatest(known: UsedAt, used: UsedAt): void {
  for (const [host, usedMs] of used) known.set(host, Math.max(usedMs, known.get(host) ?? usedMs))
}
