import type { ErrorCode } from './errors.ts'
import type { HostName, HostView } from './host.ts'

/** How a permitted call ended. Denials are decisions, not outcomes. */
export type Outcome =
  | RunOutcome
  | { readonly kind: 'hosts'; readonly hosts: readonly HostView[] }
  | { readonly kind: 'directory'; readonly host: HostName; readonly path: string; readonly session?: string }
  | { readonly kind: 'session_opened'; readonly session: SessionSummary }
  | { readonly kind: 'session_closed'; readonly host: HostName; readonly closed: boolean }
  | { readonly kind: 'stats'; readonly stats: SessionStats }
  | NotStarted

/** Nothing reached the host's shell: safe to try again once the cause is mended. */
export interface NotStarted {
  readonly kind: 'not_started'
  readonly code: ErrorCode
  /** For the caller: what was tried, on which host (by name), what to do. No address, user or credential. */
  readonly message: string
  /** For the operator's log alone, which may name an address, a user or a key file here. No credential either. */
  readonly detail?: string
}

/** A command that was, or may have been, started. */
export interface RunOutcome {
  readonly kind: 'ran'
  readonly host: HostName
  readonly command: string
  readonly end: RunEnd
  readonly stdout: Captured
  readonly stderr: Captured
  /** Both streams in the order in which they arrived. */
  readonly output: Captured
  readonly durationMs: number
  readonly session?: SessionAfter
  /** The fingerprint of the host key that was verified, for the audit. */
  readonly hostKey?: string
}

export type RunEnd =
  | { readonly how: 'exited'; readonly code: number }
  /** The command died of a signal that the bridge did not send. `TERM`, without `SIG`. */
  | { readonly how: 'killed'; readonly signal: string }
  | { readonly how: 'timed_out'; readonly afterMs: number; readonly remote: RemoteEvidence }
  | { readonly how: 'cancelled'; readonly remote: RemoteEvidence }
  /** The connection was lost: the command may have run, may still run. Never success, never repeated by the bridge. */
  | { readonly how: 'unknown'; readonly reason: string }

/** What is known of the remote process group after it was told to stop. `stopped` only when the host said that it is gone. */
export type RemoteEvidence =
  | { readonly state: 'stopped'; readonly processGroup: number; readonly by: 'TERM' | 'KILL' }
  | { readonly state: 'still_running'; readonly processGroup: number }
  | { readonly state: 'unknown'; readonly reason: string }

/** A stream of bounded memory: the beginning and the end are kept, the middle is counted. */
export interface Captured {
  readonly head: string
  /** Empty when nothing was left out. */
  readonly tail: string
  readonly totalBytes: number
  /** Bytes between head and tail that were not kept. */
  readonly omittedBytes: number
  /** Bytes that were not UTF-8 and became U+FFFD. */
  readonly invalidBytes: number
}

/** What became of the session's state: saved, or kept as it was before the call, and why. */
export interface SessionAfter {
  readonly id: string
  readonly workingDirectory: string
  readonly state: 'saved' | 'kept'
  /** With `kept`: in words, e.g. `the shell was replaced (exec) or ended by a signal`. */
  readonly reason?: string
}

export interface SessionSummary {
  /** The handle: `ses_` and 128 random bits. Belongs to one principal. */
  readonly id: string
  readonly name?: string
  readonly host: HostName
  readonly shell: string
  readonly workingDirectory: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  /** Commands run in it so far. */
  readonly commands: number
}

/** Of the asking principal only; counts of others are never shown. */
export interface SessionStats {
  readonly sessions: readonly SessionSummary[]
  readonly connections: readonly {
    readonly host: HostName
    readonly connections: number
    readonly running: number
  }[]
  readonly limits: { readonly maxSessionsPerHost: number; readonly idleTimeoutMs: number }
}
