import { type Database, type Sql, UnusableDatabase } from './database.ts'

/** A step of the tables from one version to the next; never changed once it was released. */
export interface Migration {
  readonly version: number
  readonly name: string
  /** Statements in order. `{bytes}` stands for the engine's type of bytes, `{key}` for that of whole numbers that are a primary key. */
  readonly both?: readonly string[]
  readonly sqlite?: readonly string[]
  readonly postgres?: readonly string[]
}

const BYTES = { sqlite: 'BLOB', postgres: 'BYTEA' }
/** In SQLite this very word makes the column the row's own number. */
const KEY = { sqlite: 'INTEGER', postgres: 'BIGINT' }
/** Of all users of a PostgreSQL database, those that migrate these tables. */
const LOCK = 7_771_022

/**
 * Brings the tables to the newest version, a step a transaction: whoever is killed in the middle leaves the last whole step. Of several
 * that start at once one does each step.
 *
 * @throws UnusableDatabase when a newer version of the bridge has written here.
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[],
  now: Date,
): Promise<void> {
  const newest = migrations.at(-1)?.version ?? 0
  if ((await versionNow(database)) === newest) return
  await alone(database, async (sql) => {
    await sql.run(
      'CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, at BIGINT NOT NULL)',
    )
  })
  for (const migration of migrations) await step(database, migration, now)
  const version = await versionNow(database)
  if (version > newest)
    throw new UnusableDatabase(
      `The database was written by a newer version of ssh-mcp-bridge (its tables are of version ${version}, this one knows ${newest}). Start the newer version, or restore a backup from before.`,
    )
}

async function step(
  database: Database,
  { version, name, both = [], ...own }: Migration,
  now: Date,
): Promise<void> {
  await alone(database, async (sql) => {
    if (await isDone(sql, version)) return
    for (const text of [...both, ...(own[database.engine] ?? [])])
      await sql.run(
        text.replaceAll('{bytes}', BYTES[database.engine]).replaceAll('{key}', KEY[database.engine]),
      )
    await sql.run(
      'INSERT INTO migrations (version, name, at) VALUES ($1, $2, $3)',
      version,
      name,
      now.getTime(),
    )
  })
}

/** In a transaction, while nobody else changes the tables: also IF NOT EXISTS fails for one of two that make the same in PostgreSQL at once. */
async function alone(database: Database, work: (sql: Sql) => Promise<void>): Promise<void> {
  await database.transaction(async (sql) => {
    if (database.engine === 'postgres') await sql.all(`SELECT pg_advisory_xact_lock(${LOCK})`)
    await work(sql)
  })
}

async function isDone(sql: Sql, version: number): Promise<boolean> {
  return (await sql.all('SELECT 1 FROM migrations WHERE version = $1', version)).length > 0
}

/** 0 where there are no tables yet. */
async function versionNow(database: Database): Promise<number> {
  const exists =
    database.engine === 'sqlite'
      ? "SELECT 1 FROM sqlite_master WHERE name = 'migrations'"
      : "SELECT 1 WHERE to_regclass('migrations') IS NOT NULL"
  if ((await database.all(exists)).length === 0) return 0
  const [row] = await database.all<{ version: number | null }>(
    'SELECT MAX(version) AS version FROM migrations',
  )
  return row?.version ?? 0
}
