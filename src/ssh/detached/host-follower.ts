import type { Log } from '../../domain/log.ts'
import { randomHex } from '../../lib/ids.ts'
import { type Asked, askHost, type Where } from './ask-host.ts'
import { type RunReport, readPollAnswer } from './poll-answer.ts'
import { pollScript, type Wanted } from './poll-script.ts'

const FIRST_PAUSE_MS = 150
const LONGEST_PAUSE_MS = 5_000
const GROWTH = 1.4
/** Who is due so soon (a part of its pause) is asked for along with the others. */
const EARLY = 0.3
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
  take(report: RunReport, askedBytes: number, hostKey: string): Promise<Progress>
}

interface Removal {
  fromMs: number
  readonly keepName: boolean
  failures: number
}

type Progress = 'nothing' | 'news' | 'full'

interface Due {
  readonly run: Followed
  /** Until it is asked for again, when nothing happens meanwhile. */
  pauseMs: number
  /** When it is asked for next, monotonic. */
  atMs: number
}

/**
 * Asks one host for the runs of one owner, over and over: often for those that print, every five seconds for those that do not, and for
 * all that are due at once. No channel is held meanwhile. A host that cannot be reached is asked again without end: what runs there goes
 * on.
 */
export class HostFollower {
  readonly #where: Where
  readonly #log: Log
  readonly #onIdle: () => void
  readonly #runs = new Map<string, Due>()
  /** Runs of which nothing is to be left on the host. */
  readonly #removals = new Map<string, Removal>()
  readonly #closing = new AbortController()
  #wake = new AbortController()
  #failures = 0
  #triedMs = 0
  #isFollowing = false

  constructor(where: Where, log: Log, onIdle: () => void) {
    this.#where = where
    this.#log = log
    this.#onIdle = onIdle
  }

  follow(run: Followed): void {
    this.#runs.set(run.id, { run, pauseMs: FIRST_PAUSE_MS, atMs: 0 })
    this.#begin()
  }

  leave(run: Followed): void {
    this.#runs.delete(run.id)
    this.#wake.abort()
  }

  /** Leaves nothing of a run on its host; `keepName`: but its name, for an asking to begin it may still arrive. */
  remove(id: string, keepName: boolean): void {
    this.#removals.set(id, { fromMs: this.#where.clock.monotonicMs() + KEEP_MS, keepName, failures: 0 })
    this.#begin()
  }

  /** Somebody waits: asks for this run at once, and often again. */
  nudge(id: string): void {
    const due = this.#runs.get(id)
    if (due === undefined) return
    due.pauseMs = FIRST_PAUSE_MS
    due.atMs = 0
    this.#wake.abort()
  }

  close(): void {
    this.#closing.abort()
    this.#wake.abort()
  }

  #begin(): void {
    this.#wake.abort()
    if (!this.#isFollowing) void this.#followAll()
  }

  async #followAll(): Promise<void> {
    this.#isFollowing = true
    while (!this.#closing.signal.aborted && this.#runs.size + this.#removals.size > 0) {
      await this.#untilDue()
      if (this.#closing.signal.aborted) break
      await this.#poll().catch((error: unknown) => {
        this.#failures += 1
        this.#log.error('Detached commands could not be followed', { error: String(error) })
      })
    }
    this.#isFollowing = false
    if (this.#runs.size + this.#removals.size === 0) this.#onIdle()
  }

  /** Whoever is added, nudged or gone meanwhile changes what is waited for; a host that did not answer is left in peace for a while. */
  async #untilDue(): Promise<void> {
    const { clock } = this.#where
    for (;;) {
      this.#wake = new AbortController()
      const backOffMs =
        this.#failures === 0
          ? 0
          : Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (this.#failures - 1))
      const nextMs = Math.min(
        ...[...this.#runs.values()].map(({ atMs }) => atMs),
        ...[...this.#removals.values()].map(({ fromMs }) => fromMs),
      )
      const leftMs = Math.max(nextMs, this.#triedMs + backOffMs) - clock.monotonicMs()
      if (leftMs <= 0 || this.#closing.signal.aborted || this.#runs.size + this.#removals.size === 0) return
      await clock.sleep(leftMs, this.#wake.signal).catch(() => undefined)
    }
  }

  async #poll(): Promise<void> {
    const { clock } = this.#where
    const nowMs = clock.monotonicMs()
    this.#triedMs = nowMs
    const due = [...this.#runs.values()].filter(({ atMs, pauseMs }) => atMs <= nowMs + pauseMs * EARLY)
    const remove = this.#due()
    if (due.length + remove.length === 0) return
    const most = Math.max(LEAST_BYTES, MOST_BYTES / 2 ** Math.min(this.#failures, 6))
    const bytes = Math.max(LEAST_BYTES, Math.floor(most / Math.max(1, due.length)))
    const nonce = randomHex()
    const text = pollScript(
      nonce,
      due.map(({ run: { id, offsets } }) => ({ id, stdout: offsets.stdout, stderr: offsets.stderr, bytes })),
      { remove, take: due.filter(({ run }) => run.isOverdue).map(({ run }) => run.id) },
    )
    const mostBytes = 2 * due.length * (bytes + LEAST_BYTES) + 2 * MOST_BYTES
    const lastWords = `\n${nonce} end\n`
    const asked = await askHost(this.#where, { text, lastWords, mostBytes }, this.#closing.signal)
    const answer = asked.kind === 'answered' ? readPollAnswer(asked.said, nonce) : undefined
    if (asked.kind !== 'answered' || answer === undefined) return this.#failed(asked)
    this.#failures = 0
    this.#forget(remove, answer.kept)
    for (const one of due) {
      const report = answer.runs.get(one.run.id)
      if (report === undefined || this.#runs.get(one.run.id) !== one) continue
      const progress = await one.run.take(report, bytes, asked.hostKey)
      this.#again(one, progress, nowMs)
    }
  }

  /** One that was nudged while it was asked for is asked for once more. */
  #again(one: Due, progress: Progress, askedMs: number): void {
    const wasNudged = one.atMs === 0 && this.#wake.signal.aborted
    if (progress !== 'nothing') one.pauseMs = FIRST_PAUSE_MS
    one.atMs = progress === 'full' || wasNudged ? askedMs : this.#where.clock.monotonicMs() + one.pauseMs
    if (progress === 'nothing') one.pauseMs = Math.min(LONGEST_PAUSE_MS, one.pauseMs * GROWTH)
  }

  #failed(asked: Asked): void {
    this.#failures += 1
    const { host } = this.#where
    const why = asked.kind === 'not_started' ? asked.code : asked.kind
    this.#log.debug('Detached commands: no answer', { host, why, times: this.#failures })
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
        removal.fromMs = this.#where.clock.monotonicMs() + removal.failures * KEEP_MS
        continue
      }
      this.#removals.delete(id)
      if (kept.includes(id))
        this.#log.warn('A detached command left its directory behind', { host: this.#where.host, id })
    }
  }
}
