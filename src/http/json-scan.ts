/** Why a JSON text is refused although a parser would take it. */
export type JsonFault = 'too_deep' | 'duplicate_member'

/** Deeper than any request of any protocol spoken here, and far from where recursive readers of the value run out of stack. */
export const MAX_JSON_DEPTH = 64

/**
 * Looks through JSON text once, without recursion: nesting deeper than 64 levels, or an object with the same member twice (RFC 8259
 * §4: readers differ in which of the two they see, so what is decided might not be what is executed).
 *
 * Says nothing about anything else: text that is not JSON is left to the parser.
 */
export function findJsonFault(text: string): JsonFault | undefined {
  // One entry a level that is open: the members seen so far in an object, undefined in an array.
  const levels: (Set<string> | undefined)[] = []
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (levels.length === MAX_JSON_DEPTH) return 'too_deep'
        levels.push(text.charCodeAt(at) === OPEN_BRACE ? new Set() : undefined)
        break
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        levels.pop()
        break
      case QUOTE: {
        const end = endOfString(text, at)
        const members = levels.at(-1)
        if (members !== undefined && isMemberName(text, end)) {
          const name = memberName(text.slice(at, end))
          if (members.has(name)) return 'duplicate_member'
          members.add(name)
        }
        at = end - 1
      }
    }
  }
  return undefined
}

const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, QUOTE, BACKSLASH, COLON] = [
  0x7b, 0x7d, 0x5b, 0x5d, 0x22, 0x5c, 0x3a,
] as const

/** The index behind the closing quote of the string that begins at `start`; the text's end when it is never closed. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1
  return Math.min(at + 1, text.length)
}

function isMemberName(text: string, end: number): boolean {
  let at = end
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1
  return text.charCodeAt(at) === COLON
}

/** With escapes resolved, so that `"host"` and `"\u0068ost"` are the same member. */
function memberName(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted.slice(1, -1)
  }
}
