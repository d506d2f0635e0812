import type { ApprovalAnswer, ApprovalEnd, ApprovalView } from './approval.ts'
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
