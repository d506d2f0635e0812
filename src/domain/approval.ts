import type { Call } from './call.ts'
import type { CommandId } from './command.ts'
import type { NeedsApproval } from './decision.ts'
import type { Principal } from './principal.ts'

/** A call that waits for people. It has the id that its command will have. */
export interface ApprovalRequest {
  readonly id: CommandId
  readonly call: Call
  readonly decision: NeedsApproval
  readonly standing: Standing
  readonly requestedAt: Date
  readonly expiresAt: Date
  /** SHA-256, hex, of all that is asked: who, what to the byte, where, under which rule. An answer names it. */
  readonly digest: string
}

/**
 * How things stood when a call was asked: by name, a digest of each. When one of them has changed, an approval is for something else.
 * `way`: how the hosts are reached; `host_key`: the keys that are trusted for them; `session`: the shell state it would run in.
 */
export type Standing = Readonly<Partial<Record<'way' | 'host_key' | 'session', string>>>

export interface ApprovalAnswer {
  readonly verdict: 'approve' | 'deny'
  /** `confirmation`: of the requester's own, where the rule takes that. Never a second person. */
  readonly as: 'person' | 'confirmation'
  readonly by: Principal
  readonly at: Date
  readonly reason?: string
}

/** How a request ended. */
export interface ApprovalEnd {
  /** `completed`: it was carried out, whatever came of it. `cancelled`: withdrawn by the requester. `unknown`: it may have been carried out. */
  readonly state: 'completed' | 'denied' | 'expired' | 'cancelled' | 'unknown'
  readonly at: Date
  readonly why: string
}

/** A request as it survives a restart. */
export interface ApprovalRecord {
  readonly request: ApprovalRequest
  readonly answers: readonly ApprovalAnswer[]
  /** The one time that it is carried out has begun. Durable before anything is done. */
  readonly startedAt?: Date
  readonly end?: ApprovalEnd
}

/** "This exact action of this person on this host, until …": answers an `approve` of the same rule by itself. */
export interface Grant {
  /** `grant_` and 128 random bits. */
  readonly id: string
  /** The call that was approved first. */
  readonly call: Call
  /** SHA-256, hex, of what is asked, by whom, under which rule and terms, and how things stood. */
  readonly digest: string
  readonly rule: string
  /** Roles of the rule: who holds one may take it back. */
  readonly approvers: readonly string[]
  readonly by: Principal
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** Keeps requests and grants. Damaged records are dropped with a warning, never half read. */
export interface ApprovalStore {
  load(): Promise<{ readonly records: readonly ApprovalRecord[]; readonly grants: readonly Grant[] }>
  /** Resolves once the record is durable. */
  save(record: ApprovalRecord): Promise<void>
  saveGrant(grant: Grant): Promise<void>
  remove(id: string): Promise<void>
}

/** A request as approvers and its requester see it. Every text is escaped: what is shown is what is there. */
export interface ApprovalView {
  readonly id: CommandId
  readonly state: 'waiting' | 'started' | ApprovalEnd['state']
  readonly requester: string
  readonly client?: string
  readonly edge: string
  readonly host?: string
  readonly action: string
  /** The whole of it: the command's text, or the path and what is to be there. */
  readonly text: string
  readonly understood: readonly string[]
  readonly classes: readonly string[]
  readonly reason?: string
  readonly rule: string
  readonly policy?: string
  readonly needed: number
  readonly answers: readonly {
    readonly verdict: ApprovalAnswer['verdict']
    readonly as: ApprovalAnswer['as']
    readonly by: string
    readonly at: Date
    readonly reason?: string
  }[]
  readonly requestedAt: Date
  readonly expiresAt: Date
  readonly digest: string
  /** Asked by the same call for many hosts. */
  readonly parent?: string
  readonly why?: string
  readonly isOwn: boolean
}

export interface GrantView {
  readonly id: string
  readonly requester: string
  readonly host?: string
  readonly action: string
  readonly text: string
  readonly rule: string
  readonly by: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** What people do about approvals. None of them reaches a host by itself. */
export type ApprovalAction =
  | { readonly kind: 'list_approvals'; readonly all: boolean }
  | {
      readonly kind: 'answer_approval'
      readonly command: CommandId
      readonly verdict: 'approve' | 'deny'
      /** Of the request as the approver saw it. */
      readonly digest: string
      readonly reason?: string
      /** Approves the same again, so long. */
      readonly grantMs?: number
    }
  /** By the requester's own client, where the rule takes that. */
  | { readonly kind: 'confirm_command'; readonly command: CommandId; readonly waitMs: number }
  | { readonly kind: 'list_grants' }
  | { readonly kind: 'revoke_grant'; readonly grant: string }

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
