import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml'
import { type Problem, type Where, whereText } from './problem.ts'
import { yamlFaults } from './yaml-faults.ts'

export type Path = readonly (string | number)[]

/** A YAML file that was read: its data, and where in the text each part of it stands. */
export interface YamlSource {
  readonly data: unknown
  /** Syntax errors and duplicate keys. */
  readonly problems: readonly Problem[]
  /** False when a syntax error left parts to guess: checks between keys would then report what is not there. */
  readonly isSound: boolean
  /** False for what stands after a syntax error: what the reader guessed there says nothing. */
  isTrustworthy(path: Path): boolean
  /** Where the value is; where there is none, where its nearest parent is. */
  whereValue(path: Path): Where
  /** Where the key is, for keys that should not be there. */
  whereKey(path: Path): Where
}

/** More aliases than this are a bomb, not a configuration. */
const MOST_ALIASES = 1_000
const DEEPEST = 100

export function readYaml(file: string, text: string): YamlSource {
  const lines = new LineCounter()
  const at = (offset: number): Where => {
    const { line, col } = lines.linePos(offset)
    return { in: 'file', file, line: Math.max(1, line), column: Math.max(1, col) }
  }
  const read = nestsTooDeep(text) ? undefined : parse(text, lines)
  if (read === undefined) return unreadable(file)

  const faults = yamlFaults(read, (offset) => whereText(at(offset)))
  const data = toData(read)
  if (data === undefined) return unreadable(file)

  const soundUntil = Math.min(...faults.filter((f) => !f.isRecoverable).map(({ offset }) => offset))
  const isSound = soundUntil === Number.POSITIVE_INFINITY
  const whereValue = (path: Path): Where => {
    for (let length = path.length; length > 0; length -= 1) {
      const range = findNode(read, path.slice(0, length))?.range
      if (range) return at(range[0])
    }
    return at(read.contents?.range?.[0] ?? 0)
  }
  return {
    data: data.value,
    problems: faults.map(({ offset, message }) => ({ where: at(offset), message })),
    isSound,
    isTrustworthy: (path) =>
      isSound || (findNode(read, path)?.range?.[1] ?? Number.POSITIVE_INFINITY) < soundUntil,
    whereValue,
    whereKey(path) {
      const range = findKey(read, path)?.range
      return range ? at(range[0]) : whereValue(path)
    },
  }
}

function parse(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false, merge: true, uniqueKeys: false })
  } catch {
    return undefined
  }
}

function toData(document: Document.Parsed): { readonly value: unknown } | undefined {
  try {
    return { value: document.toJS({ maxAliasCount: MOST_ALIASES }) }
  } catch {
    return undefined
  }
}

function unreadable(file: string): YamlSource {
  const where: Where = { in: 'file', file, line: 1, column: 1 }
  const message = 'cannot be read as YAML: its aliases or brackets nest too deep'
  return {
    data: undefined,
    problems: [{ where, message }],
    isSound: false,
    isTrustworthy: () => false,
    whereValue: () => where,
    whereKey: () => where,
  }
}

// The parser recurses into brackets: a pile of them would end the process rather than the parse. Brackets within ordinary lines
// (passwords, comments) do not add up.
function nestsTooDeep(text: string): boolean {
  let depth = 0
  for (const line of text.split('\n')) {
    if (!/^[\s[{]*$/.test(line)) depth = 0
    for (const [bracket] of line.matchAll(/[[\]{}]/g)) {
      depth = bracket === '[' || bracket === '{' ? depth + 1 : Math.max(0, depth - 1)
      if (depth > DEEPEST) return true
    }
  }
  return false
}

function findNode(document: Document.Parsed, path: Path): Node | undefined {
  let node: unknown = document.contents
  for (const step of path) {
    const here: unknown = isAlias(node) ? node.resolve(document) : node
    if (isSeq(here)) node = here.items[Number(step)]
    else if (isMap(here)) node = here.items.findLast((pair) => isKey(pair.key, step))?.value
    else return undefined
  }
  return isNode(node) ? node : undefined
}

function findKey(document: Document.Parsed, path: Path): Node | undefined {
  const parent = findNode(document, path.slice(0, -1))
  const map: unknown = isAlias(parent) ? parent.resolve(document) : parent
  const last = path.at(-1)
  if (!isMap(map) || last === undefined) return undefined
  const key = map.items.findLast((pair) => isKey(pair.key, last))?.key
  return isNode(key) ? key : undefined
}

function isKey(key: unknown, step: string | number): boolean {
  return String(isScalar(key) ? key.value : key) === String(step)
}
