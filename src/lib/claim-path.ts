/** A parsed JSON object. Read it with `ownMember`: a member called `__proto__` or `constructor` is data like any other. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member's value when the object itself has it; nothing that every object inherits. */
export function ownMember(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/**
 * The claim of that name, or of that path: the whole name is tried first, because namespaced claims are addresses with dots in them
 * (`https://example.com/groups`); then `realm_access.roles` is walked member by member, and a member's name may itself hold dots.
 */
export function readClaim(claims: JsonObject, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const inner = ownMember(claims, path.slice(0, dot))
    const found = isJsonObject(inner) ? readClaim(inner, path.slice(dot + 1)) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** Text that may stand in a log line: nothing longer than `maxLength`, no control characters, no direction changes. */
export function readText(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string' || value.trim() === '' || value.length > maxLength) return undefined
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(value) ? undefined : value
}

/** A claim that holds one word or a list of them. Anything else there is `malformed`, which is not the same as nothing there. */
export function readList(value: unknown): readonly string[] | 'malformed' {
  if (value === undefined || value === null) return []
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) return 'malformed'
  return value
}

/** Scopes: words with spaces between them in one string (RFC 6749 §3.3), or a list of words (Okta). */
export function readScopes(value: unknown): readonly string[] | 'malformed' {
  if (typeof value === 'string') return value.split(' ').filter((word) => word !== '')
  return readList(value)
}
