import type { Answer } from '../../domain/answer.ts'
import type { Call, RunAction } from '../../domain/call.ts'
import { allCleaned, NOTHING_CLEANED } from '../../domain/cleaned.ts'
import { type CommandId, commandIdOf } from '../../domain/command.ts'
import { BridgeError } from '../../domain/errors.ts'
import type { FanOutReport, RunOnHostsAction } from '../../domain/fan-out.ts'
import type { HostName, Hosts } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Progress } from '../../domain/progress.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomId } from '../../lib/ids.ts'
import { FanOutProgress } from './fan-out-progress.ts'
import { Folding } from './folding.ts'
import { type HostResult, hostResult } from './host-result.ts'
import { inParallel } from './in-parallel.ts'
import { type Reach, selectHosts } from './select-hosts.ts'
import { Tally } from './tally.ts'

export interface FanOutLimits {
  readonly maxHosts: number
  readonly maxParallel: number
}

export interface FanOutDeps {
  readonly hosts: Hosts
  readonly clock: Clock
  readonly limits: FanOutLimits
  /** What the rules say to the call on one host. */
  readonly reach: (child: Call) => Reach
  /** Whether the caller may run one more command at the same time. */
  readonly hasTurn: () => boolean
  /** Resolves when it may, or the signal has aborted; its place is kept until it is given back. */
  readonly turn: (signal: AbortSignal) => Promise<() => void>
  /** The one way, for the call on each host. */
  readonly perform: (child: Call, signal: AbortSignal) => Promise<Answer>
  /** Of all that a command has printed; undefined when not all of it was kept. */
  readonly digestOf: (command: CommandId) => Promise<string | undefined>
}

type FanOutCall = Call & { readonly action: RunOnHostsAction }
type StoppedBecause = NonNullable<FanOutReport['stoppedBecause']>

/** How long beyond its own time a command is waited for: told to stop, it is killed and looked for within that. */
const ENDING_MS = 60_000

/**
 * One command on many hosts, each by a call of its own: decided, recorded and run like any other. Resolves when every host that was
 * begun is over, with what came out folded; memory is bounded by the number of hosts, not by what they print.
 *
 * Aborting `signal` ends the commands that run and begins no more; the report then says what is known of each.
 */
export async function runOnHosts(
  call: FanOutCall,
  deps: FanOutDeps,
  signal: AbortSignal,
  progress: Progress,
): Promise<{ readonly kind: 'ran_on_hosts'; readonly report: FanOutReport } | NotStarted> {
  const { action } = call
  const selection = selectHosts(action.hosts, {
    hosts: deps.hosts,
    maxHosts: deps.limits.maxHosts,
    reach: ({ name }) => deps.reach(childOf(call, name, action.timeoutMs, deps.clock)),
  })
  if (selection.kind === 'not_started') return selection

  const { hosts, refused } = selection
  const fanOut = new FanOut(call, deps, signal, progress, hosts.length + refused.length)
  // Refused by their own calls, on record; they cost nothing, and stop nothing.
  await fanOut.runAll(refused)
  const canaries = hosts.slice(0, action.canary)
  await fanOut.runAll(canaries)
  if (fanOut.tally.succeeded < canaries.length) fanOut.stop('canary_failed')
  const others = hosts.slice(canaries.length)
  const batchSize = action.batchSize ?? Math.max(1, others.length)
  for (let from = 0; from < others.length; from += batchSize)
    await fanOut.runAll(others.slice(from, from + batchSize))
  return { kind: 'ran_on_hosts', report: fanOut.report([...refused, ...hosts].sort()) }
}

class FanOut {
  readonly tally = new Tally()
  readonly #call: FanOutCall
  readonly #deps: FanOutDeps
  readonly #signal: AbortSignal
  readonly #progress: FanOutProgress
  readonly #folding = new Folding()
  readonly #begun = new Set<HostName>()
  readonly #startedMs: number
  readonly #width: number
  #cleaned = NOTHING_CLEANED
  #stopped: StoppedBecause | undefined
  #defect: { readonly cause: unknown } | undefined

  constructor(call: FanOutCall, deps: FanOutDeps, signal: AbortSignal, progress: Progress, total: number) {
    this.#call = call
    this.#deps = deps
    this.#signal = signal
    this.#progress = new FanOutProgress(progress, deps.clock, this.tally, total)
    this.#startedMs = deps.clock.monotonicMs()
    const { maxParallel } = deps.limits
    this.#width = Math.min(call.action.maxParallel ?? maxParallel, maxParallel)
  }

  /** No further host is begun, for the first reason that there was. */
  stop(reason: StoppedBecause): void {
    this.#stopped ??= reason
  }

  /** Resolves when those that were begun are over. Rejects with what a defect threw, and only then. */
  async runAll(hosts: readonly HostName[]): Promise<void> {
    await inParallel(
      hosts,
      this.#width,
      () => this.#mayGoOn(),
      (host) => this.#run(host),
    )
    if (this.#defect === undefined) return
    this.#progress.close()
    throw this.#defect.cause
  }

  report(selected: readonly HostName[]): FanOutReport {
    this.#progress.close()
    const skippedHosts = selected.filter((host) => !this.#begun.has(host))
    return {
      command: this.#call.action.command,
      selected: selected.length,
      counts: this.tally.counts(skippedHosts.length),
      ...(skippedHosts.length > 0 && this.#stopped && { stoppedBecause: this.#stopped }),
      ...this.#folding.told(),
      skippedHosts,
      cleaned: this.#cleaned,
      durationMs: Math.round(this.#deps.clock.monotonicMs() - this.#startedMs),
    }
  }

  #mayGoOn(): boolean {
    const { stopAfterFailures = Number.POSITIVE_INFINITY } = this.#call.action
    if (this.#signal.aborted) this.stop('cancelled')
    if (this.#leftMs() <= 0) this.stop('deadline')
    if (this.tally.failures >= stopAfterFailures) this.stop('failures')
    return this.#stopped === undefined && this.#defect === undefined
  }

  #leftMs(): number {
    return Math.floor(this.#startedMs + this.#call.action.deadlineMs - this.#deps.clock.monotonicMs())
  }

  async #run(host: HostName): Promise<void> {
    const giveBack = this.#deps.hasTurn() ? undefined : await this.#turn()
    // For its command, which takes it in this turn.
    giveBack?.()
    if (giveBack !== undefined && !this.#mayGoOn()) return
    this.#begun.add(host)
    const { timeoutMs: ownMs } = this.#call.action
    const leftMs = this.#leftMs()
    const timeoutMs = Math.min(ownMs, leftMs)
    const child = childOf(this.#call, host, timeoutMs, this.#deps.clock)
    try {
      const { digestOf } = this.#deps
      const command = commandIdOf(child)
      const answer = await this.#deps.perform(child, this.#signal)
      this.#note(
        await hostResult(answer, { host, command, timeoutMs, untilDeadline: leftMs < ownMs, digestOf }),
      )
    } catch (cause) {
      if (cause instanceof BridgeError) this.#note(lost(host, commandIdOf(child), cause.message))
      else this.#defect ??= { cause }
    }
  }

  /** Until there is room for one more, or no host may be begun any more. */
  async #turn(): Promise<() => void> {
    const over = new AbortController()
    const late = this.#deps.clock.sleep(Math.max(0, this.#leftMs()), over.signal).catch(() => undefined)
    const waiting = new AbortController()
    void late.then(() => waiting.abort('late'))
    const giveBack = await this.#deps.turn(AbortSignal.any([this.#signal, waiting.signal]))
    over.abort('over')
    return giveBack
  }

  #note(result: HostResult): void {
    this.tally.note(result.result)
    this.#cleaned = allCleaned([this.#cleaned, result.cleaned])
    this.#folding.add(result)
    this.#progress.note(result.host, result.result)
  }
}

function childOf(
  call: FanOutCall,
  host: HostName,
  timeoutMs: number,
  clock: Clock,
): Call & { action: RunAction } {
  const { command, workingDirectory, sudo } = call.action
  return {
    ...call,
    id: randomId('call'),
    parent: call.id,
    receivedAt: clock.now(),
    action: {
      kind: 'run',
      host,
      command,
      ...(workingDirectory !== undefined && { workingDirectory }),
      ...(sudo !== undefined && { sudo }),
      timeoutMs,
      waitMs: timeoutMs + ENDING_MS,
    },
  }
}

/** The audit log failed under the call: its message says whether anything was run. */
function lost(host: HostName, command: CommandId, reason: string): HostResult {
  const result = { kind: 'unknown', reason } as const
  return {
    host,
    command,
    result,
    output: '',
    outputBytes: 0,
    truncated: false,
    digest: '',
    cleaned: NOTHING_CLEANED,
  }
}
