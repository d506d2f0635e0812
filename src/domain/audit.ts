import type { ApprovalAnswer, ApprovalEnd } from './approval.ts'
import type { Call, Edge } from './call.ts'
import type { ChangeId } from './change.ts'
import type { CommandId } from './command.ts'
import type { Decision } from './decision.ts'
import type { EvidenceEvent } from './evidence-event.ts'
import type { InstanceEvent } from './instance-event.ts'
import type { Lock } from './lock.ts'
import type { LoginEvent } from './login-event.ts'
import type { Approval } from './permit.ts'
import type { RecordingEnd, RecordingFacts } from './recording.ts'
import type { Taint } from './taint.ts'
import type { TransferDirection } from './transfer.ts'
import type { UserEvent } from './user.ts'

/** What is remembered. One JSON object a line; types are `noun.past_participle`. Reference: docs/AUDIT.md, generated. */
export type AuditEvent =
  | { readonly type: 'call.received'; readonly at: Date; readonly call: Call }
  | { readonly type: 'call.decided'; readonly at: Date; readonly call: Call; readonly decision: Decision }
  | {
      readonly type: 'call.started'
      readonly at: Date
      readonly call: Call
      readonly rule: string
      /** Who said yes, where the rule asked for it. */
      readonly approval?: Approval
    }
  /** The caller was answered `running`; the command goes on, and its end is recorded as that of this call. */
  | { readonly type: 'call.continued'; readonly at: Date; readonly call: Call; readonly command: CommandId }
  /** A command of before a restart was taken up again. */
  | {
      readonly type: 'call.resumed'
      readonly at: Date
      readonly call: Call
      readonly rule: string
      readonly command: CommandId
    }
  | {
      readonly type: 'call.finished'
      readonly at: Date
      readonly call: Call
      readonly rule: string
      readonly result: AuditResult
    }
  /** The call waits for people; `digest` is of all that is asked. */
  | {
      readonly type: 'approval.requested'
      readonly at: Date
      readonly call: Call
      readonly command: CommandId
      readonly digest: string
      readonly expiresAt: Date
    }
  /** `call` is the one that was asked about; who answered is in `answer`. */
  | {
      readonly type: 'approval.answered'
      readonly at: Date
      readonly call: Call
      readonly command: CommandId
      readonly digest: string
      readonly answer: ApprovalAnswer
    }
  /** It was carried out, expired, was withdrawn, or is not carried out any more although it was approved. */
  | {
      readonly type: 'approval.ended'
      readonly at: Date
      readonly call: Call
      readonly command: CommandId
      readonly digest: string
      readonly state: ApprovalEnd['state']
      readonly why: string
    }
  | {
      readonly type: 'grant.added'
      readonly at: Date
      readonly call: Call
      readonly grant: string
      readonly by: string
      readonly expiresAt: Date
    }
  | {
      readonly type: 'grant.revoked'
      readonly at: Date
      readonly call: Call
      readonly grant: string
      readonly by: string
    }
  /** Somebody uses the link of a transfer: durable before the first byte goes through. */
  | {
      readonly type: 'transfer.begun'
      readonly at: Date
      /** The one that made the link. */
      readonly call: Call
      readonly direction: TransferDirection
      readonly remoteAddress?: string
    }
  /** The link of a transfer was used; `complete` when the whole file has gone through, which is its only use. */
  | {
      readonly type: 'transfer.used'
      readonly at: Date
      /** The one that made the link. */
      readonly call: Call
      readonly direction: TransferDirection
      readonly bytes: number
      readonly sha256?: string
      readonly complete: boolean
      readonly remoteAddress?: string
    }
  | {
      readonly type: 'auth.denied'
      readonly at: Date
      readonly edge: Edge
      /** Stable, for searching: `token_expired`, `bad_signature`, `wrong_audience`, … */
      readonly reason: string
      readonly remoteAddress?: string
      /** More than one when a flood of equal refusals was folded into one record. */
      readonly times?: number
    }
  /** Somebody signed in at the built-in authorization server: nothing is given to a client before this is on record. */
  | ({
      readonly type: 'sign_in.succeeded'
      /** The `sub` of the tokens. */
      readonly subject: string
      readonly username: string
      readonly by: 'password' | 'password_and_code' | 'upstream'
      /** Who they are at the upstream provider. */
      readonly upstream?: { readonly issuer: string; readonly subject: string }
    } & SignInFacts)
  | ({
      readonly type: 'sign_in.refused'
      /** Stable, for searching: `wrong_password`, `unknown_name`, `wrong_code`, `upstream_unreachable`, … */
      readonly reason: string
      /** Where it is known. A name that nobody has is not kept: it may be a password in the wrong field. */
      readonly subject?: string
      readonly username?: string
      readonly upstream?: { readonly issuer: string; readonly subject: string }
    } & SignInFacts)
  /** From now on, for `waitMs`, further attempts are refused unseen. */
  | ({
      readonly type: 'sign_in.throttled'
      readonly waitMs: number
      readonly subject?: string
      readonly username?: string
    } & SignInFacts)
  /** A user of the bridge has chosen a password at a set-up link. */
  | {
      readonly type: 'user.set_up'
      readonly at: Date
      readonly subject: string
      readonly username: string
      readonly withCode: boolean
      readonly remoteAddress?: string
    }
  | LoginEvent
  | EvidenceEvent
  /** A caller was shown what others may have written. One that is tainted already has no further records. */
  | { readonly type: 'taint.marked'; readonly at: Date; readonly call: Call; readonly taint: Taint }
  | {
      readonly type: 'taint.cleared'
      readonly at: Date
      /** The one that cleared it. */
      readonly call: Call
      readonly taint: Taint
      readonly by: string
      readonly reason?: string
    }
  /** Before anything is done that it shows. */
  | {
      readonly type: 'recording.started'
      readonly at: Date
      readonly recording: RecordingFacts
      readonly isEncrypted: boolean
    }
  /** Its digests bind it to the chain. One that was left by an instance that is gone is finished by another. */
  | {
      readonly type: 'recording.finished'
      readonly at: Date
      readonly recording: RecordingFacts
      readonly end: RecordingEnd
    }
  /** Somebody is given what it shows; before that. */
  | {
      readonly type: 'recording.read'
      readonly at: Date
      readonly recording: RecordingFacts
      readonly how: 'play' | 'export' | 'verify'
      readonly edge: Edge
      readonly by: string
      /** The call by which it is read; none at the command line. */
      readonly byCall?: string
    }
  /** Its retention is over. */
  | {
      readonly type: 'recording.removed'
      readonly at: Date
      readonly recording: RecordingFacts
      readonly sha256: string
    }
  | { readonly type: 'lock.added'; readonly at: Date; readonly lock: Lock; readonly endedCalls: number }
  | { readonly type: 'lock.removed'; readonly at: Date; readonly lock: Lock; readonly by: string }
  | {
      readonly type: 'config.reloaded'
      readonly at: Date
      readonly applied: boolean
      readonly problems: number
    }
  | { readonly type: 'bridge.started' | 'bridge.stopped'; readonly at: Date; readonly version: string }
  | InstanceEvent
  | UserEvent
  /** Written once the log can be written again: between `since` and `at` nothing was run and nothing recorded. */
  | { readonly type: 'audit.resumed'; readonly at: Date; readonly since: Date; readonly cause: string }

interface SignInFacts {
  readonly at: Date
  /** What the client calls itself, which anybody may have chosen. */
  readonly client: string
  readonly remoteAddress?: string
}

export interface AuditResult {
  /** `completed`: it ran and ended by itself. `unknown`: it may have run. `not_started`: nothing reached the host. */
  readonly status: 'completed' | 'timed_out' | 'cancelled' | 'unknown' | 'not_started' | 'failed'
  readonly exitStatus?: number
  readonly signal?: string
  readonly errorCode?: string
  readonly detail?: string
  readonly durationMs?: number
  readonly outputBytes?: number
  /** Of what the answer has of each stream, as in a receipt; absent where that is nothing. */
  readonly stdoutSha256?: string
  readonly stderrSha256?: string
  readonly hostKey?: string
  /** An idempotency key gave an earlier command: nothing was run for this call. */
  readonly repeats?: CommandId
  /** A file was changed and what was there is kept: `undo_change` takes it back. */
  readonly change?: ChangeId
}

/** Resolves only once the event is durable. Rejects otherwise, and then the call must not go on. */
export interface AuditLog {
  append(...events: readonly AuditEvent[]): Promise<void>
  /** Undefined while events can be written; otherwise why not, for `/ready`. */
  problem(): string | undefined
}
