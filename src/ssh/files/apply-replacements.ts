import type { Replacement } from '../../domain/file.ts'
import { apart, placesOf, replacedAt, standsAt } from './find-text.ts'

/** What became of a text, or why not; `reason` tells no word of the file. */
export type Edited =
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'mismatch'; readonly reason: string }
  /** The edit itself is not of the documented form, or would take everybody's time. */
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'too_long' }

/** Places named in a refusal. */
const MOST_LINES_TOLD = 10
/** Characters looked through by all edits of a call. */
const MOST_SEARCHED = 256 * 1024 * 1024
/** Lines compared for a hint. */
const MOST_COMPARED = 1_000_000

/**
 * Applies the edits in order, each to what the one before it left. Exact: no white space is forgiven. An `oldText` that is not there, or
 * more than once without `all`, stops everything; so does a text that would become longer than `mostCharacters`, for edits multiply.
 */
export function applyReplacements(
  text: string,
  edits: readonly Replacement[],
  mostCharacters = Number.MAX_SAFE_INTEGER,
): Edited {
  let edited = text
  let searched = 0
  for (const [index, edit] of edits.entries()) {
    const name = edits.length === 1 ? 'old_text' : `old_text of edit ${index + 1} of ${edits.length}`
    if (edit.oldText === '') return { kind: 'malformed', reason: `${name} is empty` }
    searched += edited.length
    if (searched > MOST_SEARCHED)
      return {
        kind: 'malformed',
        reason: `${edits.length} edits are too many for so long a file; make several calls`,
      }
    // Overlapping ones too: which of them is meant would be a guess.
    const places = placesOf(edited, edit.oldText)
    const [first] = places
    if (first === undefined) return { kind: 'mismatch', reason: notThere(edited, edit.oldText, name) }
    if (places.length > 1 && !edit.all) return { kind: 'mismatch', reason: ambiguous(edited, places, name) }
    const meant = apart(places, edit.oldText.length)
    if (edited.length + meant.length * (edit.newText.length - edit.oldText.length) > mostCharacters)
      return { kind: 'too_long' }
    edited = replacedAt(edited, meant, edit.oldText, edit.newText)
  }
  return { kind: 'edited', text: edited }
}

function ambiguous(text: string, places: readonly number[], name: string): string {
  const told = linesOf(text, places.slice(0, MOST_LINES_TOLD)).join(', ')
  const more = places.length > MOST_LINES_TOLD ? ', …' : ''
  return `${name} is in the file ${places.length} times, at lines ${told}${more}. Give more of what surrounds the one you mean, or set all`
}

/** The line numbers of ascending offsets. */
function linesOf(text: string, offsets: readonly number[]): number[] {
  let [line, from] = [1, 0]
  return offsets.map((offset) => {
    for (let at = text.indexOf('\n', from); at >= 0 && at < offset; at = text.indexOf('\n', from)) {
      line += 1
      from = at + 1
    }
    return line
  })
}

/** Where it would be with other white space: the most common mistake, and one that a caller can mend when told. */
function notThere(text: string, oldText: string, name: string): string {
  const wanted = oldText.split('\n').map((line) => line.trim())
  while (wanted.length > 1 && wanted.at(-1) === '') wanted.pop()
  const lines = text.split('\n').map((line) => line.trim())
  const patience = { comparisons: MOST_COMPARED }
  const near = wanted.join('') === '' ? -1 : lines.findIndex((_, at) => standsAt(lines, at, wanted, patience))
  const hint = near < 0 ? 'Read the file again' : `At line ${near + 1} it would be with other white space`
  return `${name} is not in the file. ${hint}`
}
