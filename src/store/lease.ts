import { hostname } from 'node:os'
import { appendWithin, holdHead, type Writer } from './audit-append.ts'
import { auditRow } from './audit-record.ts'
import { isGone } from './process-life.ts'
import type { Database } from './sql/database.ts'

/**
 * Who has not said for so long that it lives is lost, by the clock of the database. Who shares a file of SQLite is on this machine: a process
 * that has ended is seen to be gone at once, and one that lives may be held up by a slow disk for long.
 */
export const LEASE_MS = { sqlite: 30_000, postgres: 5_000 } as const

/** An instance that somebody has declared lost, or that has ended by itself. */
export interface LostInstance {
  readonly id: string
  /** Host name, process id, start time. */
  readonly process: string
  readonly silentMs: number
}

/** Milliseconds since 1970 by the one clock that all instances share. */
export function databaseTime({ engine }: Pick<Database, 'engine'>): string {
  return engine === 'sqlite'
    ? "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"
    : 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)'
}

/** Says that the instance lives. False: it was declared lost, and nothing that it still does may be written. */
export async function renewLease(database: Database, id: string): Promise<boolean> {
  const renewed = await database.first.run(
    `UPDATE instances SET seen_at = ${databaseTime(database)} WHERE id = $1 AND ended_at IS NULL`,
    id,
  )
  return renewed > 0
}

/**
 * Declares lost, in the name of `me`, every other instance whose lease has run out, and at once those whose process on this machine is no
 * more; that is on record with it. Whatever it was about to append is there before, or is refused afterwards: it is declared while nobody
 * appends.
 */
export async function declareLost(
  database: Database,
  { id: me }: Writer,
  now: Date,
): Promise<readonly LostInstance[]> {
  // guard: silent-instances-are-lost
  const silent = `id <> $1 AND ended_at IS NULL AND seen_at < ${databaseTime(database)} - ${LEASE_MS[database.engine]}`
  const others = await database.all<{ id: string; process: string; silent: number }>(
    `SELECT id, process, CASE WHEN ${silent} THEN 1 ELSE 0 END AS silent FROM instances WHERE id <> $1 AND ended_at IS NULL`,
    me,
  )
  const gone = others.filter(({ process }) => isGone(process, hostname())).map(({ id }) => id)
  if (gone.length === 0 && !others.some((other) => other.silent === 1)) return []
  const set = `UPDATE instances SET ended_at = ${databaseTime(database)}, ended_why = 'lost', ended_by = $1`
  const told = 'RETURNING id, process, ended_at - seen_at AS "silentMs"'
  return database.transaction(async (sql) => {
    await holdHead(sql, database.engine)
    const lost = [...(await sql.all<LostInstance>(`${set} WHERE ${silent} ${told}`, me))]
    for (const id of gone)
      lost.push(...(await sql.all<LostInstance>(`${set} WHERE id = $2 AND ended_at IS NULL ${told}`, me, id)))
    const rows = lost.map(({ id: instance, silentMs }) =>
      auditRow({ type: 'instance.lost', at: now, instance, by: me, silentMs }),
    )
    if (rows.length > 0) await appendWithin(sql, database.engine, { id: me }, rows)
    return lost
  })
}
