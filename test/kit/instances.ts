import { systemClock } from '../../src/lib/clock.ts'
import type { Writer } from '../../src/store/audit-append.ts'
import { registerInstance } from '../../src/store/instance.ts'
import type { Database } from '../../src/store/sql/database.ts'
import { type Engine, testDatabases } from './databases.ts'

/** One of several that share a database. */
export interface TestInstance {
  readonly database: Database
  readonly me: Writer
  /** As if others had declared it dead: it does not know. */
  die(): Promise<void>
}

export interface TestInstances {
  /** Where a new, empty database is. */
  newUrl(engine: Engine): Promise<string>
  /** Another instance on it. */
  join(url: string): Promise<TestInstance>
  /** Closes the connections of all that have joined. */
  closeAll(): Promise<void>
}

/** Instances on databases of both engines for a file of tests. */
export function testInstances(): TestInstances {
  const { newUrl, open, closeAll } = testDatabases()
  return {
    newUrl,
    closeAll,
    async join(url) {
      const database = await open(url)
      const { id } = await registerInstance(database, systemClock)
      return {
        database,
        me: { id },
        die: async () => void (await database.run('UPDATE instances SET ended_at = 1 WHERE id = $1', id)),
      }
    },
  }
}
