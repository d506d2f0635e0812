import { chained, digestOf, GENESIS } from '../evidence/chain.ts'
import { AlreadyThere, type Database, type Sql } from './sql/database.ts'

/** A record before it has a place in the chain. */
export interface AuditRow {
  readonly at: number
  readonly type: string
  readonly call: string | undefined
  readonly person: string | undefined
  readonly host: string | undefined
  readonly action: string | undefined
  readonly outcome: string | undefined
  /** A canonical JSON object, without its place. */
  readonly body: string
}

/** This instance has been declared dead: another one has taken over what it had, and nothing that it still does may be written. */
export class FencedOff extends Error {}

/** Puts rows at the end of the chain, all or none. Resolves to the place of the last one, once all are durable. */
export type AppendRows = (rows: readonly AuditRow[]) => Promise<number>

/** The instance that writes: another one after this process was declared lost and has come back. */
export interface Writer {
  readonly id: string
}

/** @throws (the appending) FencedOff; what the database rejects with. */
export function appendRowsTo(database: Database, writer: Writer): AppendRows {
  return database.engine === 'sqlite'
    ? appendToSqlite(database, writer)
    : (rows) => appendInPostgres(database, writer.id, rows)
}

/** In a transaction that holds the end of the chain: see `holdHead`. */
export async function appendWithin(
  sql: Sql,
  engine: Database['engine'],
  writer: Writer,
  rows: readonly AuditRow[],
): Promise<void> {
  if (engine === 'postgres') await appendInPostgres(sql, writer.id, rows)
  else await insertInSqlite(sql, writer.id, rows, await headOf(sql))
}

/** Nobody appends until the transaction is over; what was being appended is there. SQLite holds everything from the beginning. */
export async function holdHead(sql: Sql, engine: Database['engine']): Promise<void> {
  if (engine === 'postgres') await sql.all('SELECT seq FROM audit_head FOR UPDATE')
}

async function appendInPostgres(sql: Sql, instance: string, rows: readonly AuditRow[]): Promise<number> {
  const [row] = await sql.all<{ last: number | null }>(
    'SELECT audit_append($1, $2) AS last',
    instance,
    JSON.stringify(
      rows.map(({ at, type, call, person, host, action, outcome, body }) => [
        at,
        type,
        call,
        person,
        host,
        action,
        outcome,
        body,
      ]),
    ),
  )
  if (typeof row?.last !== 'number') throw new FencedOff('this instance was fenced off')
  return row.last
}

interface Head {
  readonly seq: number
  readonly hash: string
}

/** Lines are made on the head as it was seen last: when another process was faster, its place is taken, and they are made anew. */
function appendToSqlite(database: Database, writer: Writer): AppendRows {
  let seen: Head | undefined
  return async (rows) => {
    // Also when it is made anew: what one instance had to say is not said by the next.
    const { id } = writer
    for (;;) {
      const head: Head = seen ?? (await headOf(database))
      // What fails leaves the head unknown.
      seen = undefined
      try {
        seen = await insertInSqlite(database, id, rows, head)
        return seen.seq
      } catch (cause) {
        if (!(cause instanceof AlreadyThere)) throw cause
      }
    }
  }
}

async function insertInSqlite(
  sql: Sql,
  instance: string,
  rows: readonly AuditRow[],
  head: Head,
): Promise<Head> {
  let { seq, hash } = head
  const values = rows.map(({ at, type, call, person, host, action, outcome, body }) => {
    seq += 1
    const line = chained(body, { seq, prev: hash })
    hash = digestOf(line)
    return [seq, at, type, call, person, host, action, outcome, hash, line]
  })
  const added = await sql.run(
    `INSERT INTO audit (seq, at, type, instance, call, person, host, action, outcome, hash, line)
    SELECT value->>0, value->>1, value->>2, $1, value->>3, value->>4, value->>5, value->>6, value->>7, value->>8, value->>9
    FROM json_each($2) WHERE EXISTS (SELECT 1 FROM instances WHERE id = $1 AND ended_at IS NULL)`,
    instance,
    JSON.stringify(values),
  )
  if (added === 0) throw new FencedOff('this instance was fenced off')
  return { seq, hash }
}

async function headOf(sql: Sql): Promise<Head> {
  const [head] = await sql.all<Head>('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1')
  return head ?? { seq: 0, hash: GENESIS }
}
