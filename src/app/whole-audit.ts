import { systemClock } from '../lib/clock.ts'
import { openDatabase } from '../store/sql/open-database.ts'

/**
 * Every line of an audit, in its order, for one that is short.
 *
 * @throws what opening the database throws.
 */
export async function wholeAudit(databaseUrl: string): Promise<readonly string[]> {
  const database = await openDatabase(databaseUrl, systemClock)
  try {
    const rows = await database.all<{ line: string }>('SELECT line FROM audit ORDER BY seq')
    return rows.map(({ line }) => line)
  } finally {
    await database.close()
  }
}
