import { constants } from 'node:os'
import type { OutputSink, OutputStream } from '../../domain/command.ts'
import type { HostName } from '../../domain/host.ts'
import type { NotStarted, RunEnd } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { never } from '../../lib/never.ts'
import type { Followed } from './host-follower.ts'
import type { Piece, RemoteState, RunReport } from './poll-answer.ts'

/** A run that was begun and does not run after so long must not begin any more: whoever should have started it is gone. */
const OVERDUE_MS = 15_000
/** The host says that a run has ended and does not give the rest of its output: how often that is believed to come still. */
const MOST_EMPTY_ANSWERS = 10
const FILLER_BYTES = 64 * 1024

export type FollowedEnd =
  | { readonly kind: 'ended'; readonly end: RunEnd; readonly seconds?: number }
  | { readonly kind: 'gone' }
  | NotStarted

/** One run as the host tells of it: its output goes into the sink, whole and in order, and `ended` resolves when there is no more. */
export class FollowedRun implements Followed {
  readonly id: string
  readonly ended: Promise<FollowedEnd>
  readonly #host: HostName
  readonly #sink: OutputSink
  readonly #clock: Clock
  readonly #sinceMs: number
  readonly #offsets: Record<OutputStream, number>
  #resolve: (end: FollowedEnd) => void = () => {}
  #waiters: ((report: RunReport) => void)[] = []
  #isOver = false
  #hasBegun = false
  #mustNotBegin = false
  #isMute = false
  #emptyAnswers = 0
  #hostKey: string | undefined

  constructor(id: string, host: HostName, sink: OutputSink, clock: Clock) {
    this.id = id
    this.#host = host
    this.#sink = sink
    this.#clock = clock
    this.#sinceMs = clock.monotonicMs()
    this.#offsets = { ...sink.taken }
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  get offsets(): Readonly<Record<OutputStream, number>> {
    return this.#offsets
  }

  get isOverdue(): boolean {
    if (this.#hasBegun) return false
    return this.#mustNotBegin || this.#clock.monotonicMs() - this.#sinceMs > OVERDUE_MS
  }

  get hostKey(): string | undefined {
    return this.#hostKey
  }

  /** Should it not have begun yet, it never will. */
  forbid(): void {
    this.#mustNotBegin = true
  }

  /** Its caller was answered: nobody takes its output any more. */
  mute(): void {
    this.#isMute = true
  }

  /** What the host says next. */
  nextReport(): Promise<RunReport> {
    return new Promise((resolve) => this.#waiters.push(resolve))
  }

  async take(report: RunReport, askedBytes: number, hostKey: string): Promise<'nothing' | 'news' | 'full'> {
    this.#hostKey = hostKey
    if (!this.#hasBegun && (report.state.kind === 'running' || report.state.kind === 'ended')) {
      this.#hasBegun = true
      if (!this.#isMute) this.#sink.begun()
    }
    const before = this.#offsets.stdout + this.#offsets.stderr
    for (const stream of ['stdout', 'stderr'] as const)
      for (const piece of report.pieces[stream]) await this.#push(stream, piece)
    const bytes = this.#offsets.stdout + this.#offsets.stderr - before
    for (const tell of this.#waiters.splice(0)) tell(report)
    if (!this.#isOver) await this.#judge(report, bytes)
    if (bytes >= askedBytes / 2) return 'full'
    return bytes > 0 ? 'news' : 'nothing'
  }

  async #push(stream: OutputStream, { offset, bytes }: Piece): Promise<void> {
    if (this.#isMute) return
    for (let missing = offset - this.#offsets[stream]; missing > 0; ) {
      // The host has removed what it believed to be safe here. Offsets keep their meaning.
      const words = Buffer.alloc(Math.min(missing, FILLER_BYTES), '\n')
      words.write('\n[ssh-mcp-bridge: output was lost here]')
      missing -= words.length
      this.#offsets[stream] += words.length
      await this.#sink.push(stream, words)
    }
    const fresh = bytes.subarray(this.#offsets[stream] - offset)
    if (fresh.length === 0) return
    this.#offsets[stream] += fresh.length
    await this.#sink.push(stream, fresh)
  }

  async #judge({ state, supervisor, room }: RunReport, bytes: number): Promise<void> {
    this.#emptyAnswers = bytes > 0 ? 0 : this.#emptyAnswers + 1
    switch (state.kind) {
      case 'changing':
      case 'waiting':
        return
      case 'gone':
        return this.#finish({ kind: 'gone' })
      case 'dropped':
      case 'not_run':
        return this.#finish(neverRan(this.#host))
      case 'running':
        if (bytes > 0 || (supervisor !== 'dead' && supervisor !== 'rebooted')) return
        return this.#finish({ kind: 'ended', end: { how: 'unknown', reason: LOST[supervisor] } })
      case 'ended': {
        const isWhole = (['stdout', 'stderr'] as const).every(
          (name) => this.#offsets[name] >= state.bytes[name],
        )
        if (!isWhole && !this.#isMute && this.#emptyAnswers < MOST_EMPTY_ANSWERS) return
        // Taken up again after it was told before: it stands behind all that the host has.
        const wasTold = this.#sink.taken.stderr > state.bytes.stderr
        for (const stream of ['stdout', 'stderr'] as const) {
          const { [stream]: had } = room
          const unread = state.bytes[stream] - this.#offsets[stream]
          const lost = had.kind === 'cut' ? (had.lostBytes ?? 'some more') : unread > 0 ? unread : undefined
          if (lost !== undefined && !wasTold && !this.#isMute)
            await this.#sink.push('stderr', notKept(stream, lost))
        }
        return this.#finish({ kind: 'ended', end: endOf(state), seconds: state.seconds })
      }
      default:
        return never(state)
    }
  }

  #finish(end: FollowedEnd): void {
    this.#isOver = true
    this.#resolve(end)
  }
}

const LOST = {
  dead: 'what stayed with the command on the host was ended from outside, so nobody saw how the command ended',
  rebooted: 'the host was restarted while it ran',
} as const

function endOf({ status, wasKilled }: Extract<RemoteState, { kind: 'ended' }>): RunEnd {
  if (!wasKilled) return { how: 'exited', code: status }
  const number = status - 128
  const [name] = Object.entries(constants.signals).find(([, value]) => value === number) ?? [`SIG${number}`]
  return { how: 'killed', signal: name.slice('SIG'.length) }
}

function notKept(stream: OutputStream, bytes: number | string): Buffer {
  return Buffer.from(
    `\nssh-mcp-bridge: the host had no room for all of it: ${bytes} bytes of ${stream} were not kept\n`,
  )
}

function neverRan(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${host} could not start the command: it has no process or no room left for one. Nothing was run.`,
  }
}
