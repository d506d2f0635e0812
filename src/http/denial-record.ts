import type { AuditEvent, AuditLog } from '../domain/audit.ts'
import type { Edge } from '../domain/call.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'

/** Refusals written one by one before they are counted instead, and how fast that allowance comes back. */
const BURST = 200
const PER_SECOND = 2
/** Kinds counted apart at once; beyond that they share one count, so that a flood of addresses takes no memory. */
const MAX_KINDS = 1_000
/** Counts are written at the latest after this. */
const FLUSH_MS = 10_000

export interface Denial {
  readonly edge: Edge
  readonly reason: string
  readonly remoteAddress?: string
}

/**
 * Writes `auth.denied` to the audit. A flood of refusals cannot fill the disk: past a burst, equal ones become one event that
 * says how many `times`. Never rejects: a refusal stays a refusal when it cannot be written.
 */
export class DenialRecord {
  readonly #audit: AuditLog
  readonly #clock: Clock
  readonly #log: Log
  readonly #pending = new Map<string, { denial: Denial; times: number }>()
  #allowance = BURST
  #refilledMs: number
  #isFlushing = false

  constructor({ audit, clock, log }: { audit: AuditLog; clock: Clock; log: Log }) {
    this.#audit = audit
    this.#clock = clock
    this.#log = log
    this.#refilledMs = clock.monotonicMs()
  }

  /** Resolves when the refusal is durable, or counted. */
  async add(denial: Denial): Promise<void> {
    const nowMs = this.#clock.monotonicMs()
    this.#allowance = Math.min(BURST, this.#allowance + ((nowMs - this.#refilledMs) / 1000) * PER_SECOND)
    this.#refilledMs = nowMs
    if (this.#allowance >= 1) {
      this.#allowance -= 1
      return this.#write([{ denial, times: 1 }])
    }
    this.#count(denial)
    if (!this.#isFlushing) void this.#flushLater()
  }

  /** Writes what was only counted so far. */
  async flush(): Promise<void> {
    const counted = [...this.#pending.values()]
    this.#pending.clear()
    if (counted.length > 0) await this.#write(counted)
  }

  #count(denial: Denial): void {
    const key = JSON.stringify([denial.edge, denial.reason, denial.remoteAddress])
    const isNew = !this.#pending.has(key)
    const kind = isNew && this.#pending.size >= MAX_KINDS ? 'others' : key
    const entry = this.#pending.get(kind) ?? {
      denial: kind === key ? denial : { edge: denial.edge, reason: 'others' },
      times: 0,
    }
    entry.times += 1
    this.#pending.set(kind, entry)
  }

  async #flushLater(): Promise<void> {
    this.#isFlushing = true
    await this.#clock.sleep(FLUSH_MS).catch(() => undefined)
    this.#isFlushing = false
    await this.flush()
  }

  async #write(counted: readonly { denial: Denial; times: number }[]): Promise<void> {
    const at = this.#clock.now()
    const events = counted.map(
      ({ denial, times }): AuditEvent => ({
        type: 'auth.denied',
        at,
        ...denial,
        ...(times > 1 && { times }),
      }),
    )
    await this.#audit.append(...events).catch((error: unknown) => {
      this.#log.error('refused sign-ins could not be written to the audit', { error: String(error) })
    })
  }
}
