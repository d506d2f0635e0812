import type { SharedBudgetStore } from '../../domain/budget.ts'
import type { Log } from '../../domain/log.ts'
import type { Clock } from '../../lib/clock.ts'
import { MinuteCalls } from './minute-calls.ts'
import { Places } from './places.ts'
import { HOUR_MS, RecentHosts } from './recent-hosts.ts'

/** What one uses is told within one of these, and seen by the others within another. */
const EVERY_MS = 1_000
/** What is told is seen once it is written: it is looked for among what was told so long before the last look, too. */
const WRITTEN_WITHIN_MS = 30_000

/** What is counted for a minute, now, and for an hour: here, and with it what other instances tell. Asking waits for nobody. */
export class SharedUse {
  readonly calls = new MinuteCalls()
  readonly hosts = new RecentHosts()
  readonly places = new Places()
  readonly #store: SharedBudgetStore
  readonly #clock: Clock
  readonly #log: Log
  #lookedAtMs: number | undefined
  #telling: Promise<void> = Promise.resolve()

  constructor({
    shared,
    clock,
    log,
  }: { readonly shared: SharedBudgetStore; readonly clock: Clock; readonly log: Log }) {
    this.#store = shared
    this.#clock = clock
    this.#log = log
  }

  /** Resolves once it is known what all have used. */
  async look(): Promise<void> {
    const askedAtMs = this.#clock.monotonicMs()
    const sinceMs =
      this.#lookedAtMs === undefined ? HOUR_MS : askedAtMs - this.#lookedAtMs + WRITTEN_WITHIN_MS
    // guard: budgets-count-at-all-instances
    const { calls, hosts, commands } = await this.#store.look(Math.ceil(Math.min(HOUR_MS, sinceMs)))
    // An answer that was long on its way makes all of it later, never earlier.
    const nowMs = this.#clock.monotonicMs()
    this.calls.know(calls, nowMs)
    this.hosts.know(hosts, nowMs)
    this.places.know(commands)
    this.#lookedAtMs = askedAtMs
  }

  /** Resolves once the others can know what was used here until now. */
  tell(): Promise<void> {
    const told = this.#telling.then(() => this.#tell())
    this.#telling = told.catch(() => undefined)
    return told
  }

  async follow(isNeeded: () => boolean, signal: AbortSignal): Promise<void> {
    let isWell = true
    while (!signal.aborted) {
      await this.#clock.sleep(EVERY_MS, signal).catch(() => undefined)
      if (signal.aborted || !isNeeded()) continue
      try {
        await this.tell()
        await this.look()
        isWell = true
      } catch (cause) {
        if (isWell) this.#log.error('What is used of budgets cannot be shared now', { cause: String(cause) })
        isWell = false
      }
    }
  }

  async #tell(): Promise<void> {
    const [calls, hosts] = [this.calls.takeFresh(), this.hosts.takeFresh()]
    const nowMs = this.#clock.monotonicMs()
    try {
      await this.#store.tell({
        calls: mapped(calls, ({ costMs, firstMs }) => ({ costMs, agoMs: nowMs - firstMs })),
        hosts: mapped(hosts, (used) => mapped(used, (usedMs) => nowMs - usedMs)),
        commands: this.places.own(),
      })
    } catch (cause) {
      this.calls.putBack(calls)
      this.hosts.putBack(hosts)
      throw cause
    }
  }
}

function mapped<K, A, B>(map: ReadonlyMap<K, A>, change: (value: A) => B): ReadonlyMap<K, B> {
  return new Map([...map].map(([key, value]) => [key, change(value)]))
}
