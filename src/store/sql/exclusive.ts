import type { Database, Sql } from './database.ts'

/** Of PostgreSQL's advisory locks, those for what is read as a whole before it is written. */
const LOCKS = {
  users: 7_771_031,
  taints: 7_771_032,
  changes: 7_771_034,
  sessions: 7_771_035,
} as const

/**
 * A transaction in which nobody else is in one of the same name, in whichever process: what was read at its beginning is so at its end.
 * SQLite lets one at a time write anyway.
 */
export function exclusively<T>(
  database: Database,
  name: keyof typeof LOCKS,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  return database.transaction(async (sql) => {
    if (database.engine === 'postgres') await sql.all('SELECT pg_advisory_xact_lock($1)', LOCKS[name])
    return work(sql)
  })
}

/** What is put behind a SELECT so that its rows stay as they are until the transaction ends. */
export function forUpdate({ engine }: Pick<Database, 'engine'>): string {
  return engine === 'postgres' ? ' FOR UPDATE' : ''
}
