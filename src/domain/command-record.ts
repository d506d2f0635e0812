import type { Call } from './call.ts'
import type { CommandId, OutputStream } from './command.ts'
import type { NotStarted, RunOutcome } from './outcome.ts'

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
