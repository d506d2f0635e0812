import type { HostName } from './host.ts'

/** `cmd_` and the 128 random bits of the call that began it. Belongs to one principal; another's answers like one that never was. */
export type CommandId = string & { readonly CommandId: unique symbol }

const COMMAND_ID = /^cmd_[A-Za-z0-9_-]{22}$/

export function isCommandId(text: string): text is CommandId {
  return COMMAND_ID.test(text)
}

/** The command of a call: known before it is begun, and from the audit alone. */
export function commandIdOf(call: { readonly id: string }): CommandId {
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
