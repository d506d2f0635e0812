import { hostname } from 'node:os'
import type { Clock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import { databaseTime } from './lease.ts'
import { ownLife } from './process-life.ts'
import type { Database } from './sql/database.ts'

/** A running bridge as others that share its database know it. */
export interface Instance {
  readonly id: string
  /** It ends of its own will: it has nothing any more that somebody would have to take over. */
  close(): Promise<void>
}

/** Makes this process known. What it writes from then on is its own. */
export async function registerInstance(database: Database, clock: Clock): Promise<Instance> {
  const id = randomId('inst')
  const now = clock.now().getTime()
  await database.run(
    // Seen by the clock of the database, like the lease that is renewed from now on.
    `INSERT INTO instances (id, started_at, seen_at, process) VALUES ($1, $2, ${databaseTime(database)}, $3)`,
    id,
    now,
    ownLife(hostname()),
  )
  return {
    id,
    close: async () => {
      await database.run(
        "UPDATE instances SET ended_at = $1, ended_why = 'stopped' WHERE id = $2 AND ended_at IS NULL",
        clock.now().getTime(),
        id,
      )
    },
  }
}

/** How many share the database and have not ended. */
export async function livingInstances(database: Database): Promise<number> {
  const [row] = await database.all<{ living: number }>(
    'SELECT COUNT(*) AS living FROM instances WHERE ended_at IS NULL',
  )
  return Number(row?.living ?? 0)
}

/** Forgets those that ended before: what names one that is not there counts as left by one that is gone. */
export async function forgetInstances(database: Database, endedBeforeMs: number): Promise<void> {
  await database.run('DELETE FROM instances WHERE ended_at < $1', endedBeforeMs)
}
