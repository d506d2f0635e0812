import { isDeepStrictEqual } from 'node:util'
import { tableText } from '../../clients/configuration.ts'
import { type Edited, lineEndOf, placeIn, type Wanted } from './edit.ts'
import { type Statement, statementsOf, TomlFault } from './toml.ts'

/**
 * The text with one table in it, such as `[mcp_servers.ssh]`: appended, or in the place of the one of that name. All else stays letter
 * for letter. A server that is written in another form (an inline table, dotted keys) is refused rather than guessed at.
 */
export function editToml(text: string, wanted: Wanted): Edited {
  try {
    return edited(text, wanted)
  } catch (error) {
    if (!(error instanceof TomlFault)) throw error
    return { kind: 'refused', why: error.message }
  }
}

function edited(text: string, wanted: Wanted): Edited {
  const { key, name, entry, replace } = wanted
  const target = [key, name]
  const statements = statementsOf(text)
  const blocks = blocksOf(statements, target)
  const stray = strayOf(statements, target)
  if (stray !== undefined)
    return {
      kind: 'refused',
      why: `${placeIn(text, stray.start)}: the servers are written in another form than [${key}.NAME]; write them so, or add the table by hand`,
    }
  const [first, ...others] = blocks
  const eol = lineEndOf(text)
  const table = tableText(target, entry).join(eol)
  if (first === undefined) {
    const gap = text.trim() === '' ? '' : text.endsWith('\n') ? eol : `${eol}${eol}`
    return { kind: 'changed', text: `${text}${gap}${table}${eol}`, replaced: false }
  }
  if (isDeepStrictEqual(meaningOf(blocks, target), entry)) return { kind: 'same' }
  if (!replace) return { kind: 'taken' }
  const kept = [...others]
    .reverse()
    .reduce((at, { start, end }) => at.slice(0, start) + at.slice(end).replace(/^\r?\n/, ''), text)
  return { kind: 'changed', text: kept.slice(0, first.start) + table + kept.slice(first.end), replaced: true }
}

interface Block {
  readonly path: readonly string[]
  readonly start: number
  /** Of its last pair: comments behind it belong to what follows. */
  readonly end: number
  readonly pairs: readonly Extract<Statement, { kind: 'pair' }>[]
}

/** The table of the server and those below it, such as `[mcp_servers.ssh.env]`. */
function blocksOf(statements: readonly Statement[], target: readonly string[]): Block[] {
  return statements.flatMap((statement, index) => {
    if (statement.kind !== 'table' || !isBelow(statement.path, target)) return []
    const rest = statements.slice(index + 1)
    const next = rest.findIndex(({ kind }) => kind === 'table')
    const pairs = rest.slice(0, next === -1 ? undefined : next).filter((one) => one.kind === 'pair')
    return [{ path: statement.path, start: statement.start, end: pairs.at(-1)?.end ?? statement.end, pairs }]
  })
}

/** What says something of the server, or of all servers, without being a table of its own. */
function strayOf(statements: readonly Statement[], target: readonly string[]): Statement | undefined {
  let table: readonly string[] = []
  return statements.find((statement) => {
    if (statement.kind === 'table') {
      table = statement.path
      return statement.isList && (isBelow(table, target) || isBelow(target, table))
    }
    const path = [...table, ...statement.path]
    return !isBelow(table, target) && (isBelow(path, target) || isBelow(target, path))
  })
}

const isBelow = (path: readonly string[], above: readonly string[]) =>
  above.every((part, index) => path[index] === part)

function meaningOf(blocks: readonly Block[], target: readonly string[]): unknown {
  const value: Record<string, unknown> = {}
  for (const { path, pairs } of blocks) {
    const place = path.slice(target.length).join('.')
    const own = Object.fromEntries(pairs.map((pair) => [pair.path.join('.'), pair.value]))
    if (place === '') Object.assign(value, own)
    else value[place] = own
  }
  return value
}
