import { type Cleaned, NOTHING_CLEANED } from '../../domain/cleaned.ts'
import type { RedactedKind } from '../../domain/secret-kind.ts'
import { visibleBytes } from '../../lib/visible-text.ts'
import type { Redactor } from './redactor.ts'

export interface CleanText {
  readonly text: string
  readonly cleaned: Cleaned
}

/**
 * The bytes from `start` to `end` as a caller may read them: without secrets, and with controls shown. Secrets are looked for first, in the
 * bytes as they are and as a terminal would show them: a sequence in the midst of one does not hide it. `window` goes on beyond
 * both ends where there is more; of a secret that an edge cuts, its words stand where it begins, and the rest is taken out.
 */
export function cleanBytes(window: Buffer, redactor: Redactor, start = 0, end = window.length): CleanText {
  const parts: string[] = []
  const secrets: Partial<Record<RedactedKind, number>> = {}
  let [controls, at] = [0, start]
  const show = (to: number) => {
    const shown = visibleBytes(window, at, to)
    controls += shown.controls
    parts.push(shown.text)
  }
  // guard: secrets-are-taken-out
  for (const span of redactor.spans(window)) {
    if (span.end <= start || span.start >= end) continue
    if (span.start > at) show(span.start)
    if (span.start >= start) {
      parts.push(redactor.label(span, window))
      secrets[span.kind] = (secrets[span.kind] ?? 0) + 1
    }
    at = Math.min(end, span.end)
  }
  show(end)
  return { text: parts.join(''), cleaned: { secrets, controls } }
}

export function cleanText(text: string, redactor: Redactor): CleanText {
  if (text === '') return { text, cleaned: NOTHING_CLEANED }
  return cleanBytes(Buffer.from(text), redactor)
}
