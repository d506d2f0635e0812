import { closeSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { databaseTime } from '../lease.ts'
import { own, syncPath } from '../private-file.ts'
import type { Database } from './database.ts'
import { SqliteThread } from './sqlite-thread.ts'

/**
 * Writes all that is in a database of SQLite now, of one moment, to a new file, mode 0600, while bridges go on writing.
 *
 * @throws when the file is there already, or cannot be written: then there is none.
 */
export async function copySqlite(database: Database, target: string): Promise<void> {
  // SQLite takes an empty file, and keeps its mode.
  closeSync(openSync(target, 'wx', 0o600))
  try {
    await database.run('VACUUM INTO $1', target)
    own(target)
    syncPath(target)
    syncPath(dirname(target))
  } catch (cause) {
    rmSync(target, { force: true })
    throw cause
  }
}

export interface BackupFacts {
  /** Of its tables. */
  readonly version: number
  readonly records: number
}

/** What a file of SQLite holds, once all of it was looked at; a sentence when it is no backup, or not whole. Changes nothing. */
export async function examineSqlite(path: string): Promise<BackupFacts | string> {
  const thread = new SqliteThread(path)
  const ask = async (text: string) => (await thread.all(text, [])) as Readonly<Record<string, unknown>>[]
  try {
    await thread.exec('PRAGMA query_only=ON')
    const [told] = await ask('PRAGMA integrity_check')
    // guard: backups-are-whole
    if (told?.integrity_check !== 'ok') return `it is damaged: ${String(told?.integrity_check)}`
    const [migrations] = await ask('SELECT MAX(version) AS version FROM migrations')
    const [audit] = await ask('SELECT COUNT(*) AS records FROM audit')
    return { version: Number(migrations?.version ?? 0), records: Number(audit?.records ?? 0) }
  } catch (cause) {
    const { code, message } = cause as { code?: string; message?: string }
    return code === 'SQLITE_ERROR'
      ? 'it is no database of a bridge'
      : `it is no database that can be read: ${message}`
  } finally {
    await thread.close()
  }
}

/** Who lives says so each second. */
const ALIVE_MS = 10_000

/** Whether somebody has said lately that it lives. A database that is lost or damaged is used by nobody. */
export async function isSqliteUsed(path: string): Promise<boolean> {
  const thread = new SqliteThread(path)
  const alive = `seen_at > ${databaseTime({ engine: 'sqlite' })} - ${ALIVE_MS}`
  try {
    const rows = await thread.all(`SELECT 1 FROM instances WHERE ended_at IS NULL AND ${alive}`, [])
    return (rows as unknown[]).length > 0
  } catch {
    return false
  } finally {
    await thread.close()
  }
}
