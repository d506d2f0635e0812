import type { AuditEvent, AuditLog } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import type { Clock } from '../lib/clock.ts'
import { type AppendRows, type AuditRow, FencedOff } from './audit-append.ts'
import { auditRow } from './audit-record.ts'
import type { Redact } from './call-record.ts'
import { shortFault } from './sql/statement.ts'

const RETRY_MS = 1_000
/** Of one statement: what a flood of calls waits for stays short. */
const MOST_ROWS = 500

interface Waiting {
  readonly rows: readonly AuditRow[]
  readonly resolve: () => void
  readonly reject: (cause: unknown) => void
}

/** Whether this instance may begin something: one that could not say lately that it lives may have been given up by the others. */
export type MayBegin = () => boolean

/**
 * The audit in the database. Events that arrive while a write is under way share the next one (group commit). When a write fails, every
 * waiting append rejects, `problem` says why, and the log tries again by itself each second; the first record after that is
 * `audit.resumed`. `close` waits for what was appended before it.
 *
 * Once this instance was declared lost nothing is written until `rejoin`, and nothing ever about how a call ended that it had started
 * before: somebody else has put an end on record.
 */
export class AuditStore implements AuditLog {
  readonly #appendRows: AppendRows
  readonly #clock: Clock
  readonly #redact: Redact | undefined
  readonly #mayBegin: MayBegin
  /** Which calls were started before this instance was lost. */
  readonly #startedIn = new WeakMap<Call, number>()
  #life = 0
  #refused = 0
  readonly #closing = new AbortController()
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined
  #broken: { since: Date; cause: string; isFenced?: true } | undefined

  /** `redact` takes out of each text what must not be remembered. */
  constructor(appendRows: AppendRows, clock: Clock, redact?: Redact, mayBegin: MayBegin = () => true) {
    this.#appendRows = appendRows
    this.#clock = clock
    this.#redact = redact
    this.#mayBegin = mayBegin
  }

  append(...events: readonly AuditEvent[]): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(new Error('the audit log is closed'))
    // While broken, only the retry writes: a call must not wait for a disk that is known to be full.
    if (this.#broken) {
      if (this.#broken.isFenced) this.#refused += events.length
      return Promise.reject(new Error(this.#broken.cause))
    }
    // guard: no-call-without-lease
    if (events.some(isBeginning) && !this.#mayBegin())
      return Promise.reject(
        new Error('audit log: it is not known whether other instances still count on this one'),
      )
    // guard: late-writes-are-refused
    if (events.some((event) => this.#isLate(event))) {
      this.#refused += events.length
      return Promise.reject(new FencedOff('this call belongs to another instance now'))
    }
    return this.#enqueue(events)
  }

  /** This instance was declared lost: nothing is written any more, as if the database had refused it. */
  fence(): void {
    const cause = 'audit log: this instance was fenced off'
    this.#broken = { since: this.#clock.now(), cause, isFenced: true }
    for (const { rows, reject } of this.#waiting.splice(0)) {
      this.#refused += rows.length
      reject(new FencedOff(cause))
    }
  }

  get isFenced(): boolean {
    return this.#broken?.isFenced === true
  }

  /** It is another instance now: its first record is what `event` makes of the number of events that were refused meanwhile. */
  async rejoin(event: (refused: number) => AuditEvent): Promise<void> {
    await this.#writing
    this.#life += 1
    await this.#enqueue([event(this.#refused)])
    this.#refused = 0
    this.#broken = undefined
  }

  problem(): string | undefined {
    return this.#broken?.cause
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#writing
  }

  #enqueue(events: readonly AuditEvent[]): Promise<void> {
    for (const event of events) if (isStart(event)) this.#startedIn.set(event.call, this.#life)
    const rows = events.map((event) => auditRow(event, this.#redact))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ rows, resolve, reject })
      this.#writing ??= this.#writeAll()
    })
  }

  async #writeAll(): Promise<void> {
    // What is appended in the same turn goes out in the same write.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const batch = this.#next()
      try {
        await this.#appendRows(batch.flatMap(({ rows }) => rows))
        for (const { resolve } of batch) resolve()
      } catch (cause) {
        this.#breakDown(cause)
        for (const { rows, reject } of [...batch, ...this.#waiting.splice(0)]) {
          if (cause instanceof FencedOff) this.#refused += rows.length
          reject(cause)
        }
      }
    }
    // In the same turn as the last look: who appends because its event is durable begins anew.
    this.#writing = undefined
  }

  #next(): Waiting[] {
    let rows = 0
    const end = this.#waiting.findIndex((one) => {
      rows += one.rows.length
      return rows > MOST_ROWS
    })
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(end, 1))
  }

  #breakDown(cause: unknown): void {
    if (cause instanceof FencedOff) this.fence()
    if (this.#broken) return
    this.#broken = { since: this.#clock.now(), cause: `audit log: ${shortFault(cause)}` }
    void this.#recover()
  }

  #isLate(event: AuditEvent): boolean {
    if (event.type !== 'call.finished' && event.type !== 'call.continued') return false
    return (this.#startedIn.get(event.call) ?? this.#life) < this.#life
  }

  async #recover(): Promise<void> {
    // Who was declared lost comes back as another instance, not by trying again.
    while (this.#broken && !this.#broken.isFenced && !this.#closing.signal.aborted) {
      await this.#clock.sleep(RETRY_MS, this.#closing.signal).catch(() => undefined)
      if (this.#closing.signal.aborted || this.#broken.isFenced) return
      const { since, cause } = this.#broken
      const resumed = this.#enqueue([{ type: 'audit.resumed', at: this.#clock.now(), since, cause }])
      await resumed.then(
        () => {
          this.#broken = undefined
        },
        () => undefined,
      )
    }
  }
}

function isStart(event: AuditEvent): event is Extract<AuditEvent, { type: 'call.started' | 'call.resumed' }> {
  return event.type === 'call.started' || event.type === 'call.resumed'
}

function isBeginning(event: AuditEvent): boolean {
  return event.type === 'call.received' || isStart(event)
}
