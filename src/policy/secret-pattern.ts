import { RE2JS, RE2JSSyntaxException } from 're2js'

/** Larger ones are nested counts that take long. */
const MOST_STATES = 500

/** A pattern of the operator's own for secrets: its one group is what is taken out. In time that is linear in the text. */
export interface SecretPattern {
  readonly source: string
  readonly compiled: RE2JS
}

/** What the pattern means, or what is wrong with it, to follow "must". */
export function parseSecretPattern(source: string): SecretPattern | string {
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(source)
  } catch (fault) {
    if (!(fault instanceof RE2JSSyntaxException)) throw fault
    return `be of RE2's syntax, without look-around and back-references: ${fault.message}`
  }
  if (compiled.groupCount() !== 1) return 'have one group, around what is taken out: badge-(\\d{8})'
  if (compiled.programSize() > MOST_STATES) return 'have smaller counts: it would take too long'
  if (compiled.matches('')) return 'not match the empty text'
  return { source, compiled }
}
