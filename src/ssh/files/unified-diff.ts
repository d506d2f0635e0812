import { FILE_HEADERS_ONLY, formatPatch, type StructuredPatch, structuredPatch } from 'diff'
import { decodeText } from './text-form.ts'

export interface Difference {
  /** Absent for what is not text or too long to be compared, and where nothing changed. */
  readonly diff?: string
  /** Its end was left out, or there is none although something changed. */
  readonly diffTruncated: boolean
}

/** Both together. Longer texts are not compared: it would take everybody's time. */
export const MOST_COMPARED_BYTES = 4 * 1024 * 1024
/** Both together too: it is lines that take the time. */
const MOST_COMPARED_LINES = 200_000
/** Lines that differ; the work grows with the square of it. Beyond, the whole stretch is told as replaced. */
const MOST_CHANGED_LINES = 1_000
/** More than one answer holds: secrets are taken out of it before it is cut to size. */
const LONGEST_DIFF = 256 * 1024

/** What changes from one content to the other, as a unified diff. `before` is absent for a file that is new, `after` for one that is removed. */
export function differenceOf(
  path: string,
  before: Buffer | undefined,
  after: Buffer | undefined,
): Difference {
  if (after !== undefined && before?.equals(after)) return { diffTruncated: false }
  if ((before?.length ?? 0) + (after?.length ?? 0) > MOST_COMPARED_BYTES) return { diffTruncated: true }
  if (countLines(before) + countLines(after) > MOST_COMPARED_LINES) return { diffTruncated: true }
  const [from, to] = [decodeText(before ?? Buffer.alloc(0)), decodeText(after ?? Buffer.alloc(0))]
  if (from === undefined || to === undefined) return { diffTruncated: true }
  const [nothing, nowhere] = [before === undefined, after === undefined]
  const names = [nothing ? '/dev/null' : path, nowhere ? '/dev/null' : path] as const
  const limits = { context: 3, maxEditLength: MOST_CHANGED_LINES }
  const patch =
    structuredPatch(...names, from, to, undefined, undefined, limits) ?? replacedWhole(names, from, to)
  const diff = formatPatch(patch, FILE_HEADERS_ONLY)
  return diff.length <= LONGEST_DIFF
    ? { diff, diffTruncated: false }
    : { diff: diff.slice(0, diff.lastIndexOf('\n', LONGEST_DIFF) + 1), diffTruncated: true }
}

/** As many as matter here. */
function countLines(content: Buffer | undefined): number {
  let count = 0
  for (let at = content?.indexOf(0x0a) ?? -1; at >= 0 && count <= MOST_COMPARED_LINES; count += 1)
    at = content?.indexOf(0x0a, at + 1) ?? -1
  return count
}

/** One hunk from the first line that differs to the last one. */
function replacedWhole([oldFileName, newFileName]: readonly [string, string], from: string, to: string) {
  const [before, after] = [linesOf(from), linesOf(to)]
  const shorter = Math.min(before.length, after.length)
  let head = 0
  while (head < shorter && before[head] === after[head]) head += 1
  let tail = 0
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1
  const removed = before.slice(head, before.length - tail)
  const added = after.slice(head, after.length - tail)
  const hunk = {
    oldStart: head + 1,
    oldLines: removed.length,
    newStart: head + 1,
    newLines: added.length,
    lines: [...signed('-', removed), ...signed('+', added)],
  }
  const headers = { oldHeader: undefined, newHeader: undefined }
  return { oldFileName, newFileName, ...headers, hunks: [hunk] } satisfies StructuredPatch
}

/** With their ends: a last line that has none is another line than one that has. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/)
}

function signed(sign: '-' | '+', lines: readonly string[]): string[] {
  return lines.flatMap((line) =>
    line.endsWith('\n') ? [sign + line.slice(0, -1)] : [sign + line, '\\ No newline at end of file'],
  )
}
