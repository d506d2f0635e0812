import { isMap, isScalar, parseDocument } from 'yaml'

/**
 * Top-level sections of a configuration as they are written, comments within them included, in the order of the file. Nothing is resolved:
 * `${env:…}` stands there as it is. A section that is not there is left out.
 */
export function writtenSections(text: string, wanted: readonly string[]): string {
  const { contents } = parseDocument(text, { uniqueKeys: false, logLevel: 'silent' })
  if (!isMap(contents)) return ''
  const sections = contents.items
    .map(({ key }) => ({
      name: isScalar(key) ? String(key.value) : '',
      from: isScalar(key) ? (key.range?.[0] ?? 0) : 0,
    }))
    .toSorted((a, b) => a.from - b.from)
  return sections
    .flatMap(({ name, from }, index) => {
      if (!wanted.includes(name)) return []
      const next = sections[index + 1]?.from ?? text.length
      // What stands above the next section at the margin is about that one.
      return [text.slice(from, next).replace(/(?:\n(?:#[^\n]*)?)*\n?$/, '\n')]
    })
    .join('')
}
