import type { Config } from '../config/config.ts'
import { outlive, systemClock } from '../lib/clock.ts'
import { type KnownInstance, livingInstances } from '../store/known-instances.ts'
import { openDatabase } from '../store/sql/open-database.ts'

export type { KnownInstance } from '../store/known-instances.ts'

/**
 * The instances that share the database of a configuration, for the command line.
 *
 * @throws UnusableDatabase; what opening the database throws.
 */
export function instancesOf({ storage }: Config): Promise<readonly KnownInstance[]> {
  return outlive(
    (async () => {
      const database = await openDatabase(storage.url, systemClock)
      try {
        return await livingInstances(database)
      } finally {
        await database.close()
      }
    })(),
  )
}
