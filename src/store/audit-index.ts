import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { wordsOfRecord } from './audit-words.ts'
import type { Database, Sql } from './sql/database.ts'

/** In one transaction: a call that is being recorded meanwhile waits a millisecond or two for it. */
const BATCH_ROWS = 50
const PAUSE_MS = 20
/** How often it is looked whether there is something new. */
const LOOK_MS = 1_000

/** Puts the words of a batch of records into the index. Resolves to how many records were left to do, at most. */
export async function indexBatch(database: Database, rows = BATCH_ROWS): Promise<number> {
  const cursor = await indexedTo(database)
  const next = await database.all<{ seq: number; line: string }>(
    'SELECT seq, line FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2',
    cursor,
    rows,
  )
  const last = next.at(-1)
  if (last === undefined) return 0
  const values = JSON.stringify(next.map(({ seq, line }) => [seq, wordsOfRecord(line).join(' ')]))
  // What a loss of power takes is indexed anew.
  await database.transaction(async (sql) => {
    // Whoever else indexes has done this batch already.
    const moved = await sql.run(
      'UPDATE audit_indexed SET seq = $1 WHERE id = 1 AND seq = $2',
      last.seq,
      cursor,
    )
    if (moved === 1) await insertWords(sql, database.engine, values)
  }, 'written')
  return next.length
}

/** The last record whose words are in the index. */
export async function indexedTo(database: Database): Promise<number> {
  const [row] = await database.all<{ seq: number }>('SELECT seq FROM audit_indexed WHERE id = 1')
  return row?.seq ?? 0
}

/** Indexes what is appended, beside the calls, until the signal. Never rejects: what fails is tried again. */
export async function followWithIndex(
  database: Database,
  clock: Clock,
  log: Pick<Log, 'warn'>,
  signal: AbortSignal,
): Promise<void> {
  let isWell = true
  // What starts should not wait for it.
  await clock.sleep(LOOK_MS, signal).catch(() => undefined)
  while (!signal.aborted) {
    const left = await indexBatch(database).catch((cause: unknown) => {
      if (isWell && !signal.aborted)
        log.warn('The audit cannot be indexed; it is tried again', { cause: String(cause) })
      return -1
    })
    isWell = left >= 0
    await clock.sleep(left >= BATCH_ROWS ? PAUSE_MS : LOOK_MS, signal).catch(() => undefined)
  }
}

/** Puts words into the index: JSON, for each record its place and its words with spaces between them. */
export async function insertWords(sql: Sql, engine: Database['engine'], values: string): Promise<void> {
  await sql.run(
    engine === 'sqlite'
      ? 'INSERT INTO audit_words (rowid, words) SELECT value->>0, value->>1 FROM json_each($1)'
      : `INSERT INTO audit_words (seq, words)
        SELECT (value->>0)::BIGINT, (value->>1)::TSVECTOR FROM json_array_elements($1::JSON)`,
    values,
  )
}
