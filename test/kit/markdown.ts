import { readdirSync, readFileSync } from 'node:fs'

/** The pages a reader sees: README, CHANGELOG, CONTRIBUTING and everything below docs/ and examples/. */
export const PAGES: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  ...['docs', 'examples'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.md'))
      .map((path) => `${folder}/${path}`)
      .sort(),
  ),
]

export interface Fence {
  readonly page: string
  /** Of the first line inside. */
  readonly line: number
  /** The language, and a word behind it: `yaml`, `yaml fragment`, `sh test`. */
  readonly info: string
  readonly text: string
}

/** The fenced blocks of a page; what a list item indents is taken back out. */
export function fencesOf(page: string): Fence[] {
  const fences: Fence[] = []
  let open: { info: string; indent: string; line: number; lines: string[] } | undefined
  for (const [index, line] of readFileSync(page, 'utf8').split('\n').entries()) {
    const fence = /^( *)```(.*)$/.exec(line)
    if (fence && open === undefined)
      open = { info: fence[2]?.trim() ?? '', indent: fence[1] ?? '', line: index + 2, lines: [] }
    else if (fence && open) {
      fences.push({ page, line: open.line, info: open.info, text: `${open.lines.join('\n')}\n` })
      open = undefined
    } else open?.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line)
  }
  if (open) throw new Error(`${page}:${open.line}: the fence is never closed`)
  return fences
}

/** The page without its fenced blocks. */
export function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replace(/^ *```[\s\S]*?^ *```$/gm, '')
}

/** What stands between backticks in the prose. */
export function codeOf(page: string): string[] {
  return [...proseOf(page).matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '')
}

export function linksOf(page: string): string[] {
  return [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '')
}

/** The anchors of a page's headings, as the usual viewers make them. */
export function anchorsOf(page: string): Set<string> {
  const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '')
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}
