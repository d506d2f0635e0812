import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { randomHex } from '../../src/lib/ids.ts'
import type { Database } from '../../src/store/sql/database.ts'
import { openDatabase } from '../../src/store/sql/open-database.ts'
import { startPostgres, type TestPostgres } from './postgres.ts'

export const ENGINES = ['sqlite', 'postgres'] as const
export type Engine = (typeof ENGINES)[number]

/** Databases of both engines for a file of tests; all are closed and gone after it. */
export function testDatabases() {
  let postgres: TestPostgres | undefined
  const directory = mkdtempSync(join(tmpdir(), 'bridge-databases-'))
  const opened: Database[] = []
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  const closeAll = async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()))
  }
  afterAll(async () => {
    await closeAll()
    await postgres?.stop()
    rmSync(directory, { recursive: true, force: true })
  })
  const server = (): TestPostgres => {
    if (postgres === undefined) throw new Error('PostgreSQL was not started')
    return postgres
  }
  const newUrl = async (engine: Engine): Promise<string> =>
    engine === 'sqlite' ? `sqlite:${join(directory, `${randomHex()}.db`)}` : server().database()
  const open = async (url: string): Promise<Database> => {
    const database = await openDatabase(url, systemClock)
    opened.push(database)
    return database
  }
  return {
    /** To be killed and started. */
    server,
    newUrl,
    open,
    /** Where a file opens so many that PostgreSQL would run out of connections. */
    closeAll,
    /** Two connections of one new database, as two instances have them. */
    async two(engine: Engine): Promise<readonly [Database, Database]> {
      const url = await newUrl(engine)
      return [await open(url), await open(url)]
    },
  }
}
