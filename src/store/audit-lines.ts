import type { Database } from './sql/database.ts'

/** A record as it is kept. */
export interface StoredRecord {
  readonly seq: number
  readonly at: number
  readonly hash: string
  readonly line: string
}

const PAGE_ROWS = 2_000

/** The records behind `after` up to `upTo`, in their order, a page at a time: those that are there when it comes to them. */
export async function* recordsOf(
  database: Database,
  after = 0,
  upTo = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<readonly StoredRecord[]> {
  for (let last = after; last < upTo; ) {
    const rows = await database.scan<StoredRecord>(
      `SELECT seq, at, hash, line FROM audit WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT ${PAGE_ROWS}`,
      last,
      upTo,
    )
    if (rows.length > 0) yield rows
    last = rows.at(-1)?.seq ?? upTo
    if (rows.length < PAGE_ROWS) return
  }
}

/** The whole log with the digests that stand beside the lines. */
export async function* linesIn(database: Database) {
  for await (const rows of recordsOf(database))
    yield rows.map(({ line, hash }) => ({ line: Buffer.from(line), hash }))
}

/** The records behind `after`, at most `limit`. */
export function pageOf(database: Database, after: number, limit: number): Promise<readonly StoredRecord[]> {
  return database.scan<StoredRecord>(
    'SELECT seq, at, hash, line FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2',
    after,
    limit,
  )
}

/** The newest records, oldest of them first. */
export async function newestRecords(database: Database, count: number): Promise<readonly StoredRecord[]> {
  const rows = await database.scan<StoredRecord>(
    'SELECT seq, at, hash, line FROM audit ORDER BY seq DESC LIMIT $1',
    count,
  )
  return rows.toReversed()
}

/** Where the records of a period stand: behind `after` and up to `upTo`. One whose clock was wrong may stand elsewhere. */
export async function placesOf(
  database: Database,
  { since, until }: { readonly since?: Date | undefined; readonly until?: Date | undefined },
): Promise<{ readonly after: number; readonly upTo: number }> {
  const after = since && (await database.scan<{ seq: number }>(FIRST_SINCE, since.getTime()))
  const upTo = until && (await database.scan<{ seq: number }>(LAST_BEFORE, until.getTime()))
  return {
    after: after === undefined ? 0 : (after[0]?.seq ?? Number.MAX_SAFE_INTEGER) - 1,
    upTo: upTo === undefined ? Number.MAX_SAFE_INTEGER : (upTo[0]?.seq ?? 0),
  }
}

const FIRST_SINCE = 'SELECT seq FROM audit WHERE at >= $1 ORDER BY at, seq LIMIT 1'
const LAST_BEFORE = 'SELECT seq FROM audit WHERE at < $1 ORDER BY at DESC, seq DESC LIMIT 1'

/** The record that says how a call ended. */
export async function endOf(database: Database, call: string): Promise<StoredRecord | undefined> {
  const [row] = await database.all<StoredRecord>(
    "SELECT seq, at, hash, line FROM audit WHERE call = $1 AND type = 'call.finished' ORDER BY seq DESC LIMIT 1",
    call,
  )
  return row
}

/** The first checkpoint behind a record. */
export async function checkpointAfter(database: Database, seq: number): Promise<number | undefined> {
  const [row] = await database.scan<{ seq: number }>(
    "SELECT seq FROM audit WHERE type = 'audit.checkpoint' AND seq > $1 ORDER BY seq LIMIT 1",
    seq,
  )
  return row?.seq
}
