import type { ApprovalStore } from '../../domain/approval-record.ts'
import type { AuditLog } from '../../domain/audit.ts'
import type { CommandId } from '../../domain/command.ts'
import type { Log } from '../../domain/log.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Clock } from '../../lib/clock.ts'
import type { WhoIsWho } from './may-answer.ts'
import type { StandingOf } from './standing.ts'
import type { Waiting } from './waiting.ts'

export interface ApprovalLimits {
  /** Requests of one principal that wait at the same time. */
  readonly maxWaiting: number
  /** How long an ended one can be asked about. */
  readonly retentionMs: number
}

export interface ApprovalOptions {
  readonly store: ApprovalStore
  readonly audit: AuditLog
  readonly clock: Clock
  readonly log: Log
  readonly who: WhoIsWho
  readonly standingOf: StandingOf
  /** Who a requester is now; undefined when it would not be let in any more. */
  readonly principalNow: (principal: Principal) => Principal | undefined
  /** Asked each time: a reload replaces them. */
  readonly limits: () => ApprovalLimits
  /** Tells approvers. Must not throw. */
  readonly notify: (waiting: Waiting) => void
  /** Where an approver finds a request; undefined while nobody serves it. */
  readonly urlOf: (id: CommandId) => string | undefined
}
