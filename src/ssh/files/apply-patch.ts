import { parsePatch, type StructuredPatch, type StructuredPatchHunk } from 'diff'
import type { Edited } from './apply-replacements.ts'
import { type Patience, standsAt } from './find-text.ts'

/** Lines compared for one patch; hunks that stand at their line need few. */
const MOST_COMPARED = 20_000_000

interface Lines {
  readonly lines: readonly string[]
  /** Whether the last line has its `\n`. */
  readonly isClosed: boolean
}

/** One hunk by its two sides. */
interface Hunk {
  readonly name: string
  /** Where its old side should be, counted from 0. */
  readonly at: number
  readonly old: Lines
  readonly next: Lines
}

/**
 * Applies a unified diff of one file. Strict: every line of context must be there, letter for letter. A hunk whose line number is wrong is
 * placed where it fits if that is one place only. File names in the patch are not looked at.
 */
export function applyPatch(text: string, patch: string): Edited {
  const hunks = readHunks(patch)
  if (typeof hunks === 'string') return { kind: 'malformed', reason: hunks }
  const source = linesOf(text)
  const patience = { comparisons: MOST_COMPARED }
  const result: string[] = []
  let [done, shift] = [0, 0]
  let isClosed = source.isClosed
  for (const hunk of hunks) {
    const at = place(source, hunk, done, shift, patience)
    if (typeof at === 'string') return { kind: 'mismatch', reason: at }
    for (const line of source.lines.slice(done, at)) result.push(line)
    for (const line of hunk.next.lines) result.push(line)
    done = at + hunk.old.lines.length
    shift = at - hunk.at
    // A hunk that says nothing of the last line's end leaves it as it is.
    if (!hunk.old.isClosed || !hunk.next.isClosed) isClosed = hunk.next.isClosed
  }
  for (const line of source.lines.slice(done)) result.push(line)
  return { kind: 'edited', text: result.join('\n') + (result.length > 0 && isClosed ? '\n' : '') }
}

function linesOf(text: string): Lines {
  if (text === '') return { lines: [], isClosed: true }
  const isClosed = text.endsWith('\n')
  return { lines: (isClosed ? text.slice(0, -1) : text).split('\n'), isClosed }
}

/** In words why not, where the patch cannot be read. */
function readHunks(patch: string): readonly Hunk[] | string {
  let parsed: readonly StructuredPatch[]
  try {
    parsed = parsePatch(patch)
  } catch (error) {
    return `patch is not a unified diff: ${error instanceof Error ? error.message : String(error)}`
  }
  const files = parsed.filter(({ hunks }) => hunks.length > 0)
  const [file] = files
  if (file === undefined) return 'patch holds no hunk: each begins with a line such as @@ -1,3 +1,4 @@'
  if (files.length > 1) return `patch changes ${files.length} files; give one call for each`
  if (file.isRename || file.isCopy || file.isDelete)
    return 'patch renames, copies or deletes a file; it may only change lines'
  return file.hunks.map((hunk, index) => ({
    name: `hunk ${index + 1} of ${file.hunks.length} (line ${hunk.oldStart})`,
    at: hunk.oldStart - 1,
    old: side(hunk, '-'),
    next: side(hunk, '+'),
  }))
}

/** The lines of one side, and whether the line `\ No newline at end of file` stands behind the last of them. */
function side({ lines }: StructuredPatchHunk, sign: '-' | '+'): Lines {
  const own: string[] = []
  let [isClosed, wasOwn] = [true, false]
  for (const line of lines) {
    if (line.startsWith('\\')) {
      if (wasOwn) isClosed = false
      continue
    }
    // An empty line is a line of context whose blank an editor took away.
    wasOwn = line === '' || line.startsWith(' ') || line.startsWith(sign)
    if (wasOwn) own.push(line.slice(1))
  }
  return { lines: own, isClosed }
}

function place(source: Lines, hunk: Hunk, from: number, shift: number, patience: Patience): number | string {
  const expected = hunk.at + shift
  if (expected >= from && fits(source, hunk, expected, patience)) return expected
  const { old } = hunk
  if (old.lines.length === 0) return `${hunk.name} has no context and no line ${hunk.at + 1} to stand at`
  const places: number[] = []
  for (let at = from; at + old.lines.length <= source.lines.length; at += 1)
    if (fits(source, hunk, at, patience)) places.push(at)
  if (patience.comparisons < 0)
    return `${hunk.name} does not fit at its line, and the file is too long to be searched for another place: give the right line`
  const [only, ...others] = places
  if (only === undefined) return `${hunk.name} does not fit: ${whyNot(source, hunk, expected)}`
  if (others.length === 0) return only
  const told = places.slice(0, 10).map((at) => at + 1)
  return `${hunk.name} does not fit at its line, and at ${places.length} others (${told.join(', ')}): give more context`
}

function fits(source: Lines, { old, next }: Hunk, at: number, patience: Patience): boolean {
  const end = at + old.lines.length
  if (end > source.lines.length) return false
  if (!standsAt(source.lines, at, old.lines, patience)) return false
  if (old.isClosed && next.isClosed) return true
  return end === source.lines.length && source.isClosed === old.isClosed
}

function whyNot(source: Lines, { old }: Hunk, at: number): string {
  const wrong = old.lines.findIndex((line, index) => source.lines[at + index] !== line)
  if (wrong < 0) return 'the end of the file is different (final newline)'
  if (at + wrong >= source.lines.length) return `the file has only ${source.lines.length} lines`
  return `line ${at + wrong + 1} of the file is different, and it fits nowhere else`
}
