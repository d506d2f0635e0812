import type { Answer } from '../domain/answer.ts'
import type { AuditLog } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import type { Hosts } from '../domain/host.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Permit } from '../domain/permit.ts'
import type { Clock } from '../lib/clock.ts'
import type { Gate } from './gate.ts'
import type { Redactor } from './redact.ts'
import type { RunningCalls } from './running-calls.ts'

/** What the one way needs of the world. `app.ts` makes it; tests may hand in parts of their own. */
export interface Bridge {
  readonly audit: AuditLog
  readonly hosts: Hosts
  readonly executor: Executor
  readonly gate: Gate
  readonly running: RunningCalls
  readonly redactor: Redactor
  readonly observer: Observer
  readonly clock: Clock
  readonly limits: OutputLimits
}

/** Carries out what a permit allows. Resolves with how it ended; aborting `signal` ends the remote command first. */
export interface Executor {
  execute(permit: Permit, signal: AbortSignal): Promise<Outcome>
}

export interface OutputLimits {
  /** The most that one stream of one answer holds; the middle of longer output is left out and counted. */
  readonly answerBytes: number
}

/** Told about each call, for log lines and metrics. Must not throw. */
export interface Observer {
  finished(call: Call, answer: Answer, durationMs: number): void
}
