import type { RedactedKind } from '../../domain/secret-kind.ts'

/** A stretch of bytes that is a secret: `start` inclusive, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly kind: RedactedKind
  /** False where it goes on beyond what was looked at, or has no end: what is there is not the secret, only a part of it. */
  readonly isWhole: boolean
  /** The secret itself, where it is written in another way, or other bytes stand between its own. */
  readonly value?: Buffer
}

/** Takes secrets out of text that leaves the bridge. Runs before anything is cut, so that a cut never leaves half a secret. */
export interface Redactor {
  redact(text: string): { readonly text: string; readonly count: number }
  /** The secrets in a piece of a longer stream, in order and apart. */
  spans(bytes: Buffer): readonly Span[]
  /**
   * Where, at the end of a stream that goes on, a secret may have begun that is not there as a whole; the length of the bytes when none
   * has. What follows is shown once more of it is known.
   */
  begunAt(bytes: Buffer): number
  /** The longest secret: so much before and after a piece has to be looked at too. */
  readonly longestBytes: number
  readonly label: Label
}

/** What stands in the place of a secret; `bytes` is what the span lies in. Asked once for each place where a secret begins. */
export type Label = (span: Span, bytes: Buffer) => string

export const REDACTED = '[redacted]'

/** The same redactor with other words in the place of secrets: those that the caller of one call may read. */
export function labelled(redactor: Redactor, label: Label): Redactor {
  return {
    redact: (text) => redactText(redactor.spans, label, text),
    spans: redactor.spans,
    begunAt: redactor.begunAt,
    get longestBytes() {
      return redactor.longestBytes
    },
    label,
  }
}

export function redactText(spansOf: Redactor['spans'], label: Label, text: string) {
  const bytes = Buffer.from(text)
  const spans = spansOf(bytes)
  if (spans.length === 0) return { text, count: 0 }
  const parts: string[] = []
  let at = 0
  for (const span of spans) {
    parts.push(bytes.toString('utf8', at, span.start), label(span, bytes))
    at = span.end
  }
  return { text: parts.join('') + bytes.toString('utf8', at), count: spans.length }
}

/** In order and apart: those that overlap are one. What holds a credential of the configuration counts as one. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const all: Span[] = []
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = all.at(-1)
    if (last === undefined || span.start >= last.end) all.push(span)
    else all.splice(-1, 1, union(last, span))
  }
  return all
}

function union(first: Span, second: Span): Span {
  const { start } = first
  const end = Math.max(first.end, second.end)
  const isConfigured = first.kind === 'configured' || second.kind === 'configured'
  const [larger] = [first, second].filter((span) => span.start === start && span.end === end)
  // Of two that only overlap, neither is the secret and their union is none.
  if (larger === undefined)
    return { start, end, kind: isConfigured ? 'configured' : first.kind, isWhole: false }
  // What a value is says more than that it was given to something.
  const other = larger === first ? second : first
  return {
    ...larger,
    kind: isConfigured ? 'configured' : larger.kind === 'assignment' ? other.kind : larger.kind,
  }
}
