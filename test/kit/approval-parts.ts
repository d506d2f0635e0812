import {
  type ApprovalRecord,
  type ApprovalStore,
  approvalState,
  type Grant,
  type KeptApproval,
} from '../../src/domain/approval-record.ts'
import type { AuditEvent } from '../../src/domain/audit.ts'
import type { CommandId } from '../../src/domain/command.ts'
import { principalKey } from '../../src/domain/principal.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { ApprovalBook } from '../../src/pipeline/approvals/approval-book.ts'
import type { ApprovalOptions } from '../../src/pipeline/approvals/approval-options.ts'
import { rememberedLog } from './ssh-runner.ts'

/** Requests and grants kept in memory, as the database would keep them. A test may put a record in by hand. */
export class MemoryApprovals implements ApprovalStore {
  readonly records = new Map<string, ApprovalRecord>()
  readonly #grants = new Map<string, Grant>()
  readonly #versions = new Map<string, number>()
  readonly #asked = new Map<string, string>()
  readonly #clock: Clock
  /** Thrown by whatever writes while it is set. */
  fault: Error | undefined

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  async versions() {
    return new Map([...this.records.keys()].map((id) => [id as CommandId, this.#versionOf(id)]))
  }

  async read(ids: readonly CommandId[]) {
    return ids.flatMap((id) => this.#kept(id) ?? [])
  }

  async add(record: ApprovalRecord, owner: string, asked: string) {
    if (this.fault) throw this.fault
    const key = `${owner} ${asked}`
    const other = this.records.get(this.#asked.get(key) ?? '')
    if (other !== undefined && approvalState(other) === 'waiting') return undefined
    this.#asked.set(key, record.request.id)
    return this.#put(record)
  }

  async change(id: CommandId, edit: (kept: KeptApproval) => Promise<ApprovalRecord | undefined>) {
    const kept = this.#kept(id)
    if (kept === undefined) return undefined
    const record = await edit(kept)
    if (this.fault) throw this.fault
    return record === undefined ? kept : this.#put(record)
  }

  async remove(id: CommandId): Promise<void> {
    this.records.delete(id)
  }

  async lost() {
    const started = [...this.records.values()].filter((record) => approvalState(record) === 'started')
    return started.map(({ request }) => request.id)
  }

  follow(): void {}

  async grants(owner?: string) {
    const now = this.#clock.now()
    return [...this.#grants.values()].filter(
      ({ call, expiresAt }) =>
        expiresAt > now && (owner ?? principalKey(call.principal)) === principalKey(call.principal),
    )
  }

  async addGrant(grant: Grant): Promise<void> {
    this.#grants.set(grant.id, grant)
  }

  async removeGrant(id: string): Promise<boolean> {
    return this.#grants.delete(id)
  }

  #put(record: ApprovalRecord): KeptApproval {
    const { id } = record.request
    this.records.set(id, record)
    this.#versions.set(id, this.#versionOf(id) + 1)
    return { record, version: this.#versionOf(id) }
  }

  #kept(id: string): KeptApproval | undefined {
    const record = this.records.get(id)
    return record && { record, version: this.#versionOf(id) }
  }

  #versionOf(id: string): number {
    return this.#versions.get(id) ?? 0
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
