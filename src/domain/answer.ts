import type { DenyReason } from './decision.ts'
import type { ErrorCode } from './errors.ts'
import type { HostName, HostView } from './host.ts'
import type { RunEnd, SessionAfter, SessionStats, SessionSummary } from './outcome.ts'

/** What the caller is told: the outcome, redacted and cut to size. */
export type Answer =
  | RunAnswer
  | { readonly kind: 'hosts'; readonly hosts: readonly HostView[] }
  | { readonly kind: 'directory'; readonly host: HostName; readonly path: string; readonly session?: string }
  | { readonly kind: 'session_opened'; readonly session: SessionSummary }
  | { readonly kind: 'session_closed'; readonly host: HostName; readonly closed: boolean }
  | { readonly kind: 'stats'; readonly stats: SessionStats }
  | { readonly kind: 'denied'; readonly reason: DenyReason }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }

export interface RunAnswer {
  readonly kind: 'ran'
  readonly host: HostName
  readonly command: string
  readonly end: RunEnd
  /** True only for exit status 0. */
  readonly success: boolean
  readonly stdout: string
  readonly stderr: string
  /** Both streams as they came, with a line that says what was left out where something was. */
  readonly output: string
  readonly truncated: boolean
  readonly stdoutBytes: number
  readonly stderrBytes: number
  /** How many secrets were replaced by `[redacted]`. */
  readonly redactions: number
  readonly durationMs: number
  readonly session?: SessionAfter
}
