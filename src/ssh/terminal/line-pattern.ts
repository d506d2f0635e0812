import { RE2JS, RE2JSSyntaxException } from 're2js'

/** A longer pattern costs more to match than anybody needs. */
const LONGEST_PATTERN = 256

/** Larger ones are nested counts: each character would take a step for each state, of every line on the screen. */
const MOST_STATES = 200

/** A longer line is looked at in its beginning. */
const LONGEST_LINE = 4_096

/** RE2 is linear in time, whatever the pattern. In words what is wrong with it, when it is of no use. */
export function linePattern(pattern: string): ((line: string) => boolean) | string {
  if (pattern.length > LONGEST_PATTERN) return `pattern is longer than ${LONGEST_PATTERN} characters`
  try {
    const compiled = RE2JS.compile(pattern)
    if (compiled.programSize() > MOST_STATES)
      return 'pattern: its counts are too large. Use smaller ones, or *'
    return (line) => {
      const beginning = line.slice(0, LONGEST_LINE)
      return compiled.matcher(beginning).find()
    }
  } catch (fault) {
    if (!(fault instanceof RE2JSSyntaxException)) throw fault
    return `pattern: ${fault.message} (RE2 syntax: no look-around, no back-references)`
  }
}
