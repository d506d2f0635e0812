import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { GUARDS } from './list.ts'

const all = Object.values(GUARDS).flat()

/** The names in `// guard: NAME` comments of the product, with their files. */
function guardsInCode(): string[] {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
  )
  return files.flatMap((path) =>
    [...readFileSync(`src/${path}`, 'utf8').matchAll(/^\s*\/\/ guard: ([a-z0-9-]+)$/gm)].map(
      ([, name]) => `${name} src/${path}`,
    ),
  )
}

describe('the list of guards', () => {
  test('names every guard of the code, each once', () => {
    const listed = all.map(({ name, file }) => `${name} ${file}`)
    const inCode = guardsInCode()
    expect(inCode.filter((guard) => !listed.includes(guard))).toEqual([])
    expect(listed.filter((guard) => !inCode.includes(guard))).toEqual([])
    expect(new Set(listed).size).toBe(listed.length)
  })

  test.each(all.map((guard) => [guard.name, guard] as const))(
    '%s can be switched off, and its test is there',
    (_, { file, from, to, test: path, title }) => {
      expect(readFileSync(file, 'utf8').split(from)).toHaveLength(2)
      expect(to).not.toBe(from)
      // Titles of tables are put together: what must be there is the longest piece of them that is written out.
      expect(isTitleIn(readFileSync(path, 'utf8'), title), `${title} in ${path}`).toBe(true)
    },
  )
})

function isTitleIn(source: string, title: string): boolean {
  if (source.includes(title)) return true
  const pieces = title.split(/\s+/)
  for (let length = pieces.length - 1; length >= 2; length -= 1)
    for (let from = 0; from + length <= pieces.length; from += 1)
      if (source.includes(pieces.slice(from, from + length).join(' '))) return true
  return false
}
