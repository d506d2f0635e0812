import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PastDecision, UnreadableRecord } from '../domain/past-decision.ts'
import { systemClock } from '../lib/clock.ts'
import { parsePastDecision } from './past-decision.ts'
import type { Database } from './sql/database.ts'
import { openDatabase } from './sql/open-database.ts'

/** From `since` on, before `until`. Absent: no bound. */
export interface Period {
  readonly since?: Date
  readonly until?: Date
}

/** What a piece of the log held, in its order. */
export interface PastRecords {
  readonly decisions: readonly PastDecision[]
  readonly unreadable: readonly UnreadableRecord[]
}

/** One read. */
const CHUNK_BYTES = 1_048_576
/** Longer than any record: the longest command, each byte of it escaped, is a tenth of this. */
const LONGEST_LINE_BYTES = 16 * 1_048_576
const NEWLINE = 0x0a
/** Nearly every record of something else is told by this alone; what a caller chose has its quotes escaped. */
const DECIDED = Buffer.from('"type":"call.decided"')
/** Its place in the chain says nothing about the decision. */
const PLACE = /^\{"_chain":\{[^}]*\},/
/** Of a database, so many at once. */
const PAGE_ROWS = 1_000

/** The log of a database, or its copy in files, one a day or more: what was set aside for its size is named so that it comes before. */
export type PastSource = { readonly url: string } | { readonly directory: string }

/**
 * Every decision of a period, in the order of the log.
 *
 * @throws what opening the database throws, or the directory: ENOENT when there is none.
 */
export async function* readPastDecisions(
  source: PastSource,
  period: Period = {},
): AsyncGenerator<PastRecords> {
  if ('directory' in source) return yield* readFiles(source.directory, period)
  const database = await openDatabase(source.url, systemClock)
  try {
    yield* readRows(database, period)
  } finally {
    await database.close()
  }
}

async function* readRows(database: Database, { since, until }: Period): AsyncGenerator<PastRecords> {
  const [from, to] = [since?.getTime() ?? 0, until?.getTime() ?? Number.MAX_SAFE_INTEGER]
  for (let after = 0; ; ) {
    const page = await readDecisionPage(database, { from, to, after, limit: PAGE_ROWS })
    yield page
    if (page.next === undefined) return
    after = page.next
  }
}

export interface DecisionPage extends PastRecords {
  /** Absent when nothing follows. */
  readonly next?: number
}

/** Decisions behind a record, made from one instant on and before another (ms), in the order of the log. */
export async function readDecisionPage(
  database: Database,
  {
    from,
    to,
    after,
    limit,
  }: { readonly from: number; readonly to: number; readonly after: number; readonly limit: number },
): Promise<DecisionPage> {
  const rows = await database.all<{ seq: number; line: string }>(
    `SELECT seq, line FROM audit WHERE type = 'call.decided' AND seq > $1 AND at >= $2 AND at < $3 ORDER BY seq LIMIT $4`,
    after,
    from,
    to,
    limit,
  )
  const decisions: PastDecision[] = []
  const unreadable: UnreadableRecord[] = []
  for (const row of rows) {
    const read = readLine(Buffer.from(row.line))
    if (typeof read === 'object') decisions.push(read)
    else if (read !== undefined) unreadable.push({ file: 'audit', line: row.seq, why: read })
  }
  const last = rows.at(-1)
  return { decisions, unreadable, ...(last !== undefined && rows.length === limit && { next: last.seq }) }
}

/**
 * Every decision of a period, oldest day first and within a day as they were written. Holds one piece of the log at a time, whatever the
 * size of its files. Of other records it only sees that they are whole: what a crash tore could have been a decision, so it is told.
 *
 * @throws what reading the directory or a file throws, ENOENT when there is no such directory.
 */
async function* readFiles(directory: string, period: Period): AsyncGenerator<PastRecords> {
  for (const name of await dayFiles(directory, period)) {
    let lineNumber = 0
    for await (const lines of linesOf(join(directory, name))) {
      const decisions: PastDecision[] = []
      const unreadable: UnreadableRecord[] = []
      for (const line of lines) {
        lineNumber += 1
        const read = readLine(line)
        if (typeof read === 'string') unreadable.push({ file: name, line: lineNumber, why: read })
        else if (read !== undefined && isWithin(read.at, period)) decisions.push(read)
      }
      yield { decisions, unreadable }
    }
  }
}

/** A decision, undefined for a record of something else, or why it is neither. */
function readLine(line: Buffer): PastDecision | string | undefined {
  if (line.length === 0) return undefined
  if (line.length > LONGEST_LINE_BYTES) return 'longer than any record'
  if (line[0] !== 0x7b || line.at(-1) !== 0x7d) return 'torn'
  if (!line.includes(DECIDED)) return undefined
  try {
    return parsePastDecision(line.toString().replace(PLACE, '{'))
  } catch (error) {
    return error instanceof SyntaxError ? 'torn' : 'not of this version'
  }
}

function isWithin(at: Date, { since, until }: Period): boolean {
  return (since === undefined || at >= since) && (until === undefined || at < until)
}

/** Those whose day touches the period, oldest first. */
async function dayFiles(directory: string, { since, until }: Period): Promise<string[]> {
  const first = since?.toISOString().slice(0, 10) ?? ''
  const last = until?.toISOString().slice(0, 10) ?? '9999-12-31'
  const names = await readdir(directory)
  return names
    .filter((name) => {
      const day = /^audit-(\d{4}-\d{2}-\d{2})(?:\.\d{4})?\.jsonl$/.exec(name)?.[1]
      return day !== undefined && day >= first && day <= last
    })
    .sort()
}

/** The lines of a file, a list for each piece that was read. Of a line that is too long only so much is kept that it is seen to be. */
async function* linesOf(path: string): AsyncGenerator<readonly Buffer[]> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const lines: Buffer[] = []
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      lines.push(bytes.subarray(start, end))
      start = end + 1
    }
    rest = bytes.subarray(start, start + LONGEST_LINE_BYTES + 1)
    yield lines
  }
  if (rest.length > 0) yield [rest]
}
