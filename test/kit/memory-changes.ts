import type { Action } from '../../src/domain/call.ts'
import type { ChangeId, ChangeRecord, ChangeStore, Kept, KeptChange } from '../../src/domain/change.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { randomId } from '../../src/lib/ids.ts'
import { changeKeeper } from '../../src/ssh/files/change-keeper.ts'
import type { ChangeKeeper } from '../../src/ssh/files/file-deps.ts'

/** Changes kept in memory, as the disk would keep them. */
export class MemoryChanges implements ChangeStore {
  readonly kept = new Map<ChangeId, KeptChange>()
  /** What `keep` answers while it is set, or throws. */
  instead: Kept | Error | undefined
  /** Done once one is kept, before it is told. */
  onKeep: (() => void) | undefined

  async keep(record: ChangeRecord, content: Buffer | undefined): Promise<Kept> {
    if (this.instead instanceof Error) throw this.instead
    if (this.instead !== undefined) return this.instead
    this.kept.set(record.id, { record, ...(content !== undefined && { content }) })
    this.onKeep?.()
    return { kind: 'kept' }
  }

  async drop({ id }: ChangeRecord): Promise<void> {
    this.kept.delete(id)
  }

  async find(owner: string, id: ChangeId): Promise<KeptChange | undefined> {
    const found = this.kept.get(id)
    return found?.record.owner === owner ? found : undefined
  }

  async list(owner: string): Promise<readonly ChangeRecord[]> {
    const records = [...this.kept.values()].map(({ record }) => record)
    return records.filter((record) => record.owner === owner).reverse()
  }
}

/** The keeper of one call, with an id of its own. */
export function keeperOf(changes: MemoryChanges, action: Action): ChangeKeeper {
  const principal = {
    issuer: 'os',
    subject: 'user@example.com',
    method: 'stdio',
    groups: [],
    roles: [],
    scopes: 'all',
  } as const
  const receivedAt = systemClock.now()
  const call = { id: randomId('call'), principal, action, edge: 'mcp_stdio', receivedAt } as const
  return changeKeeper(call, changes, systemClock)
}
