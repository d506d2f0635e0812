import type { ApprovalView, GrantView } from './approval.ts'
import type { ReadAuditAnswer } from './audit-reading.ts'
import type { Call } from './call.ts'
import type { ChangeSummary } from './change.ts'
import type { Check, CheckCommandAction } from './check.ts'
import type { Cleaned } from './cleaned.ts'
import type { CommandId, CommandState, OutputStream } from './command.ts'
import type { DenyReason } from './decision.ts'
import type { ErrorCode } from './errors.ts'
import type { HostFacts } from './facts.ts'
import type { FanOutReport } from './fan-out.ts'
import type { FileAnswer } from './file.ts'
import type { HostName, HostPage } from './host.ts'
import type { Lock } from './lock.ts'
import type { RunEnd, SessionAfter, SessionStats, SessionSummary } from './outcome.ts'
import type { Receipt } from './receipt.ts'
import type { ReadRecordingAnswer } from './recording-reading.ts'
import type { ReplayRulesAnswer } from './replay.ts'
import type { Taint } from './taint.ts'
import type { TerminalView } from './terminal.ts'

/** What the caller is told: the outcome, redacted and cut to size. */
export type Answer = Told & {
  /** It shows what others may have written, and from now on the caller counts as tainted: where that stood. */
  readonly tainted?: string
}

type Told =
  | RunAnswer
  | ({ readonly kind: 'hosts' } & HostPage)
  | { readonly kind: 'directory'; readonly host: HostName; readonly path: string; readonly session?: string }
  | { readonly kind: 'session_opened'; readonly session: SessionSummary }
  | { readonly kind: 'session_closed'; readonly host: HostName; readonly closed: boolean }
  | { readonly kind: 'stats'; readonly stats: SessionStats }
  | { readonly kind: 'facts'; readonly facts: HostFacts }
  | { readonly kind: 'ran_on_hosts'; readonly report: FanOutReport }
  | { readonly kind: 'checked'; readonly action: CheckCommandAction; readonly check: Check }
  | OutputPage
  /** Latest first; `total` are kept. */
  | {
      readonly kind: 'changes'
      readonly changes: readonly ChangeSummary[]
      readonly total: number
      readonly cleaned: Cleaned
    }
  | CancelAnswer
  | WaitingAnswer
  | { readonly kind: 'approvals'; readonly approvals: readonly ApprovalView[] }
  | { readonly kind: 'approval_answered'; readonly approval: ApprovalView }
  | { readonly kind: 'grants'; readonly grants: readonly GrantView[] }
  | { readonly kind: 'grant_revoked'; readonly grant: string }
  | (FileAnswer & { readonly cleaned: Cleaned })
  | { readonly kind: 'terminal_opened'; readonly view: TerminalView; readonly cleaned: Cleaned }
  | { readonly kind: 'terminal_used'; readonly view: TerminalView; readonly cleaned: Cleaned }
  | LockAnswer
  | TaintAnswer
  | ReadAuditAnswer
  | ReadRecordingAnswer
  | ReplayRulesAnswer
  | { readonly kind: 'denied'; readonly reason: DenyReason }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }

/** A call was not carried out yet: somebody has to say yes first. */
export interface WaitingAnswer {
  readonly kind: 'waiting_approval'
  readonly commandId: CommandId
  /** Exactly as it was asked: what a confirmation has to be about. Never told. */
  readonly call: Call
  /** The command of one that runs, as it may be told. */
  readonly command?: string
  readonly rule: string
  readonly needed: number
  readonly approvers: readonly string[]
  readonly expiresAt: Date
  readonly understood: readonly string[]
  /** Where an approver finds it; absent while the bridge serves no HTTP. */
  readonly url?: string
  /** The caller's own client may confirm it. */
  readonly mayConfirm: boolean
  /** The same was asked before and waits still: no second request was made. */
  readonly isRepeat: boolean
}

/** What came of looking after taints. */
export type TaintAnswer =
  | { readonly kind: 'taints'; readonly taints: readonly Taint[] }
  | { readonly kind: 'taint_cleared'; readonly taint: Taint }

/** What came of an operator's lock. */
export type LockAnswer =
  | { readonly kind: 'locks'; readonly locks: readonly Lock[] }
  /** `endedCalls`: calls that were being carried out and are ended now, commands in the background too. */
  | { readonly kind: 'lock_added'; readonly lock: Lock; readonly endedCalls: number }
  | { readonly kind: 'lock_removed'; readonly lock: Lock }

export interface RunAnswer {
  readonly kind: 'ran'
  /** Of one that has ended, where receipts are asked for. */
  readonly receipt?: Receipt
  readonly host: HostName
  readonly command: string
  readonly commandId: CommandId
  readonly state: CommandState
  /** `running`: it goes on; what there is of its output so far is in the answer, the rest comes by its id. */
  readonly end: RunEnd | { readonly how: 'running'; readonly detached: boolean }
  /** An idempotency key was given that had begun this command before: nothing was run for this call. */
  readonly isRepeat: boolean
  /** True only for exit status 0. */
  readonly success: boolean
  readonly stdout: string
  readonly stderr: string
  /** Both streams as they came, with a line that says what was left out where something was. */
  readonly output: string
  readonly truncated: boolean
  readonly stdoutBytes: number
  readonly stderrBytes: number
  readonly cleaned: Cleaned
  readonly durationMs: number
  readonly session?: SessionAfter
}

/** A piece of a command's output. */
export interface OutputPage {
  readonly kind: 'command_output'
  readonly commandId: CommandId
  readonly host: HostName
  readonly command: string
  readonly state: CommandState
  /** Absent while it runs, and when it never did. */
  readonly end?: RunEnd
  /** What it waits for, with state `waiting_approval`. */
  readonly notice?: string
  /** Why it was not run, with state `failed`. */
  readonly failure?: { readonly code: ErrorCode; readonly message: string }
  readonly stream: OutputStream | 'output'
  readonly text: string
  /** Bytes of the stream, redaction not counted: this page begins at `offset`, the next one at `nextOffset`. */
  readonly offset: number
  readonly nextOffset: number
  /** What the command has printed to the stream so far, and how much of it is kept from the beginning on. */
  readonly totalBytes: number
  readonly keptBytes: number
  /** There is more to read now, or the command still runs. */
  readonly hasMore: boolean
  /** With a pattern: how many lines matched, each with its number counted from the page's offset. */
  readonly matches?: number
  readonly cleaned: Cleaned
  readonly durationMs: number
}

export interface CancelAnswer {
  readonly kind: 'command_cancelled'
  readonly commandId: CommandId
  readonly host: HostName
  readonly command: string
  readonly state: CommandState
  /** False when it had ended before. */
  readonly cancelled: boolean
  /** How it ended; with `remote`, what the host said of its processes. */
  readonly end?: RunEnd
}
