import type { HostName } from '../../domain/host.ts'

const HOUR_MS = 3_600_000
const MOST_KEYS = 10_000

/** Which hosts were used within the last hour, for each of many. Memory is bounded by the limits themselves. */
export class RecentHosts {
  /** Of each host when it was used last. */
  readonly #byKey = new Map<string, Map<HostName, number>>()

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
    const recent = this.#recent(key, nowMs)
    for (const host of hosts) recent.set(host, nowMs)
    // In the order of last use.
    this.#byKey.delete(key)
    this.#byKey.set(key, recent)
    if (this.#byKey.size <= MOST_KEYS) return
    const [oldest] = this.#byKey.keys()
    if (oldest !== undefined) this.#byKey.delete(oldest)
  }

  #recent(key: string, nowMs: number): Map<HostName, number> {
    return new Map([...(this.#byKey.get(key) ?? [])].filter(([, usedMs]) => usedMs + HOUR_MS > nowMs))
  }
}
