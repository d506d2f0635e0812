import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Grammar, grammarsOf } from '../src/policy/grammar.ts'
import { BUILT_IN } from '../src/policy/grammars/list.ts'
import { understand } from '../src/policy/shell/understand.ts'
import { classOf } from './kit/class-of-command.ts'
import { codeOf, fencesOf, linksOf, PAGES } from './kit/markdown.ts'

const FENCES = PAGES.flatMap(fencesOf)
const SCRIPTS = JSON.parse(readFileSync('package.json', 'utf8')).scripts

describe('the site of documents', () => {
  test('its index leads to every page', () => {
    const pagesLinkedFrom = (page: string) =>
      linksOf(page).map((link) => join(dirname(page), link.split('#')[0] ?? ''))
    const listed = ['docs/README.md', 'docs/decisions/README.md'].flatMap(pagesLinkedFrom)
    const pages = PAGES.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md')
    expect(pages.filter((page) => !listed.includes(page))).toEqual([])
  })

  test('the first page is short, with one picture, and leads to the index', () => {
    expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThan(121)
    expect(fencesOf('README.md').filter(({ info }) => info === 'mermaid')).toHaveLength(1)
    expect(linksOf('README.md')).toContain('docs/README.md')
  })

  test('every decision says situation, choice, what was rejected and the price', () => {
    const decisions = PAGES.filter((page) => /^docs\/decisions\/(?!README)/.test(page))
    const lacking = decisions.flatMap((page) =>
      ['Situation', 'Choice', 'Rejected', 'Price']
        .filter((word) => !new RegExp(`^(?:## |\\*\\*)${word}`, 'm').test(readFileSync(page, 'utf8')))
        .map((word) => `${page}: ${word}`),
    )
    expect(lacking).toEqual([])
  })

  test('whatever reads like a path of this repository is one', () => {
    const isPath =
      /^(?:tools\/\w+\.py|(?:src|test|docs|scripts|examples|web|bench|deploy|\.ci|\.github)\/[\w./*-]+)$/
    const named = PAGES.flatMap((page) => codeOf(page).map((code) => [page, code] as const))
    const paths = named.filter(([, code]) => isPath.test(code))
    expect(paths.length).toBeGreaterThan(50)
    // A pattern has to have its folder.
    const isThere = (path: string) => existsSync(path.includes('*') ? path.replace(/[^/]*\*.*$/, '') : path)
    expect(paths.filter(([, path]) => !isThere(path))).toEqual([])
  })
})

describe('what stands in fences', () => {
  test('is of a kind that CONTRIBUTING explains, or is only shown', () => {
    const explained = [...readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/^\| (`[^|]+`) \| [^|]+ \|$/gm)]
    const kinds = explained.flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`:]+)/g)].map((match) => match[1]),
    )
    const shown = ['mermaid', 'toml', 'nginx', 'js', 'js cases', 'js grammar']
    const unknown = FENCES.filter(({ info }) => ![...kinds, ...shown].includes(info.replace(/: .*$/, '')))
    expect(unknown.map(({ page, line, info }) => `${page}:${line} ${info}`)).toEqual([])
  })

  test('as shell is shell, and its npm scripts exist', () => {
    const shell = FENCES.filter(({ info }) => /^sh\b/.test(info))
    const wrong = shell.filter(({ text }) => !isShell(text))
    expect(wrong.map(({ page, line }) => `${page}:${line}`)).toEqual([])
    const scripts = [...shell.map(({ text }) => text), ...PAGES.flatMap(codeOf)].flatMap((text) =>
      [...text.matchAll(/\bnpm run ([a-z:]+)/g)].map((match) => match[1] ?? ''),
    )
    expect(scripts.length).toBeGreaterThan(10)
    expect(scripts.filter((name) => !(name in SCRIPTS))).toEqual([])
  })
})

describe('the first change of CONTRIBUTING', () => {
  const fences = fencesOf('CONTRIBUTING.md')
  const literal = (info: string) =>
    new Function(`return (${fences.find((fence) => fence.info === info)?.text})`)()
  const grammar: Grammar = literal('js grammar')
  const [[program, lines]] = Object.entries(literal('js cases')) as [
    [string, { readonly reads: string[]; readonly runs: string[] }],
  ]

  test('is one that nobody has made yet', () => {
    expect(grammar.program).toBe(program)
    expect(grammarsOf(BUILT_IN).has(program)).toBe(false)
  })

  test.each(lines.reads)('makes that "%s" only reads, and not before', (line) => {
    expect(classOf(understand(line, grammarsOf(BUILT_IN)))).not.toBe('read')
    expect(classOf(understand(line, grammarsOf([...BUILT_IN, grammar])))).toBe('read')
  })

  test.each(lines.runs)('leaves it at that "%s" may do more', (line) => {
    expect(classOf(understand(line, grammarsOf([...BUILT_IN, grammar])))).not.toBe('read')
  })
})

/** As bash reads it, without running any of it. What stands for a word of the reader's is one. */
function isShell(text: string): boolean {
  try {
    execFileSync('bash', ['-n'], { input: text, stdio: ['pipe', 'ignore', 'ignore'] })
    return true
  } catch {
    return false
  }
}
