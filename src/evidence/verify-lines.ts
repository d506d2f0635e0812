import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { LogVerifier, type VerifyOptions } from './log-verifier.ts'
import { BadLog, type Verdict } from './verdict.ts'

/** One read. */
const CHUNK_BYTES = 1_048_576
/** Longer than any record: what goes on without an end is not read into memory. */
const LONGEST_LINE_BYTES = 64 * 1_048_576
const NEWLINE = 0x0a

/** A line, and where it is kept beside its digest, that. */
export interface LogLine {
  readonly line: Buffer
  readonly hash?: string
}

/** Reads a whole log, a piece at a time, and tells the first record that is not as it was written. Rejects with what reading throws. */
export async function verifyLines(
  pieces: AsyncIterable<readonly LogLine[]>,
  options: VerifyOptions,
): Promise<Verdict> {
  const verifier = new LogVerifier(options)
  try {
    for await (const piece of pieces) for (const { line, hash } of piece) verifier.next(line, hash)
    return verifier.end()
  } catch (cause) {
    if (cause instanceof BadLog) return { ...verifier.soFar(), bad: cause.bad }
    throw cause
  }
}

/** The lines of files, one after the other, as pieces. An empty line is a line. */
export async function* linesOfFiles(paths: readonly string[]): AsyncGenerator<readonly LogLine[]> {
  for (const path of paths) yield* linesOf(createReadStream(path, { highWaterMark: CHUNK_BYTES }))
}

/** The lines of what is read. */
export async function* linesOf(stream: Readable): AsyncGenerator<readonly LogLine[]> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of stream) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const lines: LogLine[] = []
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      lines.push({ line: bytes.subarray(start, end) })
      start = end + 1
    }
    rest = bytes.subarray(start)
    yield lines
    if (rest.length > LONGEST_LINE_BYTES) break
  }
  if (rest.length > 0) yield [{ line: rest }]
}
