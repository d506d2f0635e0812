/** What JSON has no word for, written as an object with one member that no value of ours has. */
const TAG = '$'

/** Values of plain objects, lists, dates, sets of texts and bytes, as JSON that `readTagged` reads back as they were. */
export function taggedText(value: unknown): string {
  return JSON.stringify(tagged(value))
}

/** @throws SyntaxError for what is no JSON. Says nothing about the shape of what it reads. */
export function readTagged(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || !(TAG in value)) return value
    const { [TAG]: kind, of } = value as { [TAG]: string; of: unknown }
    if (kind === 'date') return new Date(String(of))
    if (kind === 'set' && Array.isArray(of)) return new Set(of)
    if (kind === 'bytes') return Buffer.from(String(of), 'base64')
    return value
  })
}

function tagged(value: unknown): unknown {
  if (value instanceof Date) return { [TAG]: 'date', of: value.toISOString() }
  if (value instanceof Set) return { [TAG]: 'set', of: [...value] }
  if (Buffer.isBuffer(value)) return { [TAG]: 'bytes', of: value.toString('base64') }
  if (Array.isArray(value)) return value.map(tagged)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, tagged(member)]))
}
