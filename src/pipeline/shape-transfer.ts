import type { Answer } from '../domain/answer.ts'
import { allCleaned, type Cleaned } from '../domain/cleaned.ts'
import type { FileOutcome } from '../domain/file.ts'
import { cleanText } from './redaction/clean.ts'
import type { Redactor } from './redaction/redactor.ts'

/** Names that one answer lists of what was left out; how many there are is told. */
const MOST_NAMED = 200

/** What was transferred, the names of a host without secrets. */
export function shapeTransfer(
  outcome: Extract<FileOutcome, { readonly kind: 'transferred' }>,
  redactor: Redactor,
): Answer {
  const cleaned: Cleaned[] = []
  const named = outcome.skipped.slice(0, MOST_NAMED).map(({ path, reason }) => {
    const clean = cleanText(path, redactor)
    cleaned.push(clean.cleaned)
    return { path: clean.text, reason }
  })
  const left = outcome.skipped.length - named.length
  const rest = left > 0 ? [{ path: '…', reason: `and ${left} more` }] : []
  return { ...outcome, skipped: [...named, ...rest], cleaned: allCleaned(cleaned) }
}
