import { isJsonObject, type JsonObject } from '../lib/claim-path.ts'

export { isJsonObject, type JsonObject, ownMember } from '../lib/claim-path.ts'

export type StrictJson =
  | { readonly kind: 'object'; readonly object: JsonObject }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'duplicate_member' }

// A byte order mark stays in the text, where JSON does not allow it.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses UTF-8 JSON that must be an object and name no member twice, at any depth (RFC 7519 §4): two readers that pick different
 * ones of two `sub` members would see two people.
 */
export function parseStrictJson(bytes: Uint8Array): StrictJson {
  try {
    const text = utf8.decode(bytes)
    const value: unknown = JSON.parse(text)
    if (!isJsonObject(value)) return { kind: 'malformed' }
    return hasDuplicateMember(text) ? { kind: 'duplicate_member' } : { kind: 'object', object: value }
  } catch {
    return { kind: 'malformed' }
  }
}

const PIECE = /[{}]|("(?:[^"\\]|\\.)*")(\s*:)?/g

// The text is known to be JSON: a string followed by a colon is a member name of the innermost open object, and nothing else is.
function hasDuplicateMember(text: string): boolean {
  const open: Set<string>[] = []
  for (const [piece, string, colon] of text.matchAll(PIECE)) {
    if (piece === '{') open.push(new Set())
    else if (piece === '}') open.pop()
    else if (string !== undefined && colon !== undefined) {
      const name = string.includes('\\') ? String(JSON.parse(string)) : string.slice(1, -1)
      const names = open.at(-1)
      if (names?.has(name)) return true
      names?.add(name)
    }
  }
  return false
}
