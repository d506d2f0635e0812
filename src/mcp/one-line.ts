import type { Answer } from '../domain/answer.ts'
import { mapTexts } from '../pipeline/map-texts.ts'

/**
 * What stands behind a fence in a tool's text, or is many lines of its own: there a host may say what it likes. The mark of a fence is made
 * for each answer, so no host knows it.
 */
const FENCED: ReadonlySet<string> = new Set(['stdout', 'stderr', 'output', 'text', 'content', 'diff'])

/**
 * The answer as a tool's text is made of it. What a host chose and stands among the bridge's own words (a path, a name, a reason) is one
 * line there: a second one would be read as the bridge's.
 */
export function oneLineEach(answer: Answer): Answer {
  return mapTexts(answer, FENCED, oneLine)
}

/** `␊` for the end of a line, `␉` for a tab: what else could part lines is shown already. */
export function oneLine(text: string): string {
  // guard: one-line-among-own-words
  return text.replace(/\r?\n/g, '␊').replaceAll('\t', '␉')
}
