import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { expandPath } from './file-mode.ts'

/** As deep as OpenSSH follows `Include`. */
const DEEPEST = 16
/** Files in all: one that includes itself twice would double with each level. */
const MOST_FILES = 256

interface Line {
  readonly keyword: string
  readonly rest: string
  readonly text: string
}

/**
 * The text of an OpenSSH client configuration with `Include` followed and without `Match … exec` blocks: those would run a program
 * of the user's choice just to be read. Rejects when `path` itself cannot be read; an included file that cannot is skipped, as
 * OpenSSH does.
 */
export async function readSshConfigText(path: string, home: string): Promise<string> {
  const around = { base: join(home, '.ssh'), home, filesLeft: MOST_FILES }
  return expand(await readFile(path, 'utf8'), around, DEEPEST)
}

interface Around {
  readonly base: string
  readonly home: string
  filesLeft: number
}

async function expand(text: string, around: Around, depth: number): Promise<string> {
  const kept: string[] = []
  let isInBlock = false
  for (const line of withoutExec(parseLines(text))) {
    if (line.keyword === 'host' || line.keyword === 'match') isInBlock = true
    if (line.keyword !== 'include') {
      kept.push(line.text)
      continue
    }
    for (const path of depth === 0 ? [] : await includedPaths(line.rest, around)) {
      around.filesLeft -= 1
      if (around.filesLeft < 0) break
      const whole = await expand(await readFile(path, 'utf8').catch(() => ''), around, depth - 1)
      // Within a block an included file speaks for that block alone: blocks of its own would hold only where both match.
      // Outside, what follows it is for every host again.
      kept.push(isInBlock ? beforeFirstBlock(whole) : `${whole}\nMatch all`)
    }
  }
  return kept.join('\n')
}

function parseLines(text: string): Line[] {
  return text.split(/\r?\n/).map((line) => {
    const [, keyword = '', rest = ''] = /^\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/.exec(line) ?? []
    return { keyword: keyword.toLowerCase(), rest: rest.trim(), text: line }
  })
}

function withoutExec(lines: readonly Line[]): Line[] {
  let isLeftOut = false
  return lines.filter(({ keyword, rest }) => {
    if (keyword === 'host') isLeftOut = false
    if (keyword === 'match') isLeftOut = /(^|[\s"!])exec(?=[\s"=]|$)/i.test(rest)
    return !isLeftOut
  })
}

function beforeFirstBlock(text: string): string {
  const lines = parseLines(text)
  const first = lines.findIndex(({ keyword }) => keyword === 'host' || keyword === 'match')
  return (first < 0 ? lines : lines.slice(0, first)).map((line) => line.text).join('\n')
}

/** Several paths, in quotes or not; `*` and `?` in the last part are matched against the folder, in its sorted order. */
async function includedPaths(rest: string, { base, home }: Around): Promise<string[]> {
  const words = [...rest.matchAll(/"([^"]*)"|([^\s"]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  const lists = words.map(async (word) => {
    const path = expandPath(word, base, home)
    const pattern = basename(path)
    if (!/[*?]/.test(pattern)) return [path]
    const matches = wildcard(pattern)
    const names = await readdir(dirname(path)).catch((): string[] => [])
    return names
      .filter((name) => matches.test(name) && (pattern.startsWith('.') || !name.startsWith('.')))
      .sort()
      .map((name) => join(dirname(path), name))
  })
  return (await Promise.all(lists)).flat()
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${source}$`)
}
