import type { Database } from './sql/database.ts'

/** A call that has begun at some instance, and whose end is not on record. */
export interface OpenCall {
  readonly id: string
  readonly instance: string
  readonly startedAt: Date
  /** Its record: canonical JSON, redacted when it was written. */
  readonly record: Readonly<Record<string, unknown>>
}

export interface OpenSession {
  /** A `principalKey`. */
  readonly owner: string
  readonly host: string
  readonly name?: string
  readonly createdAt: Date
  readonly lastUsedAt: Date
  readonly isHeld: boolean
}

/** At whichever instance, the newest first. */
export async function openCalls(database: Database, most: number): Promise<readonly OpenCall[]> {
  const rows = await database.scan<{ call: string; instance: string; at: number; line: string }>(
    'SELECT open_calls.call, open_calls.instance, audit.at, audit.line FROM open_calls JOIN audit ON audit.seq = open_calls.seq ORDER BY open_calls.seq DESC LIMIT $1',
    most,
  )
  return rows.map(({ call, instance, at, line }) => ({
    id: call,
    instance,
    startedAt: new Date(at),
    record: JSON.parse(line) as Record<string, unknown>,
  }))
}

/** Of everybody; those that were used last first. */
export async function openSessions(
  database: Database,
  usedAfter: Date,
  most: number,
): Promise<readonly OpenSession[]> {
  const rows = await database.scan<{
    owner: string
    host: string
    record: string
    created_at: number
    last_used_at: number
    held_by: string | null
  }>(
    `SELECT owner, host, record, created_at, last_used_at, held_by FROM sessions
      WHERE last_used_at > $1 OR held_by IS NOT NULL ORDER BY last_used_at DESC LIMIT $2`,
    usedAfter.getTime(),
    most,
  )
  return rows.map(({ owner, host, record, created_at, last_used_at, held_by }) => {
    const { name } = JSON.parse(record) as { name?: string }
    return {
      owner,
      host,
      ...(name !== undefined && { name }),
      createdAt: new Date(created_at),
      lastUsedAt: new Date(last_used_at),
      isHeld: held_by !== null,
    }
  })
}
