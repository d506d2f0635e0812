import type { ApprovalAction } from './approval.ts'
import type { ReadAuditAction } from './audit-reading.ts'
import type { ChangeId } from './change.ts'
import type { CheckCommandAction } from './check.ts'
import type { CommandId, OutputStream } from './command.ts'
import type { RunOnHostsAction } from './fan-out.ts'
import type { FileAction } from './file.ts'
import type { HostName } from './host.ts'
import type { LockAction } from './lock.ts'
import type { Principal } from './principal.ts'
import type { ReadRecordingAction } from './recording-reading.ts'
import type { ReplayRulesAction } from './replay.ts'
import type { SecretUse } from './secret.ts'
import type { TaintAction } from './taint.ts'
import type { TerminalSize, UseTerminalAction } from './terminal.ts'

/** A page of the hosts: all that are where `match` is not given, as many as there are where `limit` is not. */
export interface ListHostsAction {
  readonly kind: 'list_hosts'
  /** Selectors with spaces or commas between: `web-* tag:prod !web-3`. */
  readonly match?: string
  readonly offset?: number
  readonly limit?: number
}

/** What is asked: the same typed value is decided, recorded and executed. */
export type Action =
  | ListHostsAction
  | { readonly kind: 'describe_host'; readonly host: HostName; readonly refresh: boolean }
  | RunAction
  | RunOnHostsAction
  | ReadOutputAction
  | CancelCommandAction
  | CheckCommandAction
  | FileAction
  | ApprovalAction
  | UndoChangeAction
  | { readonly kind: 'list_changes'; readonly limit: number }
  | { readonly kind: 'get_working_directory'; readonly host: HostName; readonly session?: string }
  /** `terminal`: a live one instead of a shell state; it ends with its connection. */
  | {
      readonly kind: 'open_session'
      readonly host: HostName
      readonly name?: string
      readonly terminal?: TerminalSize
    }
  | UseTerminalAction
  | { readonly kind: 'close_session'; readonly host: HostName; readonly session?: string }
  | { readonly kind: 'get_session_stats' }
  | LockAction
  | TaintAction
  | ReadAuditAction
  | ReadRecordingAction
  | ReplayRulesAction

export interface RunAction {
  readonly kind: 'run'
  readonly host: HostName
  /** Handed to the host's login shell exactly as given. Holds no NUL. */
  readonly command: string
  /** A handle from `open_session`; without one, a host in shell mode uses the principal's own default session. */
  readonly session?: string
  readonly workingDirectory?: string
  /** As root, where the host allows it. */
  readonly sudo?: boolean
  /** How long it may take in all, from the call on. */
  readonly timeoutMs: number
  /** How long the call waits for it before it answers `running`. */
  readonly waitMs: number
  /** Run under a supervisor on the host: neither a lost connection nor a restart of the bridge ends it. */
  readonly detached?: boolean
  /** The principal's own name for this command: asked again with the same, the first command is answered. */
  readonly idempotencyKey?: string
  /** The caller's own words, for whoever may have to approve it. */
  readonly reason?: string
  /** Values found in what this host gave before, by their handles. Never empty. */
  readonly secrets?: readonly SecretUse[]
}

/** Whose command is named: the principal's own, unless an operator looks after what others run. */
interface NamesCommand {
  readonly command: CommandId
  readonly ofAnybody?: true
}

export interface CancelCommandAction extends NamesCommand {
  readonly kind: 'cancel_command'
}

/** Reads the output of a command, while it runs or afterwards. */
export interface ReadOutputAction extends NamesCommand {
  readonly kind: 'get_command_output'
  readonly stream: OutputStream | 'output'
  /** A byte offset into the stream that never changes its meaning, or its end. */
  readonly from: { readonly offset: number } | { readonly tailBytes: number }
  /** At most so many bytes. */
  readonly bytes: number
  /** Only lines that match: RE2 syntax, linear in time. */
  readonly pattern?: string
  /** Waits so long for something new at the offset, or for the end. */
  readonly waitMs: number
}

/** Takes back a change of the principal's own, by a call of its own that restores the file. */
export interface UndoChangeAction {
  readonly kind: 'undo_change'
  readonly change: ChangeId
  readonly dryRun: boolean
}

/** By which door a call came in. */
export type Edge = 'mcp_stdio' | 'mcp_http' | 'mcp_sse' | 'rest' | 'console' | 'cli'

/** One principal asking one action. */
export interface Call {
  /** `call_` and 128 random bits. */
  readonly id: string
  readonly principal: Principal
  readonly action: Action
  readonly edge: Edge
  readonly receivedAt: Date
  /** The call on whose behalf it is made: one command on many hosts. */
  readonly parent?: string
  /** Where it came from, as far as trusted proxies tell; absent on stdio. */
  readonly remoteAddress?: string
}

/** Every host that an action names: one, or both ends of a transfer. Those of `run_on_hosts` are named by its calls for each. */
export function hostsOf(action: Action): readonly HostName[] {
  if (action.kind === 'transfer_file')
    return [action.from, action.to].flatMap((end) => (end.kind === 'host' ? [end.host] : []))
  return 'host' in action ? [action.host] : []
}

/** The host a call names, if its action names one. */
export function hostOf(action: Action): HostName | undefined {
  return 'host' in action ? action.host : undefined
}

/** Whether values that the caller has not seen are handed to what is run: such a call is never one that only reads. */
export function usesSecrets(action: Action): boolean {
  return action.kind === 'run' && action.secrets !== undefined
}
