import type { Answer } from '../domain/answer.ts'
import type { FileOutcome, FilePiece, FileRead, FileReadAnswer } from '../domain/file.ts'
import type { Redactor } from './redaction/redactor.ts'
import { shapeTransfer } from './shape-transfer.ts'

type Shaped = Extract<Answer, { readonly redactions: number }>

/** What came of a file action, without secrets. A diff is cut to `answerBytes`; what was read keeps its offsets and is not. */
export function shapeFile(
  { hostKey: _, ...outcome }: FileOutcome,
  redactor: Redactor,
  answerBytes: number,
): Answer {
  switch (outcome.kind) {
    case 'file_read':
      return shapeRead(outcome, redactor)
    case 'directory_listed':
      return shapeListing(outcome, redactor)
    case 'file_changed':
      return shapeChange(outcome, redactor, answerBytes)
    case 'file_unknown': {
      const { reason, changeId } = outcome
      const undo = changeId === undefined ? '' : ` If it was made, undo_change takes it back: ${changeId}.`
      const message = `OUTCOME UNKNOWN: ${reason}. Read it before anything is tried again.${undo}`
      return { kind: 'failed', code: 'file_failed', message }
    }
    case 'transferred':
      return shapeTransfer(outcome, redactor)
    case 'link_made':
      return { ...outcome, redactions: 0 }
  }
}

function shapeRead(read: FileRead, redactor: Redactor): Shaped {
  const { pieces, ...facts } = read
  const cleaned = pieces.map((piece) => withoutSecrets(piece, redactor))
  const content =
    read.encoding === 'base64'
      ? Buffer.concat(cleaned.map(({ bytes }) => bytes)).toString('base64')
      : cleaned.map(({ bytes }, index) => bytes.toString() + leftOut(pieces[index])).join('')
  const answer: FileReadAnswer = {
    ...facts,
    content,
    cutLines: pieces.filter(({ leftOutBytes }) => leftOutBytes > 0).length,
  }
  const redactions = cleaned.reduce((sum, { count }) => sum + count, 0)
  if (redactions === 0) return { ...answer, redactions }
  // The digest of a file that holds a secret would let guesses at it be tried.
  const { sha256: _, ...rest } = answer
  return { ...rest, redactions }
}

/**
 * The bytes of the piece with each secret that begins in it replaced, and what is left of one that began before taken out: two pages that
 * follow each other do not give it away together.
 */
function withoutSecrets({ window, start, end }: FilePiece, redactor: Redactor) {
  const parts: Buffer[] = []
  let [count, at] = [0, start]
  for (const span of redactor.spans(window)) {
    if (span.end <= start || span.start >= end) continue
    parts.push(window.subarray(at, Math.max(at, span.start)))
    if (span.start >= start) parts.push(Buffer.from(redactor.label(span, window)))
    count += 1
    at = Math.min(end, span.end)
  }
  parts.push(window.subarray(at, end))
  return { bytes: parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts), count }
}

function leftOut(piece: FilePiece | undefined): string {
  const bytes = piece?.leftOutBytes ?? 0
  return bytes === 0 ? '' : `[... ${bytes} bytes of this line left out here ...]`
}

function shapeListing(
  listing: Extract<FileOutcome, { kind: 'directory_listed' }>,
  redactor: Redactor,
): Shaped {
  let redactions = 0
  const clean = (text: string) => {
    const redacted = redactor.redact(text)
    redactions += redacted.count
    return redacted.text
  }
  const entries = listing.entries.map((entry) => ({
    ...entry,
    name: clean(entry.name),
    ...(entry.linkTarget !== undefined && { linkTarget: clean(entry.linkTarget) }),
  }))
  const unreadable = listing.unreadable.map(({ path, reason }) => ({ path: clean(path), reason }))
  return { ...listing, entries, unreadable, redactions }
}

function shapeChange(
  change: Extract<FileOutcome, { kind: 'file_changed' }>,
  redactor: Redactor,
  answerBytes: number,
): Shaped {
  if (change.diff === undefined) return { ...change, redactions: 0 }
  const { text, count } = redactor.redact(change.diff)
  const isLong = Buffer.byteLength(text) > answerBytes
  const diff = isLong ? wholeLines(text, answerBytes) : text
  return { ...change, diff, diffTruncated: change.diffTruncated || isLong, redactions: count }
}

/** The longest beginning of at most `bytes` bytes that ends with a line. */
function wholeLines(text: string, bytes: number): string {
  const beginning = Buffer.from(text).subarray(0, bytes)
  return beginning.toString('utf8', 0, beginning.lastIndexOf(0x0a) + 1)
}
