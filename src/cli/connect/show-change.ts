import { structuredPatch } from 'diff'
import { printable } from '../../lib/printable.ts'

/**
 * The lines that a change takes away and adds. Nothing around them is shown, and of what is taken away no value but the harmless ones:
 * a client's file holds the keys of other servers too.
 */
export function showChange(before: string, after: string): string[] {
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: 0 })
  return hunks.flatMap(({ newStart, lines }) => [
    `@@ line ${newStart} @@`,
    ...lines
      .filter((line) => !line.startsWith('\\'))
      .map((line) => printable((line.startsWith('-') ? veiled(line) : line).replace(/\r$/, ''))),
  ])
}

const HARMLESS = new Set(['type', 'command', 'name', 'id'])
/** What a line may be made of once its texts are veiled: keys, brackets, numbers, words of the format. Anything else is not shown. */
const VEILED_LINE =
  /^-(?:\s|[[\]{},]|"…"|""|''|"[\w. -]+"\s*:|[\w."-]+\s*=|\[[\w."-]+\]|true\b|false\b|null\b|-?\d[\d.]*(?![\d.]))*$/

// guard: connect-shows-no-old-value
function veiled(line: string): string {
  const key = /^-\s*"?([\w.-]+)"?\s*[:=]/.exec(line)?.[1]
  if (key !== undefined && HARMLESS.has(key)) return line
  const texts = /("(?:[^"\\]|\\.)*"|'[^']*')(\s*[:=])?/g
  const veil = line.replace(texts, (text, value: string, isKey?: string) =>
    isKey === undefined && value.length > 2 ? '"…"' : text,
  )
  return VEILED_LINE.test(veil) ? veil : '-…'
}
