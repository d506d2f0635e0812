import type { Call } from '../../domain/call.ts'
import type { CommandId, OutputSink } from '../../domain/command.ts'
import type { HostTarget } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { LeftRunning, NotStarted, RemoteEvidence, RunEnd, RunOutcome } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Pool } from '../pool/pool.ts'
import type { Where } from './ask-host.ts'
import { endRun } from './end-run.ts'
import { FollowedRun } from './followed-run.ts'
import { HostFollower } from './host-follower.ts'
import type { Why } from './life.ts'
import { refusalOf, stopping } from './refusals.ts'
import { type RunRequest, runOutcome, runRequest } from './run-request.ts'
import { claimRun, startRun } from './start-run.ts'

/** What of each stream may lie on a host: half of a gigabyte. */
const KEPT_BYTES = 512 * 1024 * 1024
/** How long an asking for a run that must not begin any more may take. */
const CLAIM_MS = 15_000
/** How long whoever cancels waits for a host that cannot be reached, and for how long that host is asked. */
const PATIENCE_MS = 10_000
const DAY_MS = 86_400_000

export interface DetachedRunsOptions {
  readonly pool: Pool
  readonly clock: Clock
  readonly log: Log
  readonly keptBytes?: number
  readonly patienceMs?: number
}

type Ended = RunOutcome | NotStarted | LeftRunning

/**
 * Commands that outlive everything: they run under a supervisor on the host, so that neither a lost connection nor the end of this
 * process ends them. Each begins exactly once. Aborting the signal with `shutting_down` lets go of one and leaves it alone; with any
 * other reason it is ended on the host.
 */
export class DetachedRuns {
  readonly #settings: { readonly pool: Pool; readonly clock: Clock; readonly keptBytes: number }
  readonly #clock: Clock
  readonly #log: Log
  readonly #patienceMs: number
  readonly #followers = new Map<string, HostFollower>()

  constructor({ pool, clock, log, ...options }: DetachedRunsOptions) {
    this.#settings = { pool, clock, keptBytes: options.keptBytes ?? KEPT_BYTES }
    this.#clock = clock
    this.#log = log
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS
  }

  /** Begins the command of `call` and follows it to its end; what is left of it on the host is removed shortly after. */
  async run(
    owner: string,
    call: Call,
    target: HostTarget,
    sink: OutputSink,
    signal: AbortSignal,
  ): Promise<Ended> {
    const request = {
      ...runRequest({ owner, call, target, sink, signal }, this.#settings),
      startedMs: this.#clock.monotonicMs(),
    }
    const { where, plan, life } = request
    try {
      const refused = refusalOf(request.action, target)
      if (refused !== undefined) return refused
      const started = await startRun(where, plan, target, life.signal)
      switch (started.kind) {
        case 'begun':
          return await this.#follow(request, started.wasRepeated)
        case 'not_started':
          return started
        case 'unsure':
          return runOutcome(request, { how: 'unknown', reason: UNSURE })
        case 'aborted':
          return await this.#abortedBefore(request, started.maySent)
      }
    } finally {
      life.settle()
    }
  }

  /** Follows a command that an earlier process of the bridge began, from `sink.taken` on. Never begins anything. */
  async resume(
    owner: string,
    call: Call,
    target: HostTarget,
    sink: OutputSink,
    signal: AbortSignal,
  ): Promise<Ended> {
    const request = runRequest({ owner, call, target, sink, signal }, this.#settings)
    try {
      return await this.#follow(request)
    } finally {
      request.life.settle()
    }
  }

  /** Somebody waits for this command: its host is asked at once. */
  nudge(id: CommandId): void {
    for (const follower of this.#followers.values()) follower.nudge(id)
  }

  /** Lets go of everything. What runs on hosts goes on. */
  close(): void {
    for (const follower of this.#followers.values()) follower.close()
    this.#followers.clear()
  }

  /** `wasRepeated`: its beginning was asked for more than once. */
  async #follow(request: RunRequest, wasRepeated = false): Promise<Ended> {
    const { where, plan, sink, life } = request
    const run = new FollowedRun(plan.id, where.host, sink, this.#clock)
    const follower = this.#follower(where)
    follower.follow(run)
    const first = await Promise.race([run.ended, life.whenOver])
    const remote =
      first === undefined
        ? await Promise.race([this.#end(request, run, follower), life.whenLeft.then(() => 'left' as const)])
        : undefined
    // Nobody takes any output of it from here on, should some still be on its way.
    run.mute()
    if (remote === 'left') {
      follower.leave(run)
      return { kind: 'left_running' }
    }
    const ended = first ?? (remote === undefined ? await run.ended : undefined)
    if (life.why !== 'cancelled' || remote?.state !== 'unknown') follower.leave(run)
    if (remote?.state === 'stopped' || ended?.kind === 'ended') follower.remove(plan.id, wasRepeated)
    if (ended === undefined) return runOutcome(request, this.#cut(request, remote), run)
    if (ended.kind === 'ended')
      return runOutcome(request, ended.end, { hostKey: run.hostKey, seconds: ended.seconds })
    if (ended.kind === 'gone') {
      // Should an earlier asking to begin it still be on its way, it comes too late.
      await claimRun(where, plan, this.#limit(CLAIM_MS))
      return runOutcome(request, { how: 'unknown', reason: GONE }, run)
    }
    return first === undefined ? runOutcome(request, this.#cut(request, NOT_BEGUN), run) : ended
  }

  /**
   * One that timed out and whose host is away is waited for, because nobody waits for the answer. Whoever cancelled does, and is told that
   * it may still run; it is ended as soon as the host is back.
   */
  async #end(
    request: RunRequest,
    run: FollowedRun,
    follower: HostFollower,
  ): Promise<RemoteEvidence | undefined> {
    const { where, plan, target, life } = request
    const { mark, asRoot } = plan
    const toEnd = { where, follower, run, target, mark, asRoot, graceMs: life.graceMs }
    if (life.why === 'left') return life.whenLeft
    if (life.why === 'timed_out') return endRun(toEnd, DAY_MS)
    const remote = await endRun(toEnd, this.#patienceMs)
    if (remote?.state !== 'unknown') return remote
    void endRun(toEnd, DAY_MS).then((later) => {
      follower.leave(run)
      if (later === undefined || later.state === 'stopped') follower.remove(plan.id, false)
    })
    return remote
  }

  async #abortedBefore(request: RunRequest, maySent: boolean): Promise<Ended> {
    const { where, plan, life } = request
    if (life.why === 'left') return maySent ? { kind: 'left_running' } : stopping()
    if (!maySent) return runOutcome(request, this.#cut(request, NOT_SENT))
    switch (await claimRun(where, plan, this.#limit(CLAIM_MS))) {
      case 'begun':
        return this.#follow(request, true)
      case 'claimed':
        return runOutcome(request, this.#cut(request, NOT_BEGUN))
      default:
        return runOutcome(request, this.#cut(request, { state: 'unknown', reason: UNSURE }))
    }
  }

  #cut({ life, action }: RunRequest, remote: RemoteEvidence = NOT_BEGUN): RunEnd {
    const why: Why = life.why ?? 'cancelled'
    return why === 'timed_out'
      ? { how: 'timed_out', afterMs: action.timeoutMs, remote }
      : { how: 'cancelled', remote }
  }

  #follower(where: Where): HostFollower {
    const key = `${where.owner}\n${where.host}`
    const known = this.#followers.get(key)
    if (known !== undefined) return known
    const follower = new HostFollower(where, this.#log, () => {
      if (this.#followers.get(key) === follower) this.#followers.delete(key)
    })
    this.#followers.set(key, follower)
    return follower
  }

  #limit(ms: number): AbortSignal {
    const limit = new AbortController()
    void this.#clock.sleep(ms).then(() => limit.abort())
    return limit.signal
  }
}

const UNSURE =
  'the connection was lost when the command was handed over, and the host cannot tell whether it was begun'
const GONE = 'the host has nothing of it: it never began, or what was kept of it there was removed'
const NOT_SENT: RemoteEvidence = {
  state: 'not_begun',
  reason: 'it was cancelled before anything was sent to the host',
}
const NOT_BEGUN: RemoteEvidence = { state: 'not_begun', reason: 'it had not begun and cannot any more' }
