import type { ChangeId, ChangeRecord, ChangeStore, Kept, KeptChange } from '../../src/domain/change.ts'

/** Changes kept in memory, as the disk would keep them. */
export class MemoryChanges implements ChangeStore {
  readonly kept = new Map<ChangeId, KeptChange>()
  /** What `keep` answers while it is set, or throws. */
  instead: Kept | Error | undefined

  async keep(record: ChangeRecord, content: Buffer | undefined): Promise<Kept> {
    if (this.instead instanceof Error) throw this.instead
    if (this.instead !== undefined) return this.instead
    this.kept.set(record.id, { record, ...(content !== undefined && { content }) })
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
