import type { Table, Way } from '../row.ts'
import { bound, figure, mark } from './format.ts'
import type { RowResult } from './result.ts'

/** A row as Markdown: its tables, then its targets. */
export function rowText({ title, tables, checks, notes, failed }: RowResult): string {
  return [
    `\n## ${title}`,
    ...tables.map(tableText),
    ...(checks.length === 0 ? [] : ['']),
    ...checks.map(
      (check) => `${mark(check.isMet)} ${check.what}: ${figure(check.value, check.unit)} (${bound(check)})`,
    ),
    ...(failed === undefined ? [] : [`\n✘ FAILED: ${failed}`]),
    ...notes.map((note) => `\n> ${note}`),
  ].join('\n')
}

function tableText(table: Table): string {
  const cells = [headerOf(table), ...table.ways.map((way) => cellsOf(table, way))]
  const widths = headerOf(table).map((_, column) =>
    Math.max(3, ...cells.map((row) => (row[column] ?? '').length)),
  )
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  const [header = [], ...rest] = cells
  return [`\n${table.title}\n`, line(header), rule, ...rest.map(line)].join('\n')
}

/** Each measure and, where there is something to compare with, how many times that it is. */
export function headerOf({ measures, base }: Table): string[] {
  return ['way', ...measures.flatMap(({ name }) => (base === undefined ? [name] : [name, `to ${base}`]))]
}

export function cellsOf({ measures, ways, base }: Table, { way, values }: Way): string[] {
  const compared = ways.find((one) => one.way === base)?.values ?? []
  const cells = measures.flatMap(({ unit }, index) => {
    const value = values[index]
    const of = compared[index]
    const ratio = value === undefined || of === undefined ? undefined : value / of
    return base === undefined ? [figure(value, unit)] : [figure(value, unit), figure(ratio, '×')]
  })
  return [way, ...cells]
}
