import { join } from 'node:path'
import type { Config } from '../config/config.ts'
import type { AuditLog } from '../domain/audit.ts'
import type { CommandId } from '../domain/command.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { ApprovalBook, isSound } from '../pipeline/approvals/approval-book.ts'
import { carryOutApproved } from '../pipeline/approvals/carry-out-approved.ts'
import type { StandingOf } from '../pipeline/approvals/standing.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import { performApproved } from '../pipeline/perform.ts'
import { samePerson } from '../policy/who/person-of.ts'
import { rolesOf } from '../policy/who/roles-of.ts'
import { ApprovalFiles } from '../store/approval-files.ts'
import { postNotice } from '../telemetry/webhook.ts'
import { principalNow } from './principal-now.ts'

interface ApprovalParts {
  /** Asked each time: a reload replaces it. */
  readonly config: () => Config
  readonly audit: AuditLog
  readonly clock: Clock
  readonly log: Log
  readonly standingOf: StandingOf
  readonly urlOf: (id: CommandId) => string | undefined
  /** Takes secrets out of what approvers are told. */
  readonly redact: (text: string) => string
}

/** The book of what waits for people, kept in the storage directory. */
export function openApprovals(parts: ApprovalParts): ApprovalBook {
  const { config, audit, clock, log, standingOf, urlOf, redact } = parts
  const { storage } = config()
  return new ApprovalBook({
    store: new ApprovalFiles(join(storage.directory, 'approvals'), log, isSound),
    audit,
    clock,
    log,
    standingOf,
    urlOf,
    who: {
      rolesOf: (principal) => rolesOf(principal, config().rules ?? NO_RULES),
      samePerson: (a, b) => samePerson(a, b, (config().rules ?? NO_RULES).people),
    },
    principalNow: (principal) => principalNow(principal, config().server.auth, clock.now()),
    limits: () => ({
      maxWaiting: config().approvals.maxWaiting,
      retentionMs: config().commands.retentionMs,
    }),
    notify(waiting) {
      const { webhook } = config().approvals
      if (webhook === undefined) return
      const url = urlOf(waiting.request.id)
      const request = waiting.view(false, (text) => redact(text))
      void postNotice({ request, ...(url !== undefined && { url }) }, webhook, { clock, log })
    },
  })
}

const NO_RULES = { roles: [], people: [] }

/** Takes up what an earlier process left: requests that had been approved, and were not begun, are carried out now. */
export async function resumeApprovals(bridge: Bridge, log: Log): Promise<void> {
  try {
    for (const waiting of await bridge.approvals.load()) carryOutApproved(waiting, bridge, performApproved)
  } catch (cause) {
    log.error('The approvals of an earlier run cannot be read', { cause: String(cause) })
  }
}
