import type { Config } from '../config/config.ts'
import type { AuditLog } from '../domain/audit.ts'
import type { CommandId } from '../domain/command.ts'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import type { Fetch } from '../outbound/fetch.ts'
import { ApprovalBook } from '../pipeline/approvals/approval-book.ts'
import { carryOutApproved } from '../pipeline/approvals/carry-out-approved.ts'
import { isSound } from '../pipeline/approvals/request-digest.ts'
import type { StandingOf } from '../pipeline/approvals/standing.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import { performApproved } from '../pipeline/perform.ts'
import { samePerson } from '../policy/who/person-of.ts'
import { rolesOf } from '../policy/who/roles-of.ts'
import { ApprovalRows } from '../store/approval-rows.ts'
import { postNotice } from '../telemetry/webhook.ts'
import type { Store } from './open-store.ts'
import type { OwnPeople } from './own-people.ts'

interface ApprovalParts {
  /** Asked each time: a reload replaces it. */
  readonly config: () => Config
  readonly store: Pick<Store, 'database' | 'membership'>
  readonly audit: AuditLog
  readonly clock: Clock
  readonly log: Log
  readonly fetch: Fetch
  readonly standingOf: StandingOf
  readonly people: OwnPeople
  readonly urlOf: (id: CommandId) => string | undefined
  /** Takes secrets out of what approvers are told. */
  readonly redact: (text: string) => string
}

/** The book of what waits for people, kept in the database. */
export function openApprovals(parts: ApprovalParts): ApprovalBook {
  const { config, store, audit, clock, log, fetch, standingOf, people, urlOf, redact } = parts
  const { database, membership } = store
  return new ApprovalBook({
    store: new ApprovalRows({ database, instance: () => membership.id, clock, log, isSound }),
    audit,
    clock,
    log,
    standingOf,
    urlOf,
    who: {
      rolesOf: (principal) => rolesOf(principal, config().rules ?? NO_RULES),
      samePerson: (a, b) => samePerson(a, b, (config().rules ?? NO_RULES).people),
    },
    principalNow: (principal) => people.now(principal),
    limits: () => ({
      maxWaiting: config().approvals.maxWaiting,
      retentionMs: config().commands.retentionMs,
    }),
    notify(waiting) {
      const { webhook } = config().approvals
      if (webhook === undefined) return
      const url = urlOf(waiting.request.id)
      const request = waiting.view(false, (text) => redact(text))
      void postNotice({ request, ...(url !== undefined && { url }) }, webhook, { clock, log, fetch })
    },
  })
}

const NO_RULES = { roles: [], people: [] }

/** Also for an instance that is gone: what it had not begun after so long another one begins. */
const TAKE_UP_AFTER_MS = 3_000
const LOOK_MS = 2_000

/**
 * Takes up what an earlier process left, and from then on what other instances leave: requests that had been approved, and were not begun,
 * are carried out.
 */
export async function followApprovals(bridge: Bridge, log: Log, signal: AbortSignal): Promise<void> {
  const { approvals, clock } = bridge
  approvals.follow(signal)
  for (let taking = approvals.load(); !signal.aborted; taking = approvals.takeUp(TAKE_UP_AFTER_MS)) {
    try {
      for (const waiting of await taking) carryOutApproved(waiting, bridge, performApproved)
    } catch (cause) {
      if (!signal.aborted) log.error('The approvals cannot be taken up', { cause: String(cause) })
    }
    await clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
}
