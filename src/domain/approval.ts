import type { CommandId } from './command.ts'
import type { Principal } from './principal.ts'

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
