import type { Answer } from '../domain/answer.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { TerminalLine } from '../domain/terminal.ts'
import type { Redactor } from './redaction/redactor.ts'

type TerminalOutcome = Extract<Outcome, { kind: 'terminal_opened' | 'terminal_used' }>

/**
 * What was read of a terminal, without secrets and cut to `answerBytes`. A secret that the right margin broke into rows is recognized in
 * all of them. When there is too much, the oldest lines are left out and counted.
 */
export function shapeTerminal(
  { kind, reading }: TerminalOutcome,
  redactor: Redactor,
  answerBytes: number,
): Answer {
  const { lines, ...standing } = reading
  let redactions = 0
  const clean: string[] = []
  let isOpen = false
  for (const rows of groups(lines)) {
    const { texts, count } = withoutSecrets(rows, redactor)
    redactions += count
    for (const [index, row] of rows.entries()) {
      if (!row.isShown) continue
      const text = texts[index] ?? ''
      if (isOpen) clean.push((clean.pop() ?? '') + text)
      else clean.push(text)
      isOpen = row.joins
    }
  }
  const leftOut = clean.length - fitting(clean, answerBytes)
  const view = { ...standing, lines: clean.slice(leftOut), lostLines: standing.lostLines + leftOut }
  return { kind, view, redactions }
}

/** Rows that go on in each other. */
function groups(lines: readonly TerminalLine[]): TerminalLine[][] {
  const all: TerminalLine[][] = []
  let goesOn = false
  for (const line of lines) {
    if (goesOn) all.at(-1)?.push(line)
    else all.push([line])
    goesOn = line.goesOn
  }
  return all
}

/** Each row without what of it belongs to a secret, which is marked where its first shown part was. */
function withoutSecrets(rows: readonly TerminalLine[], redactor: Redactor) {
  const bytes = rows.map(({ text }) => Buffer.from(text))
  const whole = Buffer.concat(bytes)
  const spans = redactor.spans(whole)
  if (spans.length === 0) return { texts: rows.map(({ text }) => text), count: 0 }
  const marked = new Set<object>()
  const texts: string[] = []
  let rowStart = 0
  for (const [index, row] of bytes.entries()) {
    const rowEnd = rowStart + row.length
    const isShown = rows[index]?.isShown === true
    let text = ''
    let at = rowStart
    for (const span of spans) {
      if (span.end <= rowStart || span.start >= rowEnd) continue
      text += row.toString('utf8', at - rowStart, Math.max(at, span.start) - rowStart)
      if (isShown && !marked.has(span)) text += redactor.label(span, whole)
      if (isShown) marked.add(span)
      at = Math.min(rowEnd, span.end)
    }
    texts.push(text + row.toString('utf8', at - rowStart))
    rowStart = rowEnd
  }
  return { texts, count: marked.size }
}

/** How many lines from the end are at most so many bytes. */
function fitting(lines: readonly string[], bytes: number): number {
  let left = bytes
  for (let count = 0; count < lines.length; count += 1) {
    left -= Buffer.byteLength(lines.at(-1 - count) ?? '') + 1
    if (left < 0) return count
  }
  return lines.length
}
