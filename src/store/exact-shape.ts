/** Reads a value of unknown origin as a `T`, whole and exactly, or throws. What it returns is made anew. */
export type Shape<T> = (value: unknown) => T

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T]
type Members<T, K extends keyof T> = { readonly [Key in K]-?: Shape<Exclude<T[Key], undefined>> }

export const text: Shape<string> = (value) => (typeof value === 'string' ? value : refuse(value))
export const flag: Shape<boolean> = (value) => (typeof value === 'boolean' ? value : refuse(value))
export const finite: Shape<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(value)

/** As `Date.prototype.toJSON` writes it, and no other way. */
export const instant: Shape<Date> = (value) => {
  const date = new Date(text(value))
  return !Number.isNaN(date.getTime()) && date.toISOString() === value ? date : refuse(value)
}

export function exactly<const T>(only: T): Shape<T> {
  return (value) => (value === only ? only : refuse(value))
}

/** One of the keys of a table: the compiler sees that the table has all of a union. */
export function keyOf<K extends string>(table: Readonly<Record<K, unknown>>): Shape<K> {
  return (value) => (Object.hasOwn(table, text(value)) ? (value as K) : refuse(value))
}

export function branded<T extends string>(isValid: (text: string) => text is T): Shape<T> {
  return (value) => {
    const candidate = text(value)
    return isValid(candidate) ? candidate : refuse(value)
  }
}

export function listOf<T>(item: Shape<T>): Shape<readonly T[]> {
  return (value) => (Array.isArray(value) ? value.map((each) => item(each)) : refuse(value))
}

/** An object with all members of `required`, any of `optional`, and no others. */
export function objectOf<T extends object>(
  required: Members<T, Exclude<keyof T, OptionalKeys<T>>>,
  optional: Members<T, OptionalKeys<T>>,
): Shape<T> {
  const shapes: Readonly<Record<string, Shape<unknown>>> = { ...required, ...optional }
  return (value) => {
    const given = record(value)
    if (!Object.keys(required).every((key) => Object.hasOwn(given, key))) refuse(value)
    const members = Object.entries(given).map(([key, member]) => {
      const shape = Object.hasOwn(shapes, key) ? shapes[key] : undefined
      return [key, shape ? shape(member) : refuse(value)]
    })
    return Object.fromEntries(members) as T
  }
}

/** A member of a union that says by `tag` which one it is. */
export function unionBy<T extends object, Tag extends keyof T & string>(
  tag: Tag,
  shapes: { readonly [Name in T[Tag] & string]: Shape<Extract<T, { readonly [K in Tag]: Name }>> },
): Shape<T> {
  const readTag = keyOf(shapes)
  return (value) => {
    const shape: Shape<T> = shapes[readTag(record(value)[tag])]
    return shape(value)
  }
}

function record(value: unknown): Record<string, unknown> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord ? (value as Record<string, unknown>) : refuse(value)
}

/** Without the value: it may be anybody's command. */
function refuse(value: unknown): never {
  throw new TypeError(`a value of type ${typeof value} is not of the expected form`)
}

/** A member that is left out when the record has none. */
export function given<const Name extends string, T>(
  name: Name,
  shape: Shape<T>,
  value: unknown,
): { readonly [Key in Name]?: T } {
  return value === undefined ? {} : ({ [name]: shape(value) } as { readonly [Key in Name]: T })
}
