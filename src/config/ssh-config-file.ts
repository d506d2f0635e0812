import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expandPath } from './file-mode.ts'
import { type Block, Blocks, type Item } from './ssh-config-blocks.ts'
import { matchingPaths } from './ssh-config-glob.ts'
import { parseSshConfigLines } from './ssh-config-line.ts'
import { type Condition, hostCondition, matchCondition } from './ssh-config-match.ts'

/** As deep as OpenSSH follows `Include`. */
const DEEPEST = 16
/** Files in all: includes of includes would double with each level. */
const MOST_FILES = 1_024

/** An OpenSSH client configuration, `Include` followed. Which of it holds for a host is asked afterwards. */
export interface SshConfigFile {
  readonly blocks: Blocks
  /** What was left out while it was read, each once. */
  readonly warnings: ReadonlySet<string>
}

interface Reading {
  readonly base: string
  readonly home: string
  readonly warnings: Set<string>
  filesLeft: number
}

/**
 * Reads it. Nothing is executed. Rejects when `path` itself cannot be read or not be understood; an included file that cannot be read
 * is skipped, as OpenSSH does, and one that includes itself is read once.
 */
export async function readSshConfigFile(path: string, home: string): Promise<SshConfigFile> {
  const reading: Reading = { base: join(home, '.ssh'), home, warnings: new Set(), filesLeft: MOST_FILES }
  const blocks = await blocksOf(await readFile(path, 'utf8'), [path], reading)
  return { blocks, warnings: reading.warnings }
}

const NOTHING = new Blocks([])
const ALWAYS: Condition = { wantsFinal: false, matches: () => true }

async function blocksOf(text: string, chain: readonly string[], reading: Reading): Promise<Blocks> {
  const blocks: (Block & { items: Item[] })[] = [
    { condition: ALWAYS, names: [], isForNamesAlone: false, items: [] },
  ]
  for (const line of parseSshConfigLines(text)) {
    const items = blocks.at(-1)?.items ?? []
    switch (line.keyword) {
      case 'host': {
        const names = line.words.filter((word) => !/[*?]|^!/.test(word))
        const isForNamesAlone = names.length === line.words.length
        blocks.push({ condition: hostCondition(line.words), names, isForNamesAlone, items: [] })
        break
      }
      case 'match': {
        const condition = matchCondition(line.rest)
        if (condition.leftOut !== undefined) reading.warnings.add(LEFT_OUT[condition.leftOut])
        blocks.push({ condition, names: [], isForNamesAlone: false, items: [] })
        break
      }
      case 'include':
        for (const path of await includedPaths(line.words, reading))
          items.push({ included: await includedBlocks(path, chain, reading) })
        break
      default:
        items.push(line)
    }
  }
  return new Blocks(blocks)
}

const LEFT_OUT = {
  exec: 'Blocks with `Match exec` of the OpenSSH configuration are left out: a program would have to be run to know whether they hold.',
  unknown: 'Blocks of the OpenSSH configuration with a `Match` that is not understood here are left out.',
} as const

async function includedBlocks(path: string, chain: readonly string[], reading: Reading): Promise<Blocks> {
  const isCircle = chain.includes(path)
  reading.filesLeft -= 1
  if (isCircle || chain.length > DEEPEST || reading.filesLeft < 0) {
    const why = isCircle ? 'it includes itself' : 'Include goes deeper, or names more files, than is followed'
    reading.warnings.add(`A file of the OpenSSH configuration is left out: ${why}.`)
    return NOTHING
  }
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? NOTHING : blocksOf(text, [...chain, path], reading)
}

/** A relative path begins at `~/.ssh`. */
async function includedPaths(words: readonly string[], { base, home }: Reading): Promise<string[]> {
  const paths: string[] = []
  for (const word of words) paths.push(...(await matchingPaths(expandPath(word, base, home))))
  return paths
}
