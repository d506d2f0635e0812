import { grouped } from '../../lib/grouped.ts'
import type { Fewer } from './fewer-commands.ts'
import { ENOUGH_VALUES } from './pattern-words.ts'

interface SeenPath {
  readonly path: string
  /** Everything below it too. */
  readonly below: boolean
  /** `*`, `?` and `[…]` in it are the host's shell's. */
  readonly isPattern: boolean
}

/** Not even many files in one of these make a case for all of them. */
const NEVER_ALL = ['', '/etc', '/root', '/home', '/boot', '/dev', '/proc', '/sys', '/var', '/usr', '~']

/**
 * Patterns that mean all of these paths: each as it is, or all files of a directory where many of it were seen. What is not an absolute
 * path, or leads up again, is left out: no pattern would be certain of it.
 */
export function fewerPaths<Seen extends SeenPath>(paths: readonly Seen[]): readonly Fewer<Seen>[] {
  const named = paths.filter(({ path }) => /^(\/|~\/)/.test(path) && !path.split('/').includes('..'))
  const byPattern = grouped(named, patternOf)
  const trees = [...byPattern.keys()].filter((pattern) => pattern.endsWith('/**'))
  const treeOf = (pattern: string) => trees.find((tree) => tree !== pattern && isBelow(pattern, tree))
  const byDirectory = grouped(
    [...byPattern.keys()].filter((pattern) => !trees.includes(pattern) && treeOf(pattern) === undefined),
    directoryOf,
  )
  const wider = (pattern: string): string => {
    const tree = treeOf(pattern)
    if (tree !== undefined) return wider(tree)
    const directory = directoryOf(pattern)
    const isMany = (byDirectory.get(directory)?.length ?? 0) >= ENOUGH_VALUES
    return isMany && !trees.includes(pattern) && mayBeAll(directory) ? `${directory}/*` : pattern
  }
  const fewer = grouped(byPattern, ([pattern]) => wider(pattern))
  return [...fewer].map(([pattern, of]) => ({ pattern, seen: of.flatMap(([, seen]) => seen) }))
}

/** What was named, as a pattern: what is special in patterns alone stands in brackets. */
function patternOf({ path, below, isPattern }: SeenPath): string {
  const text = isPattern ? path.replace(/\\(.)/g, '[$1]') : path.replace(/[*?[]/g, '[$&]')
  const bare = text.length > 1 ? text.replace(/\/+$/, '') : text
  return below ? `${bare === '/' ? '' : bare}/**` : bare
}

function directoryOf(pattern: string): string {
  return pattern.slice(0, pattern.lastIndexOf('/'))
}

function mayBeAll(directory: string): boolean {
  // guard: never-all-of-etc
  return !NEVER_ALL.includes(directory) && !directory.endsWith('/.ssh')
}

function isBelow(pattern: string, tree: string): boolean {
  const root = tree.slice(0, -'/**'.length)
  return pattern === root || pattern.startsWith(`${root}/`)
}
