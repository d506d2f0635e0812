import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { BridgeError } from '../domain/errors.ts'
import { outlive, systemClock } from '../lib/clock.ts'
import { MIGRATIONS } from '../store/migrations/list.ts'
import { type BackupFacts, examineSqlite, isSqliteUsed } from '../store/sql/backup.ts'
import type { Database } from '../store/sql/database.ts'
import { openDatabase } from '../store/sql/open-database.ts'
import { postgresTool } from './backup.ts'
import { sqliteFile } from './database-place.ts'

export interface Restored {
  /** Where the database is that was there before. */
  readonly before?: string
  /** Of the audit. */
  readonly records?: number
}

/** Those that SQLite keeps beside its file. */
const BESIDE = ['', '-wal', '-shm']

/**
 * Puts a backup in the place of the database of a configuration. Nothing is changed before the whole of it was looked at, and what was
 * there before stays beside it.
 *
 * @throws BridgeError while a bridge runs on the database; when the backup is not whole, or of a newer version.
 */
export function restore(config: Config, from: string): Promise<Restored> {
  if (!existsSync(from)) throw new BridgeError('bad_request', `there is no file ${from}`)
  const file = sqliteFile(config.storage.url)
  return outlive(file === undefined ? load(config.storage.url, from) : replace(file, from))
}

async function replace(file: string, from: string): Promise<Restored> {
  await refuseWhileUsed(file)
  const { records } = await examine(from)
  const now = systemClock.now().toISOString().replace(/[:.]/g, '-')
  const making = `${file}.restoring-${now}`
  try {
    copyFileSync(from, making)
    // Brought to the version of now, whole and on the disk, before anything is moved.
    const database = await openDatabase(`sqlite:${making}`, systemClock)
    await endWhatWasOpen(database)
    await database.all('PRAGMA wal_checkpoint(TRUNCATE)')
    await database.close()
    const before = `${file}.before-${now}`
    const wasThere = existsSync(file)
    for (const end of BESIDE) if (existsSync(file + end)) renameSync(file + end, before + end)
    renameSync(making, file)
    return { records, ...(wasThere && { before }) }
  } finally {
    for (const end of BESIDE) rmSync(making + end, { force: true })
  }
}

async function examine(path: string): Promise<BackupFacts> {
  const facts = await examineSqlite(path)
  if (typeof facts === 'string') throw new BridgeError('bad_request', `${path} is not restored: ${facts}`)
  const newest = MIGRATIONS.at(-1)?.version ?? 0
  if (facts.version > newest)
    throw new BridgeError(
      'bad_request',
      `${path} is not restored: it was written by a newer version of ssh-mcp-bridge (its tables are of version ${facts.version}, this one knows ${newest})`,
    )
  return facts
}

async function refuseWhileUsed(file: string): Promise<void> {
  // guard: restore-only-at-rest
  if (existsSync(file) && (await isSqliteUsed(file)))
    throw new BridgeError(
      'bad_request',
      'a bridge runs on this database (ssh-mcp-bridge instances names it): stop it first',
    )
}

/**
 * Instances of the time of the backup are not those of now. What people said yes to then may be done, used up or taken back since: it would
 * be there once more.
 */
async function endWhatWasOpen(database: Database): Promise<void> {
  await database.run(
    "UPDATE instances SET ended_at = $1, ended_why = 'restored' WHERE ended_at IS NULL",
    systemClock.now().getTime(),
  )
  await database.run('DELETE FROM transfer_links')
  // guard: restored-yeses-are-over
  await database.run("DELETE FROM approvals WHERE state IN ('waiting', 'started')")
  await database.run('DELETE FROM grants')
}

/** Only into a database in which nothing is: the one of before stays as it is, under its own name. */
async function load(url: string, from: string): Promise<Restored> {
  const { openPostgres } = await import('../store/sql/postgres.ts')
  const empty = await openPostgres(url, systemClock)
  try {
    const tables = await empty.all("SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1")
    // guard: restore-replaces-nothing
    if (tables.length > 0)
      throw new BridgeError(
        'bad_request',
        'this database is not empty: make a new one (createdb NAME), name it in storage.url, and restore into that; the one of now stays as it is',
      )
  } finally {
    await empty.close()
  }
  await postgresTool('pg_restore', url, ['--exit-on-error', '--single-transaction', '--no-owner', from])
  const database = await openDatabase(url, systemClock)
  try {
    await endWhatWasOpen(database)
    const [row] = await database.all<{ records: number }>('SELECT COUNT(*) AS records FROM audit')
    return { records: row?.records ?? 0 }
  } finally {
    await database.close()
  }
}
