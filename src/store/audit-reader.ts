import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PastDecision, UnreadableRecord } from '../domain/past-decision.ts'
import { parsePastDecision } from './past-decision.ts'

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
/** Where the type of a record begins: behind `{"at":"2026-01-02T03:04:05.678Z"`. Time and type come first in each, so nothing a caller chose does. */
const TYPE_AT = 32
const DECIDED = Buffer.from(',"type":"call.decided",')

/**
 * Every decision of a period, oldest day first and within a day as they were written. Holds one piece of the log at a time, whatever the
 * size of its files. Of other records it only sees that they are whole: what a crash tore could have been a decision, so it is told.
 *
 * @throws what reading the directory or a file throws, ENOENT when there is no such directory.
 */
export async function* readPastDecisions(
  directory: string,
  period: Period = {},
): AsyncGenerator<PastRecords> {
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
  if (!line.subarray(TYPE_AT, TYPE_AT + DECIDED.length).equals(DECIDED)) return undefined
  try {
    return parsePastDecision(line.toString())
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
      const day = /^audit-(\d{4}-\d{2}-\d{2})\.jsonl$/.exec(name)?.[1]
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
