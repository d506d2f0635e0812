import type { Clock } from '../../lib/clock.ts'
import { MIGRATIONS } from '../migrations/list.ts'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import { openingFault } from './opening-fault.ts'

const FILE = 'sqlite:'

/**
 * The database of a configuration, at the newest version of its tables. Of the two engines only the one that is used is read.
 *
 * @param url `sqlite:/path/of/file.db`, or `postgres://user:password@server/name`.
 * @throws UnusableDatabase when it can never work like this; DatabaseAway when it may work later.
 */
export async function openDatabase(url: string, clock: Clock): Promise<Database> {
  let database: Database | undefined
  try {
    database = await connect(url, clock)
    await migrate(database, MIGRATIONS, clock.now())
    return database
  } catch (cause) {
    await database?.close()
    throw url.startsWith(FILE) ? openingFault(cause, url.slice(FILE.length)) : cause
  }
}

async function connect(url: string, clock: Clock): Promise<Database> {
  if (url.startsWith(FILE)) {
    const { openSqlite } = await import('./sqlite.ts')
    return openSqlite(url.slice(FILE.length), clock)
  }
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(url, clock)
}
