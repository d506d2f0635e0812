import type { Call } from './call.ts'
import type { Decision, DenyReason } from './decision.ts'

/**
 * What was said to a call of the past, as far as the audit tells. Its action has what rules look at; the bytes of what was written, and
 * how long anybody would have waited, are not kept and stand there as nothing.
 */
export interface PastDecision {
  readonly at: Date
  readonly call: Call
  readonly verdict: Decision['verdict']
  readonly rule: string
  /** Why it was denied. */
  readonly reason?: DenyReason['code']
  readonly observed?: Decision['observed']
  readonly tainted?: string
  /** Groups, roles and scopes of the caller are on record. Older records lack them: the call says `all` scopes and no groups then. */
  readonly knowsClaims: boolean
}

/** A stretch of the audit log that tells nothing: torn by a crash, or of a version that wrote what this one does not know. */
export interface UnreadableRecord {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly why: string
}
