import type { Log } from '../../domain/log.ts'
import { randomHex } from '../../lib/ids.ts'
import { type Asked, askHost, type Where } from './ask-host.ts'
import { type RunReport, readPollAnswer } from './poll-answer.ts'
import { pollScript, type Wanted } from './poll-script.ts'

const FIRST_PAUSE_MS = 150
const LONGEST_PAUSE_MS = 5_000
const GROWTH = 1.4
/** Between attempts to reach a host that does not answer. */
const FIRST_BACK_OFF_MS = 1_000
const LONGEST_BACK_OFF_MS = 30_000
/** What one asking may bring for all runs together, and for each stream at least. Halved while askings fail: links may be slow. */
const MOST_BYTES = 2 * 1024 * 1024
const LEAST_BYTES = 32 * 1024
/** So that what a run ended with is on the bridge's own disk before the host forgets it. */
const KEEP_MS = 1_000
const MOST_REMOVALS = 10

/** A run that is followed. */
export interface Followed {
  readonly id: string
  /** From where on of its streams. */
  readonly offsets: Readonly<Pick<Wanted, 'stdout' | 'stderr'>>
  /** It has not begun for so long that it must not any more. */
  readonly isOverdue: boolean
  /** Takes what the host says; resolves once all bytes are taken. `full`: there is likely more right now. */
  take(report: RunReport, askedBytes: number, hostKey: string): Promise<'nothing' | 'news' | 'full'>
}

interface Removal {
  readonly fromMs: number
  readonly keepName: boolean
  failures: number
}

/**
 * Asks one host for all runs of one owner at once, over and over: often while they print, every five seconds while they do not. No
 * channel is held meanwhile. A host that cannot be reached is asked again without end: what runs there goes on.
 */
export class HostFollower {
  readonly #where: Where
  readonly #log: Log
  readonly #onIdle: () => void
  readonly #runs = new Map<string, Followed>()
  /** Runs of which nothing is to be left on the host. */
  readonly #removals = new Map<string, Removal>()
  readonly #closing = new AbortController()
  #wake = new AbortController()
  #pauseMs = FIRST_PAUSE_MS
  #failures = 0
  #isFollowing = false

  constructor(where: Where, log: Log, onIdle: () => void) {
    this.#where = where
    this.#log = log
    this.#onIdle = onIdle
  }

  follow(run: Followed): void {
    this.#runs.set(run.id, run)
    this.nudge()
    if (!this.#isFollowing) void this.#followAll()
  }

  leave(run: Followed): void {
    this.#runs.delete(run.id)
    if (this.#runs.size === 0) this.#wake.abort()
  }

  /** Leaves nothing of a run on its host; `keepName`: but its name, for an asking to begin it may still arrive. */
  remove(id: string, keepName: boolean): void {
    this.#removals.set(id, { fromMs: this.#where.clock.monotonicMs() + KEEP_MS, keepName, failures: 0 })
    if (!this.#isFollowing) void this.#followAll()
  }

  follows(id: string): boolean {
    return this.#runs.has(id)
  }

  /** Somebody waits: asks at once, and often again. */
  nudge(): void {
    this.#pauseMs = FIRST_PAUSE_MS
    if (this.#failures === 0) this.#wake.abort()
  }

  close(): void {
    this.#closing.abort()
    this.#wake.abort()
  }

  async #followAll(): Promise<void> {
    this.#isFollowing = true
    while (!this.#closing.signal.aborted && this.#runs.size + this.#removals.size > 0) {
      const progress = await this.#poll().catch((error: unknown) => {
        this.#log.error('Detached commands could not be followed', { error: String(error) })
        return 'failed' as const
      })
      await this.#pause(progress)
    }
    this.#isFollowing = false
    if (this.#runs.size + this.#removals.size === 0) this.#onIdle()
  }

  async #poll(): Promise<'failed' | 'nothing' | 'news' | 'full'> {
    const runs = [...this.#runs.values()]
    const remove = this.#due()
    if (runs.length + remove.length === 0) return 'nothing'
    const most = Math.max(LEAST_BYTES, MOST_BYTES / 2 ** Math.min(this.#failures, 6))
    const bytes = Math.max(LEAST_BYTES, Math.floor(most / Math.max(1, runs.length)))
    const nonce = randomHex()
    const text = pollScript(
      nonce,
      runs.map(({ id, offsets: { stdout, stderr } }) => ({ id, stdout, stderr, bytes })),
      { remove, take: runs.filter(({ isOverdue }) => isOverdue).map(({ id }) => id) },
    )
    const mostBytes = 2 * runs.length * (bytes + LEAST_BYTES) + 2 * MOST_BYTES
    const lastWords = `\n${nonce} end\n`
    const asked = await askHost(this.#where, { text, lastWords, mostBytes }, this.#closing.signal)
    const answer = asked.kind === 'answered' ? readPollAnswer(asked.said, nonce) : undefined
    if (asked.kind !== 'answered' || answer === undefined) return this.#failed(asked)
    this.#failures = 0
    this.#forget(remove, answer.kept)
    let progress: 'nothing' | 'news' | 'full' = 'nothing'
    for (const run of runs) {
      const report = answer.runs.get(run.id)
      if (report === undefined || !this.#runs.has(run.id)) continue
      const own = await run.take(report, bytes, asked.hostKey)
      if (own === 'full' || progress === 'nothing') progress = own
    }
    return progress
  }

  #failed(asked: Asked): 'failed' {
    this.#failures += 1
    const { host } = this.#where
    const why = asked.kind === 'not_started' ? asked.code : asked.kind
    this.#log.debug('Detached commands: no answer', { host, why, times: this.#failures })
    return 'failed'
  }

  #due(): readonly { readonly id: string; readonly keepName: boolean }[] {
    const nowMs = this.#where.clock.monotonicMs()
    const due = [...this.#removals].filter(([, { fromMs }]) => fromMs <= nowMs)
    return due.map(([id, { keepName }]) => ({ id, keepName }))
  }

  #forget(asked: readonly { readonly id: string }[], kept: readonly string[]): void {
    for (const { id } of asked) {
      const removal = this.#removals.get(id)
      if (removal !== undefined && kept.includes(id) && removal.failures < MOST_REMOVALS) {
        removal.failures += 1
        continue
      }
      this.#removals.delete(id)
      if (kept.includes(id))
        this.#log.warn('A detached command left its directory behind', { host: this.#where.host, id })
    }
  }

  async #pause(after: 'failed' | 'nothing' | 'news' | 'full'): Promise<void> {
    if (after === 'full' || this.#closing.signal.aborted) return
    if (after === 'news') this.#pauseMs = FIRST_PAUSE_MS
    const pauseMs =
      after === 'failed'
        ? Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (this.#failures - 1))
        : this.#removals.size > 0
          ? Math.min(KEEP_MS, this.#pauseMs)
          : this.#pauseMs
    if (after === 'nothing') this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * GROWTH)
    this.#wake = new AbortController()
    await this.#where.clock.sleep(pauseMs, this.#wake.signal).catch(() => undefined)
  }
}
