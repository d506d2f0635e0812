import { printable } from '../../lib/printable.ts'
import { askedOf, type Facts, personOf, textOf, wentOf } from './record-text.ts'

/** The columns of a table of records, and where each is found. */
const COLUMNS: readonly (readonly [name: string, of: (facts: Facts, seq: number) => unknown])[] = [
  ['seq', (_, seq) => seq],
  ['at', ({ at }) => at],
  ['type', ({ type }) => type],
  ['call', ({ call }) => call],
  ['person', personOf],
  ['issuer', ({ principal }) => (principal as Facts | undefined)?.issuer],
  ['subject', ({ principal, subject }) => (principal as Facts | undefined)?.subject ?? subject],
  ['client', ({ principal, client }) => (principal as Facts | undefined)?.client ?? client],
  ['edge', ({ edge }) => edge],
  ['remote', ({ remote }) => remote],
  ['host', ({ host }) => host],
  ['action', ({ action }) => action],
  ['asked', askedOf],
  ['outcome', wentOf],
  ['rule', ({ rule }) => rule],
]

export const CSV_HEAD = `${COLUMNS.map(([name]) => name).join(',')}\r\n`

/** RFC 4180. */
export function csvRow(facts: Facts, seq: number): string {
  return `${COLUMNS.map(([, of]) => cell(textOf(of(facts, seq)))).join(',')}\r\n`
}

/** What a spreadsheet would take for a formula is a text for it: anybody can name a command `=cmd|…`. */
function cell(value: string): string {
  const shown = printable(value)
  // guard: csv-has-no-formulas
  const text = /^\s*[=+\-@|%]/.test(shown) ? `'${shown}` : shown
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
