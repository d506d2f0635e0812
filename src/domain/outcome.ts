import type { CommandSummary } from './command.ts'
import type { ErrorCode } from './errors.ts'
import type { HostFacts } from './facts.ts'
import type { FileOutcome } from './file.ts'
import type { HostName, HostPage } from './host.ts'
import type { TerminalReading } from './terminal.ts'

/** How a permitted call ended. Denials are decisions, not outcomes. */
export type Outcome =
  | RunOutcome
  | ({ readonly kind: 'hosts' } & HostPage)
  | { readonly kind: 'directory'; readonly host: HostName; readonly path: string; readonly session?: string }
  | { readonly kind: 'session_opened'; readonly session: SessionSummary }
  | { readonly kind: 'session_closed'; readonly host: HostName; readonly closed: boolean }
  | { readonly kind: 'stats'; readonly stats: SessionStats }
  | { readonly kind: 'facts'; readonly facts: HostFacts }
  | FileOutcome
  | { readonly kind: 'terminal_opened' | 'terminal_used'; readonly reading: TerminalReading }
  | LeftRunning
  | NotStarted

/** A detached command of which the bridge let go because it stops: it is taken up again at the next start. */
export interface LeftRunning {
  readonly kind: 'left_running'
}

/** Nothing reached the host's shell: safe to try again once the cause is mended. */
export interface NotStarted {
  readonly kind: 'not_started'
  readonly code: ErrorCode
  /** For the caller: what was tried, on which host (by name), what to do. No address, user or credential. */
  readonly message: string
  /** For the operator's log alone, which may name an address, a user or a key file here. No credential either. */
  readonly detail?: string
}

/** A command that was, or may have been, started. Its output went into the sink. */
export interface RunOutcome {
  readonly kind: 'ran'
  readonly host: HostName
  readonly command: string
  readonly end: RunEnd
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
  /** It was called off before the host had begun it, and it never will be. */
  | { readonly state: 'not_begun'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string }

/** What became of the session's state: saved, or kept as it was before the call, and why. */
export interface SessionAfter {
  readonly id: string
  readonly workingDirectory: string
  readonly state: 'saved' | 'kept'
  /** With `kept`: in words, e.g. `the shell was replaced (exec) or ended by a signal`. */
  readonly reason?: string
}

export interface SessionSummary {
  /** The handle: `ses_` (a terminal: `term_`) and 128 random bits. Belongs to one principal. */
  readonly id: string
  readonly kind: 'shell' | 'terminal'
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
  /** Running ones, and those that ended lately: latest first. */
  readonly commands: readonly CommandSummary[]
  readonly limits: { readonly maxSessionsPerHost: number; readonly idleTimeoutMs: number }
}
