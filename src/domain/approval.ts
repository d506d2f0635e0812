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
  /** Yes to the same again too, so long. */
  readonly grantMs?: number
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
  /** What came of it, as its requester is told; of a command the command tells that. */
  readonly told?: string
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
  /** Of several people the one whose yes was the last that was needed. */
  readonly by: Principal
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** A request as it was kept; each change of it has a higher version. */
export interface KeptApproval {
  readonly record: ApprovalRecord
  readonly version: number
}

/** Keeps requests and grants, for all instances together. Damaged records are left out with a warning, never half read. */
export interface ApprovalStore {
  /** Of all requests, damaged ones among them. */
  versions(): Promise<ReadonlyMap<CommandId, number>>
  /** Oldest first. Those that are not there are left out. */
  read(ids: readonly CommandId[]): Promise<readonly KeptApproval[]>
  /** Resolves once it is durable; to undefined when a request of the same owner waits that asked the same. */
  add(record: ApprovalRecord, owner: string, asked: string): Promise<KeptApproval | undefined>
  /**
   * Changes a request while nobody else does, in whichever process. `edit` is given it as it is and answers what is to be kept, undefined
   * for no change; what it throws is passed on. Resolves to it as it is then, durable; to undefined where there is none.
   */
  change(
    id: CommandId,
    edit: (kept: KeptApproval) => Promise<ApprovalRecord | undefined>,
  ): Promise<KeptApproval | undefined>
  remove(id: CommandId): Promise<void>
  /** Those that are being carried out by an instance that is gone, or by this one. */
  lost(): Promise<readonly CommandId[]>
  /** Tells which one was changed, by whichever instance; undefined: any may have been. */
  follow(onChange: (id: CommandId | undefined) => void, signal: AbortSignal): void
  /** Those in force, of one owner or of all, oldest first. */
  grants(owner?: string): Promise<readonly Grant[]>
  addGrant(grant: Grant): Promise<void>
  /** False when there was none. */
  removeGrant(id: string): Promise<boolean>
}

/** From the last yes that is needed on it is `started`: nobody takes it back, and somebody carries it out. */
export function approvalState(record: ApprovalRecord): ApprovalView['state'] {
  const { end, startedAt } = record
  return end?.state ?? (startedAt !== undefined || isApproved(record) ? 'started' : 'waiting')
}

/** So many people have said yes, or its requester where that is enough. */
export function isApproved({ request, answers }: ApprovalRecord): boolean {
  const yes = answers.filter(({ verdict }) => verdict === 'approve')
  return yes.some(({ as }) => as === 'confirmation') || yes.length >= request.decision.terms.count
}

/** Approved, and nobody has begun to carry it out. */
export function isToBegin(record: ApprovalRecord): boolean {
  return isApproved(record) && record.startedAt === undefined && record.end === undefined
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
      /** Approves the same again, so long, once everybody that is needed does. */
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
