import type { Answer } from '../domain/answer.ts'
import { allCleaned } from '../domain/cleaned.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { TerminalLine } from '../domain/terminal.ts'
import { visibleBytes } from '../lib/visible-text.ts'
import type { Redactor, Span } from './redaction/redactor.ts'

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
  const { texts, cleaned } = cleanRows(lines, redactor)
  const clean: string[] = []
  let isOpen = false
  for (const [index, row] of lines.entries()) {
    if (!row.isShown) continue
    const text = texts[index] ?? ''
    if (isOpen) clean.push((clean.pop() ?? '') + text)
    else clean.push(text)
    isOpen = row.joins
  }
  const leftOut = clean.length - fitting(clean, answerBytes)
  const view = { ...standing, lines: clean.slice(leftOut), lostLines: standing.lostLines + leftOut }
  return { kind, view, cleaned }
}

/**
 * Each row without what of it belongs to a secret, which is marked where its first shown part was; and with its controls shown. A row that
 * goes on in the next one is not its end, so that what the right margin broke is one; a key of many lines is one as well.
 */
function cleanRows(rows: readonly TerminalLine[], redactor: Redactor) {
  const bytes = rows.map(({ text, goesOn }) => Buffer.from(goesOn ? text : `${text}\n`))
  const whole = Buffer.concat(bytes)
  const spans = redactor.spans(whole)
  const marked = new Set<Span>()
  const texts: string[] = []
  let [controls, rowStart, next] = [0, 0, 0]
  for (const [index, row] of bytes.entries()) {
    const rowEnd = rowStart + row.length
    const textEnd = rows[index]?.goesOn ? rowEnd : rowEnd - 1
    const isShown = rows[index]?.isShown === true
    let text = ''
    let at = rowStart
    const show = (to: number) => {
      const shown = visibleBytes(whole, at, to)
      text += shown.text
      if (isShown) controls += shown.controls
    }
    while ((spans[next]?.end ?? Number.POSITIVE_INFINITY) <= rowStart) next += 1
    for (let of = next; (spans[of]?.start ?? Number.POSITIVE_INFINITY) < textEnd; of += 1) {
      const span = spans[of]
      if (span === undefined) break
      if (span.start > at) show(span.start)
      if (isShown && !marked.has(span)) text += redactor.label(span, whole)
      if (isShown) marked.add(span)
      at = Math.min(textEnd, span.end)
    }
    show(textEnd)
    texts.push(text)
    rowStart = rowEnd
  }
  const secrets = allCleaned([...marked].map(({ kind }) => ({ secrets: { [kind]: 1 }, controls: 0 })))
  return { texts, cleaned: { ...secrets, controls } }
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
