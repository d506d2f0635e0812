import type { Call } from './call.ts'
import type { HostName } from './host.ts'
import type { NotStarted, RunOutcome } from './outcome.ts'

/** `cmd_` and the 128 random bits of the call that began it. Belongs to one principal; another's answers like one that never was. */
export type CommandId = string & { readonly CommandId: unique symbol }

const COMMAND_ID = /^cmd_[A-Za-z0-9_-]{22}$/

export function isCommandId(text: string): text is CommandId {
  return COMMAND_ID.test(text)
}

/** The command of a call: known before it is begun, and from the audit alone. */
export function commandIdOf(call: Pick<Call, 'id'>): CommandId {
  return call.id.replace(/^call_/, 'cmd_') as CommandId
}

/**
 * The life of a command. `completed`: it ran and ended by itself, whatever its exit status. `failed`: it was not run. `unknown`: it may
 * have run, may still run. `waiting_approval`, `denied` and `expired` belong to approvals.
 */
export type CommandState =
  | 'waiting_approval'
  | 'queued'
  | 'running'
  | 'completed'
  | 'failed'
  | 'cancelled'
  | 'timed_out'
  | 'denied'
  | 'expired'
  | 'unknown'

export type OutputStream = 'stdout' | 'stderr'

/** Where the output of a command goes while it runs, in the order in which it comes. */
export interface OutputSink {
  /** The host has begun to run it. */
  begun(): void
  /** A promise asks the source to wait until it resolves: back-pressure from the disk to the channel's window. Never rejects. */
  push(stream: OutputStream, chunk: Buffer): Promise<void> | undefined
  /** How many bytes of each stream it has taken: where the output of a command goes on that is taken up again. */
  readonly taken: Readonly<Record<OutputStream, number>>
}

/** A command as it survives a restart. */
export interface CommandRecord {
  readonly id: CommandId
  /** The call that began it: who, what, where, by which door. */
  readonly call: Call
  readonly rule: string
  readonly startedAt: Date
  /** Absent while it runs. */
  readonly ended?: { readonly at: Date; readonly outcome: RunOutcome | NotStarted }
}

/** `key_in_use`: another command of the same principal holds its idempotency key, and nothing was kept. */
export type Saved = 'saved' | 'key_in_use'

/**
 * Keeps commands and their output across restarts. Each command belongs to the instance of the bridge that saved it first, until that has
 * ended and another takes it. Damaged records are dropped with a warning, never half read.
 */
export interface CommandStore {
  /**
   * Takes over what instances that are gone have left, and gives it back, oldest first. Of several that ask at once each gets others.
   * `isKnown`: once more what this one has taken and does not know, because a taking before was cut short.
   */
  take(isKnown?: (id: CommandId) => boolean): Promise<readonly CommandRecord[]>
  /** Resolves once the record is durable. Rejects where the command belongs to another instance now. */
  save(record: CommandRecord): Promise<Saved>
  /** The output of a command that was saved. */
  openOutput(id: CommandId): Promise<KeptOutput>
  /** The record and its output. */
  remove(id: CommandId): Promise<void>
}

/** Output in the store: both streams in the order in which they came. */
export interface KeptOutput {
  readonly bytes: Readonly<Record<OutputStream, number>>
  /** Rejects where the command was not saved, was removed, or belongs to another instance now. */
  append(pieces: readonly { readonly stream: OutputStream; readonly chunk: Buffer }[]): Promise<void>
  /** At most `length` bytes from `offset` of one stream, or of both as they came. Fewer only at the end. */
  read(stream: OutputStream | 'output', offset: number, length: number): Promise<Buffer>
}

/** A line of what a principal has running or has run, for lists. */
export interface CommandSummary {
  readonly id: CommandId
  readonly host: HostName
  readonly command: string
  readonly state: CommandState
  readonly detached: boolean
  readonly startedAt: Date
  readonly endedAt?: Date
}
