import type { Cleaned } from './cleaned.ts'
import type { CommandId } from './command.ts'
import type { ErrorCode } from './errors.ts'
import type { HostName } from './host.ts'

/** One command on many hosts. Each host's run is a call of its own, with its own decision, records and command. */
export interface RunOnHostsAction {
  readonly kind: 'run_on_hosts'
  /** Names, globs (`web-*`) and `tag:NAME`; a leading `!` takes hosts out again. Matched among the hosts the caller may use. */
  readonly hosts: readonly string[]
  readonly command: string
  readonly sudo?: boolean
  readonly workingDirectory?: string
  /** For each host. */
  readonly timeoutMs: number
  /** For all of them together. */
  readonly deadlineMs: number
  /** At the same time. Absent, or more than the configuration allows: as many as that. */
  readonly maxParallel?: number
  /** Hosts of one batch; the next begins when it is over. Absent: one batch of all. */
  readonly batchSize?: number
  /** No further host is begun once so many have failed. Absent: none of them stops the others. */
  readonly stopAfterFailures?: number
  /** So many hosts first, alone; the others only when all of these succeeded. 0: none. */
  readonly canary: number
}

/** Hosts of which the same came out. */
export interface FanOutGroup {
  readonly hosts: readonly HostName[]
  /** In the order of `hosts`: by these the whole output of each is read. Nothing was begun where the result is unreachable or denied. */
  readonly commands: readonly CommandId[]
  readonly result:
    | { readonly kind: 'exited'; readonly code: number }
    | { readonly kind: 'killed'; readonly signal: string }
    /** The command was begun and did not end by itself, or nobody knows. */
    | { readonly kind: 'timed_out' | 'cancelled' | 'unknown'; readonly reason: string }
    /** The host could not be reached or used; nothing was run on it. */
    | { readonly kind: 'unreachable'; readonly code: ErrorCode; readonly reason: string }
    | { readonly kind: 'denied'; readonly code: ErrorCode; readonly reason: string }
  /** The same for all of them; its middle left out and counted where it is long. */
  readonly output: string
  readonly outputBytes: number
  readonly truncated: boolean
}

export interface FanOutReport {
  readonly command: string
  readonly selected: number
  readonly counts: {
    readonly succeeded: number
    /** Another exit status than 0, a signal, or out of time. */
    readonly failed: number
    readonly unreachable: number
    readonly denied: number
    readonly cancelled: number
    readonly unknown: number
    /** Not begun: a canary failed, too many failures, the deadline, or the caller cancelled. */
    readonly skipped: number
  }
  /** Why hosts were skipped. */
  readonly stoppedBecause?: 'canary_failed' | 'failures' | 'deadline' | 'cancelled'
  /** The largest group first among the successes; before them those that differ: failures, unknown, unreachable. */
  readonly groups: readonly FanOutGroup[]
  /** Groups beyond those told, and what there is to read of them. */
  readonly omittedGroups: number
  readonly omittedHosts: readonly { readonly host: HostName; readonly command: CommandId }[]
  readonly skippedHosts: readonly HostName[]
  /** Of all hosts together. */
  readonly cleaned: Cleaned
  readonly durationMs: number
}
