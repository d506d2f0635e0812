import type { Log } from '../domain/log.ts'
import type { AuditLine, SinkQueue } from '../domain/sink.ts'
import type { Clock } from '../lib/clock.ts'
import { randomShare } from '../lib/ids.ts'
import { type Sender, SinkFault } from './sender.ts'

/** How often it is looked whether another instance has let go of the sink, and whether something came that nobody told of. */
const LOOK_MS = 1_000
const TAKE_OVER_MS = 5_000
/** What comes within this time goes out together. */
const GATHER_MS = 50
/** So often, at most, the place is written down: what was sent since is sent again after a crash. */
const SAVE_MS = 1_000
/** Well within the lease. */
const RENEW_MS = 10_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 60_000
const LONGEST_RETRY_AFTER_MS = 900_000

export interface FeedParts {
  readonly name: string
  readonly types?: readonly string[] | undefined
  readonly queue: SinkQueue
  readonly sender: Sender
  readonly clock: Clock
  readonly log: Log
}

/**
 * Brings one sink every record of the audit, in order and at least once, for as long as this instance holds it. The database is the
 * spool: whatever the sink does, calls are not waited for and nothing is lost. A sink that fails is asked again after a pause that grows
 * to a minute. Never rejects.
 */
export class Feed {
  readonly #parts: FeedParts
  readonly #wants: (type: string) => boolean
  readonly #hurry = new AbortController()
  readonly #ended: Promise<void>
  #stopping = new AbortController()
  #news = new AbortController()
  #isNews = false
  #savedSeq = 0
  #savedMs = Number.NEGATIVE_INFINITY
  #heldMs = Number.NEGATIVE_INFINITY
  #failures = 0

  constructor(parts: FeedParts) {
    this.#parts = parts
    this.#wants = wanted(parts.types)
    this.#ended = this.#run()
  }

  /** Something was appended. */
  wake(): void {
    this.#isNews = true
    this.#news.abort()
  }

  /** Sends what is left for as long as `graceMs`, if the sink takes it, and lets go of it. */
  async close(graceMs: number): Promise<void> {
    const { clock, queue, sender } = this.#parts
    this.#stopping.abort()
    const over = new AbortController()
    clock.sleep(graceMs, over.signal).then(
      () => this.#hurry.abort(new SinkFault('the bridge stops')),
      () => undefined,
    )
    await this.#ended
    over.abort()
    await sender.close().catch(() => undefined)
    await queue.letGo().catch(() => undefined)
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        const place = await this.#parts.queue.hold()
        if (place === undefined) await this.#rest(TAKE_OVER_MS)
        else await this.#feed(place)
      } catch (cause) {
        if (!this.#stopping.signal.aborted) await this.#pause(cause)
      }
    }
  }

  /** Until the sink is another instance's, or the bridge stops. */
  async #feed(place: { readonly seq: number; readonly head: number }): Promise<void> {
    const { queue, sender } = this.#parts
    this.#heldMs = this.#nowMs()
    this.#savedSeq = place.seq
    let position = await sender.begin(place)
    try {
      for (;;) {
        if (!(await this.#isHeld())) return
        const rows = fitting(await queue.next(position, sender.most.records), sender.most.bytes)
        const last = rows.at(-1)
        if (last === undefined) {
          const isLast = this.#stopping.signal.aborted
          await sender.idle?.(this.#hurry.signal, isLast)
          if (!(await this.#save(position))) return
          await this.#works()
          if (isLast) return
          await this.#rest(LOOK_MS)
          continue
        }
        this.#tellGap(position, rows)
        const records = rows.filter(({ type }) => this.#wants(type))
        if (records.length > 0) await sender.send(records, this.#hurry.signal)
        position = last.seq
        await this.#works()
        if (this.#nowMs() - this.#savedMs >= SAVE_MS && !(await this.#save(position))) return
      }
    } finally {
      await this.#save(position).catch(() => undefined)
    }
  }

  /** Records have no gaps but where old ones were removed, and nobody shall think that the sink has those. */
  #tellGap(position: number, [first]: readonly AuditLine[]): void {
    const missing = (first?.seq ?? 0) - position - 1
    const { log, name } = this.#parts
    if (missing > 0 && position > 0)
      log.error('Records of the audit were removed before a sink had them', { sink: name, records: missing })
  }

  /** False: another instance has the sink. */
  async #save(position: number): Promise<boolean> {
    const seq = this.#parts.sender.settled?.() ?? position
    if (seq === this.#savedSeq) return true
    if (!(await this.#parts.queue.delivered(seq))) return false
    this.#savedSeq = seq
    this.#savedMs = this.#nowMs()
    this.#heldMs = this.#savedMs
    return true
  }

  async #isHeld(): Promise<boolean> {
    if (this.#nowMs() - this.#heldMs < RENEW_MS) return true
    this.#heldMs = this.#nowMs()
    return (await this.#parts.queue.hold()) !== undefined
  }

  async #works(): Promise<void> {
    if (this.#failures === 0) return
    const { log, name, queue } = this.#parts
    log.info('A sink of the audit takes records again', { sink: name, failures: this.#failures })
    this.#failures = 0
    await queue.tell(undefined)
  }

  async #pause(cause: unknown): Promise<void> {
    const { clock, log, name, queue } = this.#parts
    const fault = cause instanceof SinkFault ? cause.message : `the audit cannot be read: ${String(cause)}`
    if (this.#failures === 0)
      log.warn('A sink of the audit takes no records; they wait in the database', {
        sink: name,
        cause: fault,
      })
    this.#failures += 1
    await queue.tell(fault).catch(() => undefined)
    const asked = cause instanceof SinkFault ? cause.retryAfterMs : undefined
    const grown = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures - 1, 10))
    let leftMs =
      asked === undefined ? grown * (0.5 + randomShare() / 2) : Math.min(asked, LONGEST_RETRY_AFTER_MS)
    while (leftMs > 0 && !this.#stopping.signal.aborted) {
      const pieceMs = Math.min(leftMs, RENEW_MS)
      await clock.sleep(pieceMs, this.#stopping.signal).catch(() => undefined)
      leftMs -= pieceMs
      if (leftMs > 0) await queue.hold().catch(() => undefined)
    }
  }

  /** Until something was appended, or `ms` have passed. */
  async #rest(ms: number): Promise<void> {
    const { clock } = this.#parts
    if (!this.#isNews) {
      this.#news = new AbortController()
      const over = AbortSignal.any([this.#news.signal, this.#stopping.signal])
      await clock.sleep(ms, over).catch(() => undefined)
    }
    if (this.#isNews) await clock.sleep(GATHER_MS, this.#stopping.signal).catch(() => undefined)
    this.#isNews = false
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs()
  }
}

/** As many from the beginning as fit, and one in any case. */
function fitting(rows: readonly AuditLine[], mostBytes: number): readonly AuditLine[] {
  let bytes = 0
  const end = rows.findIndex(({ line }) => {
    bytes += Buffer.byteLength(line) + 1
    return bytes > mostBytes
  })
  return end === -1 ? rows : rows.slice(0, Math.max(1, end))
}

function wanted(types: readonly string[] | undefined): (type: string) => boolean {
  if (types === undefined) return () => true
  const exact = new Set(types)
  const groups = types.filter((one) => one.endsWith('.*')).map((one) => one.slice(0, -1))
  return (type) => exact.has(type) || groups.some((group) => type.startsWith(group))
}
