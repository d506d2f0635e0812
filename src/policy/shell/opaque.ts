import type { ParsedScript, ParseError } from 'unbash'

/** Thrown and caught in this folder: the command may do anything. The message says why, for people. */
export class Opaque extends Error {}

/** A script without a mistake. What was not parsed wholly is not understood at all. */
export function sound(script: ParsedScript | undefined): ParsedScript {
  if (script === undefined) throw new Opaque('a part of it could not be parsed')
  const mistake: ParseError | undefined = script.errors?.[0]
  // guard: parse-errors-are-opaque
  if (mistake !== undefined) throw new Opaque(`it could not be parsed: ${mistake.message}`)
  return script
}

/** Ends every switch over nodes of the tree: a kind that nobody thought of is not walked over. */
export function unheardOf(node: never): never {
  throw new Opaque(`it has something in it that is not known: ${(node as { type?: string }).type}`)
}

/** Trees deeper than this are not written by people. */
const MOST_DEPTH = 50

export function checkDepth(depth: number): void {
  if (depth > MOST_DEPTH) throw new Opaque('it is nested too deeply')
}
