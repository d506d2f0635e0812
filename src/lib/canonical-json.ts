import { escapedJson } from './printable.ts'

/**
 * One text for one value: members in the order of their names (UTF-16 code units), no white space, numbers as ECMAScript writes them, as
 * RFC 8785 says. Beyond it, what nobody sees (controls, marks of direction, fillers) is escaped, so that whoever reads the text sees all of
 * it. Members without a value are left out. `text` changes each string on its way.
 */
export function canonicalJson(value: unknown, text: (value: string) => string = asItIs): string {
  return escapedJson(plain(value, text) ?? 'null')
}

/** The members of an object as canonical text, by name: for objects that are put together from parts. */
export function canonicalMembers(
  value: Readonly<Record<string, unknown>>,
  text: (value: string) => string = asItIs,
): readonly (readonly [name: string, json: string])[] {
  return Object.entries(value).flatMap(([name, member]) => {
    const json = plain(member, text)
    return json === undefined ? [] : [[name, escapedJson(json)] as const]
  })
}

/** An object of such members. No two may have the same name. */
export function canonicalObject(members: readonly (readonly [name: string, json: string])[]): string {
  const sorted = [...members].sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${sorted.map(([name, json]) => `${escapedJson(JSON.stringify(name))}:${json}`).join(',')}}`
}

function plain(value: unknown, text: (value: string) => string): string | undefined {
  if (typeof value === 'string') return JSON.stringify(text(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (value instanceof Date) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => plain(item, text) ?? 'null').join(',')}]`
  const members = Object.keys(value)
    .sort()
    .flatMap((name) => {
      const json = plain((value as Record<string, unknown>)[name], text)
      return json === undefined ? [] : [`${JSON.stringify(name)}:${json}`]
    })
  return `{${members.join(',')}}`
}

function asItIs(text: string): string {
  return text
}
