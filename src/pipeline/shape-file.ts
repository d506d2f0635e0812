import type { Answer } from '../domain/answer.ts'
import { allCleaned, type Cleaned, NOTHING_CLEANED, secretCount } from '../domain/cleaned.ts'
import type { FileAnswer, FileOutcome, FilePiece, FileRead, FileReadAnswer } from '../domain/file.ts'
import { cleanBytes, cleanText } from './redaction/clean.ts'
import type { Redactor } from './redaction/redactor.ts'
import { shapeTransfer } from './shape-transfer.ts'

type Shaped = Extract<Answer, FileAnswer>

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
      return { ...outcome, cleaned: NOTHING_CLEANED }
  }
}

function shapeRead(read: FileRead, redactor: Redactor): Shaped {
  const { pieces, ...facts } = read
  const isBinary = read.encoding === 'base64'
  const shown = isBinary
    ? []
    : pieces.map(({ window, start, end }) => cleanBytes(window, redactor, start, end))
  const raw = isBinary ? pieces.map((piece) => withoutSecrets(piece, redactor)) : []
  const content = isBinary
    ? Buffer.concat(raw.map(({ bytes }) => bytes)).toString('base64')
    : shown.map(({ text }, index) => text + leftOut(pieces[index])).join('')
  const answer: FileReadAnswer = {
    ...facts,
    content,
    cutLines: pieces.filter(({ leftOutBytes }) => leftOutBytes > 0).length,
  }
  const cleaned = allCleaned([...shown, ...raw].map((part) => part.cleaned))
  if (secretCount(cleaned) === 0) return { ...answer, cleaned }
  // The digest of a file that holds a secret would let guesses at it be tried.
  const { sha256: _, ...rest } = answer
  return { ...rest, cleaned }
}

/**
 * The bytes of the piece as they are, but for each secret that begins in it, and what is left of one that began before: two pages that
 * follow each other do not give it away together.
 */
function withoutSecrets({ window, start, end }: FilePiece, redactor: Redactor) {
  const parts: Buffer[] = []
  const cleaned: Cleaned[] = []
  let at = start
  for (const span of redactor.spans(window)) {
    if (span.end <= start || span.start >= end) continue
    parts.push(window.subarray(at, Math.max(at, span.start)))
    if (span.start >= start) parts.push(Buffer.from(redactor.label(span, window)))
    cleaned.push({ secrets: { [span.kind]: 1 }, controls: 0 })
    at = Math.min(end, span.end)
  }
  parts.push(window.subarray(at, end))
  return { bytes: Buffer.concat(parts), cleaned: allCleaned(cleaned) }
}

function leftOut(piece: FilePiece | undefined): string {
  const bytes = piece?.leftOutBytes ?? 0
  return bytes === 0 ? '' : `[... ${bytes} bytes of this line left out here ...]`
}

function shapeListing(
  listing: Extract<FileOutcome, { kind: 'directory_listed' }>,
  redactor: Redactor,
): Shaped {
  const parts: Cleaned[] = []
  const clean = (text: string) => {
    const { text: shown, cleaned } = cleanText(text, redactor)
    parts.push(cleaned)
    return { text: shown, isEscaped: cleaned.controls > 0 }
  }
  const entries = listing.entries.map((entry) => {
    const { text: name, isEscaped } = clean(entry.name)
    return {
      ...entry,
      name,
      ...(isEscaped && { isEscaped }),
      ...(entry.linkTarget !== undefined && { linkTarget: clean(entry.linkTarget).text }),
    }
  })
  const unreadable = listing.unreadable.map(({ path, reason }) => ({ path: clean(path).text, reason }))
  return { ...listing, entries, unreadable, cleaned: allCleaned(parts) }
}

function shapeChange(
  change: Extract<FileOutcome, { kind: 'file_changed' }>,
  redactor: Redactor,
  answerBytes: number,
): Shaped {
  if (change.diff === undefined) return { ...change, cleaned: NOTHING_CLEANED }
  const { text, cleaned } = cleanText(change.diff, redactor)
  const isLong = Buffer.byteLength(text) > answerBytes
  const diff = isLong ? wholeLines(text, answerBytes) : text
  return { ...change, diff, diffTruncated: change.diffTruncated || isLong, cleaned }
}

/** The longest beginning of at most `bytes` bytes that ends with a line. */
function wholeLines(text: string, bytes: number): string {
  const beginning = Buffer.from(text).subarray(0, bytes)
  return beginning.toString('utf8', 0, beginning.lastIndexOf(0x0a) + 1)
}
