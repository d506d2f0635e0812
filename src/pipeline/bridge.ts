import type { Answer } from '../domain/answer.ts'
import type { AuditLog } from '../domain/audit.ts'
import type { AuditReader } from '../domain/audit-reading.ts'
import type { Call } from '../domain/call.ts'
import type { ChangeStore } from '../domain/change.ts'
import type { CommandId, OutputSink } from '../domain/command.ts'
import type { Hosts } from '../domain/host.ts'
import type { LeftRunning, NotStarted, Outcome, RunOutcome } from '../domain/outcome.ts'
import type { Peers } from '../domain/peers.ts'
import type { Permit } from '../domain/permit.ts'
import type { Progress } from '../domain/progress.ts'
import type { Receipts } from '../domain/receipt.ts'
import type { RecordingShelf } from '../domain/recording-reading.ts'
import type { ReplayRulesAction, ReplayRulesAnswer } from '../domain/replay.ts'
import type { RevealedSecrets } from '../domain/secret.ts'
import type { Clock } from '../lib/clock.ts'
import type { RuleSet } from '../policy/rule-set.ts'
import type { ApprovalBook } from './approvals/approval-book.ts'
import type { BudgetBook } from './budgets/budget-book.ts'
import type { CommandBook } from './commands/command-book.ts'
import type { Gate } from './gate.ts'
import type { LockBook } from './locks/lock-book.ts'
import type { Recorder } from './recording/recorder.ts'
import type { Redactor } from './redaction/redactor.ts'
import type { RunningCalls } from './running-calls.ts'
import type { SecretBook } from './secrets/secret-book.ts'
import type { TaintBook } from './taint/taint-book.ts'

/** What the one way needs of the world. `app.ts` makes it; tests may hand in parts of their own. */
export interface Bridge {
  readonly audit: AuditLog
  readonly auditReader: AuditReader
  readonly receipts?: Receipts
  readonly hosts: Hosts
  /** In force now; undefined where none are configured. */
  readonly rules: () => RuleSet | undefined
  readonly executor: Executor
  readonly gate: Gate
  readonly running: RunningCalls
  readonly locks: LockBook
  readonly budgets: BudgetBook
  readonly commands: CommandBook
  readonly approvals: ApprovalBook
  readonly changes: Pick<ChangeStore, 'find' | 'list'>
  readonly redactor: Redactor
  /** Values that were taken out of answers, for later commands. */
  readonly secrets: SecretBook
  /** Who was shown what others may have written. */
  readonly taints: TaintBook
  /** Other instances, where several share a database. */
  readonly peers?: Peers
  readonly observer: Observer
  /** Absent: nothing is recorded, ever. */
  readonly recorder?: Pick<Recorder, 'begin'>
  /** What was recorded. */
  readonly recordings: RecordingShelf
  /** Absent: past calls cannot be decided again here. */
  readonly replays?: Replays
  readonly clock: Clock
  readonly limits: AnswerLimits
}

/** Past calls under other rules. What was done stays, and nothing is saved. */
export interface Replays {
  replay(action: ReplayRulesAction, signal: AbortSignal): Promise<ReplayRulesAnswer>
}

/** Carries out what a permit allows. Resolves with how it ended; aborting `signal` ends what runs on the host first. */
export interface Executor {
  execute(permit: Permit, signal: AbortSignal, progress: Progress): Promise<Outcome>
  /**
   * Runs a command, its output into `sink`. `resume`: a detached one that an earlier process began; nothing is started for it.
   * Aborted with `shutting_down`, a detached command is let go of and goes on. `secrets`: the values behind the handles of its action.
   */
  run(
    permit: Permit,
    sink: OutputSink,
    how: 'begin' | 'resume',
    signal: AbortSignal,
    secrets?: RevealedSecrets,
  ): Promise<RunOutcome | NotStarted | LeftRunning>
  /** Somebody waits for the output of this detached command: look for it more often. */
  nudge(command: CommandId): void
  /** Whether the owner's terminal of this handle lives here. */
  holdsTerminal?(owner: string, id: string): boolean
}

export interface AnswerLimits {
  /** The most that one stream of one answer holds; the middle of longer output is left out and counted. */
  readonly answerBytes: number
  readonly fanOut: { readonly maxHosts: number; readonly maxParallel: number }
}

/** Told about each call, for log lines and metrics. Must not throw. */
export interface Observer {
  finished(call: Call, answer: Answer, durationMs: number): void
  /** A part of the way is behind the call; both times are the clock's monotonic ones. */
  stage?(call: Call, stage: Stage, startedMs: number, endedMs: number): void
}

/**
 * `audit`: until what was asked and decided is durable. `connect`: until the host has begun the command, the wait for a channel
 * included. `run`: until the command, or whatever else is done on the host, has ended. `record`: until its end is durable.
 */
export type Stage = 'audit' | 'decide' | 'approval' | 'connect' | 'run' | 'shape' | 'record'
