import type { Database } from './sql/database.ts'

/** An instance that lives. */
export interface KnownInstance {
  readonly id: string
  /** The name of its machine, and the id of its process there. */
  readonly machine: string
  readonly process: number
  readonly startedAt: Date
  /** When it last said that it lives. */
  readonly seenAt: Date
  readonly version: string
  /** The same for all that decide alike: a digest of their rules and of what rules know of hosts. */
  readonly config: string
}

/** Those that have not ended, oldest first. */
export async function livingInstances(database: Database): Promise<readonly KnownInstance[]> {
  const rows = await database.all<{
    id: string
    process: string
    started_at: number
    seen_at: number
    version: string | null
    config: string | null
  }>(
    'SELECT id, process, started_at, seen_at, version, config FROM instances WHERE ended_at IS NULL ORDER BY started_at, id',
  )
  return rows.map(({ id, process, started_at, seen_at, version, config }) => {
    const [machine = '', pid = ''] = process.split(' ')
    return {
      id,
      machine,
      process: Number(pid),
      startedAt: new Date(started_at),
      seenAt: new Date(seen_at),
      version: version ?? '',
      config: config ?? '',
    }
  })
}
