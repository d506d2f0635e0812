import type { ApprovalRecord, ApprovalStore, Grant } from '../../src/domain/approval.ts'
import type { AuditEvent } from '../../src/domain/audit.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { ApprovalBook, type ApprovalOptions } from '../../src/pipeline/approvals/approval-book.ts'
import { rememberedLog } from './ssh-runner.ts'

/** Requests and grants kept in memory, as the disk would keep them. */
export class MemoryApprovals implements ApprovalStore {
  readonly records = new Map<string, ApprovalRecord>()
  readonly grants = new Map<string, Grant>()
  /** Thrown by `save` while it is set. */
  fault: Error | undefined

  async load() {
    return { records: [...this.records.values()], grants: [...this.grants.values()] }
  }

  async save(record: ApprovalRecord): Promise<void> {
    if (this.fault) throw this.fault
    this.records.set(record.request.id, record)
  }

  async saveGrant(grant: Grant): Promise<void> {
    this.grants.set(grant.id, grant)
  }

  async remove(id: string): Promise<void> {
    this.records.delete(id)
    this.grants.delete(id)
  }
}

/** A book without a disk, in which nobody is anybody's approver unless a test says so. */
export function approvalBook(options: Partial<ApprovalOptions> = {}): ApprovalBook {
  return new ApprovalBook({
    store: new MemoryApprovals(),
    audit: { append: async (..._: readonly AuditEvent[]) => undefined, problem: () => undefined },
    clock: systemClock,
    log: rememberedLog(),
    who: { rolesOf: () => new Set(), samePerson: () => 'unknown' },
    standingOf: async () => ({}),
    principalNow: (principal) => principal,
    limits: () => ({ maxWaiting: 20, retentionMs: 3_600_000 }),
    notify: () => undefined,
    urlOf: () => undefined,
    ...options,
  })
}
