import { readdir, stat } from 'node:fs/promises'
import { join, parse, sep } from 'node:path'

/**
 * The paths that are there and match, as glob(3) finds them for `Include`: `*`, `?` and `[…]` within one name, hidden names only where
 * the pattern begins with a dot, in sorted order. A path without wildcards is given back as it is.
 */
export async function matchingPaths(path: string): Promise<string[]> {
  if (!WILDCARD.test(path)) return [path]
  const { root } = parse(path)
  const steps = path.slice(root.length).split(sep)
  let found = [root]
  for (const step of steps) {
    const next: string[] = []
    for (const folder of found) next.push(...(await matchesIn(folder, step)))
    found = next
  }
  return found
}

const WILDCARD = /[*?[]/

async function matchesIn(folder: string, step: string): Promise<string[]> {
  if (!WILDCARD.test(step)) {
    const path = join(folder, step)
    const exists = await stat(path).then(
      () => true,
      () => false,
    )
    return exists ? [path] : []
  }
  const matches = expression(step)
  const names = await readdir(folder).catch((): string[] => [])
  return names
    .filter((name) => matches.test(name) && (step.startsWith('.') || !name.startsWith('.')))
    .sort()
    .map((name) => join(folder, name))
}

function expression(step: string): RegExp {
  const source = step.replace(
    /\[(!?)([^\]]+)\]|\*+|\?|[\\^$.|+()[\]{}]/g,
    (whole, negated?: string, set?: string) => {
      if (set !== undefined) return `[${negated ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`
      if (whole.startsWith('*')) return '[^/]*'
      return whole === '?' ? '[^/]' : `\\${whole}`
    },
  )
  try {
    return new RegExp(`^${source}$`, 's')
  } catch {
    // A range such as [z-a], which matches nothing.
    return /^\b$/
  }
}
