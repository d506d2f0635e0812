import type { AuditSearch } from '../domain/audit-reading.ts'
import { indexedTo } from './audit-index.ts'
import type { StoredRecord } from './audit-lines.ts'
import { placesOf } from './audit-lines.ts'
import { fieldWord, hasField, SEARCH_FIELDS, wordsOf, wordsOfRecord } from './audit-words.ts'
import type { Database } from './sql/database.ts'

export interface Found {
  /** The newest first. */
  readonly records: readonly StoredRecord[]
  /** Records that are not in the index yet and were not looked at: 0 but for a database that was filled from elsewhere. */
  readonly unindexed: number
}

/** Read at once. */
const PAGE_ROWS = 100
/** Records stand so far from where their time says at most: several instances write, each by its own clock. */
const SKEW = 1_000
/** Of what is not in the index yet, so many are read. */
const MOST_UNINDEXED = 2_000
/** Of the newest records in PostgreSQL so many tell how common it is what is looked for. */
const SAMPLE = 1_000
/** At least so many of them have it: it is common, and found sooner in the next newest ones than by the index. */
const COMMON = 10
const NEXT_NEWEST = 10_000

/** The newest records that have all that is asked for. */
export async function searchAudit(database: Database, query: AuditSearch): Promise<Found> {
  const { limit, before = Number.MAX_SAFE_INTEGER } = query
  const fields = SEARCH_FIELDS.flatMap((field) => {
    const value = query[field]
    return value === undefined ? [] : [{ field, value }]
  })
  const words = [...wordsOf(query.text ?? ''), ...fields.map(({ field, value }) => fieldWord(field, value))]
  const place = await placesOf(database, query)
  const range = { after: Math.max(0, place.after - SKEW), upTo: Math.min(place.upTo + SKEW, before - 1) }
  const isIt = ({ at, line }: StoredRecord) =>
    (query.since === undefined || at >= query.since.getTime()) &&
    (query.until === undefined || at < query.until.getTime()) &&
    fields.every(({ field, value }) => hasField(line, field, value))
  if (words.length === 0) {
    const pageOf = (upTo: number) => newest(database, { ...range, upTo }, PAGE_ROWS)
    return { records: await collect(pageOf, range.upTo, isIt, limit), unindexed: 0 }
  }
  const indexed = await indexedTo(database)
  const tailed = { after: Math.max(range.after, indexed), upTo: range.upTo }
  const tail = await newest(database, tailed, MOST_UNINDEXED)
  const unindexed = tail.length < MOST_UNINDEXED ? 0 : Math.max(0, (tail.at(-1)?.seq ?? 0) - tailed.after - 1)
  const records = tail.filter((record) => isIt(record) && hasWords(record.line, words)).slice(0, limit)
  const pageOf = (upTo: number) => inIndex(database, words, { ...range, upTo }, PAGE_ROWS)
  const last = Math.min(range.upTo, indexed)
  return { records: [...records, ...(await collect(pageOf, last, isIt, limit - records.length))], unindexed }
}

/** Pages from the newest on, until there are enough that fit. */
async function collect(
  pageOf: (upTo: number) => Promise<readonly StoredRecord[]>,
  newestSeq: number,
  isIt: (record: StoredRecord) => boolean,
  limit: number,
): Promise<StoredRecord[]> {
  const found: StoredRecord[] = []
  for (let upTo = newestSeq; found.length < limit; ) {
    const page = await pageOf(upTo)
    found.push(...page.filter(isIt))
    if (page.length < PAGE_ROWS) break
    upTo = (page.at(-1)?.seq ?? 1) - 1
  }
  return found.slice(0, limit)
}

interface Range {
  readonly after: number
  readonly upTo: number
}

async function newest(database: Database, { after, upTo }: Range, limit: number): Promise<StoredRecord[]> {
  const rows = await database.scan<StoredRecord>(
    'SELECT seq, at, hash, line FROM audit WHERE seq > $1 AND seq <= $2 ORDER BY seq DESC LIMIT $3',
    after,
    upTo,
    limit,
  )
  return [...rows]
}

function hasWords(line: string, words: readonly string[]): boolean {
  const there = wordsOfRecord(line)
  const known = new Set(there)
  return words.every((word) =>
    word.endsWith('*') ? there.some((one) => one.startsWith(word.slice(0, -1))) : known.has(word),
  )
}

async function inIndex(
  database: Database,
  words: readonly string[],
  range: Range,
  limit: number,
): Promise<readonly StoredRecord[]> {
  const seqs =
    database.engine === 'sqlite'
      ? await seqsInSqlite(database, words, range, limit)
      : await seqsInPostgres(database, words, range, limit)
  if (seqs.length === 0) return []
  const list =
    database.engine === 'sqlite'
      ? 'SELECT value FROM json_each($1)'
      : 'SELECT json_array_elements_text($1::JSON)::BIGINT'
  return database.scan<StoredRecord>(
    `SELECT seq, at, hash, line FROM audit WHERE seq IN (${list}) ORDER BY seq DESC`,
    JSON.stringify(seqs),
  )
}

/** The index gives them from the newest on, so it ends as soon as there are enough. */
async function seqsInSqlite(
  database: Database,
  words: readonly string[],
  { after, upTo }: Range,
  limit: number,
): Promise<number[]> {
  const match = words
    .map((word) => (word.endsWith('*') ? `"${word.slice(0, -1)}"*` : `"${word}"`))
    .join(' AND ')
  const rows = await database.scan<{ seq: number }>(
    'SELECT rowid AS seq FROM audit_words WHERE audit_words MATCH $1 AND rowid > $2 AND rowid <= $3 ORDER BY rowid DESC LIMIT $4',
    match,
    after,
    upTo,
    limit,
  )
  return rows.map(({ seq }) => seq)
}

/** Of a common word the index would give all records there are, each to be looked up: so that is found without it. */
async function seqsInPostgres(
  database: Database,
  words: readonly string[],
  { after, upTo }: Range,
  limit: number,
): Promise<number[]> {
  const match = words
    .map((word) => (word.endsWith('*') ? `'${word.slice(0, -1)}':*` : `'${word}'`))
    .join(' & ')
  const found: number[] = []
  let last = upTo
  for (const rows of [SAMPLE, NEXT_NEWEST]) {
    if (rows !== SAMPLE && found.length < COMMON) break
    const from = Math.max(after, last - rows)
    const next = await database.scan<{ seq: number }>(
      `SELECT seq FROM (SELECT seq, words FROM audit_words WHERE seq > $2 AND seq <= $3 ORDER BY seq DESC LIMIT ${rows}) AS newest
        WHERE words @@ $1::TSQUERY ORDER BY seq DESC LIMIT $4`,
      match,
      from,
      last,
      limit - found.length,
    )
    found.push(...next.map(({ seq }) => seq))
    last = from
    if (found.length === limit || last <= after) return found
  }
  // Apart from the range, which the server would take for a small one without knowing it, and read from one end to the other.
  const rest = await database.scan<{ seq: number }>(
    `WITH found AS MATERIALIZED (SELECT seq FROM audit_words WHERE words @@ $1::TSQUERY)
      SELECT seq FROM found WHERE seq > $2 AND seq <= $3 ORDER BY seq DESC LIMIT $4`,
    match,
    after,
    last,
    limit - found.length,
  )
  return [...found, ...rest.map(({ seq }) => seq)]
}
