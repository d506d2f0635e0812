import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { GUARDS } from './guards/list.ts'
import { anchorsOf, codeOf, fencesOf, linksOf, PAGES } from './kit/markdown.ts'

const PAGE = 'docs/THREAT_MODEL.md'
const text = readFileSync(PAGE, 'utf8')

/** `### P7. Another human approves` and what stands below it. */
const promises = text
  .split(/^(?=### P\d+\. )/m)
  .slice(1)
  .map((section) => section.split(/^## /m)[0] ?? '')
  .map((section) => ({
    id: /^### (P\d+)\./.exec(section)?.[1] ?? '',
    section,
    rows: [...section.matchAll(/^\| ([^|]+) \| \[[^\]]+\]\(\.\.\/([^)]+\.test\.ts)\) \|$/gm)].map(
      ([, title = '', file = '']) => ({ title, file }),
    ),
  }))

describe('each promise of the threat model', () => {
  test('has a number of its own, in their order', () => {
    expect(promises.length).toBeGreaterThan(12)
    expect(promises.map(({ id }) => id)).toEqual(promises.map((_, index) => `P${index + 1}`))
  })

  test.each(promises.map((promise) => [promise.id, promise] as const))(
    '%s is one sentence, says what it does not promise, and names its guards and at least three tests',
    (_, { section, rows }) => {
      const [, sentence = ''] = section.split('\n\n')
      expect(sentence.match(/[.!?](?:\s|$)/g)).toHaveLength(1)
      expect(section).toMatch(/^Not promised: /m)
      expect(section).toMatch(/^Guards: .*GUARDS\.md#/m)
      expect(rows.length).toBeGreaterThanOrEqual(3)
    },
  )

  test.each(promises.flatMap(({ id, rows }) => rows.map(({ title, file }) => [id, title, file] as const)))(
    '%s is held by "%s" in %s',
    (_, title, file) => {
      expect(existsSync(file), file).toBe(true)
      expect(titlesIn(file)).toContain(title)
    },
  )
})

test('every area of guards is named, and no other', () => {
  const areas = [...anchorsOf('docs/GUARDS.md')].filter((anchor) => anchor !== 'guards')
  const named = linksOf(PAGE).flatMap((link) => /^GUARDS\.md#(.+)$/.exec(link)?.[1] ?? [])
  expect(areas).toHaveLength(Object.keys(GUARDS).length)
  expect(areas.filter((area) => !named.includes(area))).toEqual([])
  expect(named.filter((area) => !areas.includes(area))).toEqual([])
})

test('families of attacks lead to promises that there are, and to tests', () => {
  const families = /^## Attacks, by family\n([\s\S]*?)^## /m.exec(text)?.[1] ?? ''
  const rows = [...families.matchAll(/^\| ([^|]+) \| [^|]+ \| [^|]+ \| ([^|]+) \| ([^|]+) \|$/gm)].slice(2)
  const ids = promises.map(({ id }) => id)
  expect(rows.length).toBeGreaterThan(15)
  for (const [, family = '', promised = '', tests = ''] of rows) {
    expect(promised.match(/P\d+/g)?.filter((id) => !ids.includes(id)) ?? [], family).toEqual([])
    expect(tests, family).toMatch(/\]\(\.\.\/(?:src|test)\/[^)]+\.test\.ts\)/)
  }
})

test('every guard that a page names to be switched off is one', () => {
  const known = Object.values(GUARDS).flatMap((guards) => guards.map(({ name }) => name))
  const lines = PAGES.flatMap((page) => [...codeOf(page), ...fencesOf(page).map(({ text: fence }) => fence)])
  const named = lines.flatMap((line) =>
    [...line.matchAll(/npm run guards -- ((?:[a-z-]+ ?)+)/g)].flatMap(
      (match) => match[1]?.trim().split(' ') ?? [],
    ),
  )
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((name) => !known.includes(name))).toEqual([])
})

/** Titles of tests and of groups, as they are written: what a table fills in is `%s` still. */
function titlesIn(file: string): string[] {
  const literal = /\(\s*(?:'((?:[^'\\\n]|\\.)+)'|"((?:[^"\\\n]|\\.)+)"|`([^`\\]+)`),/g
  return [...readFileSync(file, 'utf8').matchAll(literal)].map(([, single, double, template]) =>
    (single ?? double ?? template ?? '').replace(/\\(.)/g, '$1'),
  )
}
