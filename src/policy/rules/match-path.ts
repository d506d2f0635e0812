import type { Certainty } from '../certainty.ts'
import { isPattern } from '../hosts/glob.ts'
import {
  ANY_NAMES,
  globName,
  literalName,
  type Name,
  type NamePattern,
  type PathPattern,
  parsePathPattern,
} from './path-pattern.ts'

/** What is read or written on a host. */
export interface Place {
  /** As it was asked for, or as the host resolved it. */
  readonly path: string
  /** Everything below it too. */
  readonly below?: boolean
  /** It stands in a command: the host's shell makes names of `*`, `?` and `[…]`. */
  readonly isGlob?: boolean
  /** Where the home of the login is, once the host has told. */
  readonly home?: string
}

/**
 * Whether the pattern is about the place: `yes` when it holds for whatever the place may be, `maybe` when for some of it, or when nobody
 * can tell from the text: a relative path, `..`, another user's `~`, and the ways through /proc and /dev to files of any name.
 */
export function matchPath(pattern: PathPattern, place: Place): Certainty {
  const read = namesOf(place)
  // guard: path-not-told
  if (read === undefined || leadsAnywhere(read)) return 'maybe'
  const wanted = atRoot(pattern, place.home)
  // Somewhere unknown is any number of names: the home of the login, as long as the host has not told it.
  if (wanted.beginsAt === read.beginsAt) return relate(wanted.names, read.names)
  if (wanted.beginsAt === 'root') return relate(wanted.names, [ANY_NAMES, ...read.names])
  return meet([ANY_NAMES, ...wanted.names], read.names) ? 'maybe' : 'no'
}

type Names = Pick<PathPattern, 'beginsAt' | 'names'>

function namesOf({ path, below = false, isGlob = false, home }: Place): Names | undefined {
  const isHome = path === '~' || path.startsWith('~/')
  const text = isHome && home !== undefined ? home + path.slice(1) : path
  if (!text.startsWith('/') && !isHome) return undefined
  const names: NamePattern[] = []
  for (const name of text.slice(isHome && home === undefined ? 1 : 0).split('/')) {
    if (name === '' || name === '.') continue
    if (name === '..' || name.includes('\0')) return undefined
    const read = isGlob ? namesByGlob(name) : literalName(name)
    if (read === undefined) return undefined
    names.push(read)
  }
  if (below) names.push(ANY_NAMES)
  return { beginsAt: isHome && home === undefined ? 'home' : 'root', names }
}

/** Undefined where the shell may find `..` by it, or makes more of it than names that match. */
function namesByGlob(text: string): NamePattern | undefined {
  if (/[{}()\\]/.test(text)) return undefined
  if (!isPattern(text)) return literalName(text)
  if (text === '**') return ANY_NAMES
  return text.startsWith('.') || text.startsWith('[') ? undefined : globName(text)
}

function atRoot(pattern: PathPattern, home: string | undefined): Names {
  if (pattern.beginsAt === 'root' || home === undefined) return pattern
  const names = home
    .split('/')
    .filter((name) => name !== '')
    .map(literalName)
  return { beginsAt: 'root', names: [...names, ...pattern.names] }
}

// Links of the kernel's own making, to whatever a process has open. Resolving them gives their target; as text they say nothing.
const ANYWHERE = [
  '/proc/*/root/**',
  '/proc/*/cwd/**',
  '/proc/*/fd/**',
  '/proc/*/exe',
  '/proc/*/map_files/**',
  '/proc/*/task/**',
  '/dev/fd/**',
  '/dev/stdin',
  '/dev/stdout',
  '/dev/stderr',
].map((text) => parsePathPattern(text) as PathPattern)

function leadsAnywhere({ beginsAt, names }: Names): boolean {
  return beginsAt === 'root' && ANYWHERE.some((pattern) => meet(pattern.names, names))
}

function relate(wanted: readonly NamePattern[], read: readonly NamePattern[]): Certainty {
  if (!meet(wanted, read)) return 'no'
  return covers(wanted, read) ? 'yes' : 'maybe'
}

/** Whether every path of `read` is one of `wanted`. What it cannot tell is no. */
function covers(wanted: readonly NamePattern[], read: readonly NamePattern[]): boolean {
  return walk(wanted, read, (one, other) => {
    if (other.kind === 'names') return false
    return other.isLiteral
      ? one.fits(other.text)
      : one.text === '*' || (!one.isLiteral && one.text === other.text)
  })
}

/** Whether there may be a path that is one of both. */
function meet(a: readonly NamePattern[], b: readonly NamePattern[]): boolean {
  return walk(a, b, (one, other) => {
    if (other.kind === 'names') return true
    return other.isLiteral ? one.fits(other.text) : !one.isLiteral || other.fits(one.text)
  })
}

/**
 * Goes through both from the left, all ways at once: `**` of `a` takes any number of names of `b`. What a name of `a` takes is for
 * `takes` to say; of a `**` of `b`, any number of times.
 */
function walk(
  a: readonly NamePattern[],
  b: readonly NamePattern[],
  takes: (one: Name, other: NamePattern) => boolean,
): boolean {
  // reached[j]: all of `a` so far and the first j of `b` fit.
  let reached = settle(
    Array.from({ length: b.length + 1 }, (_, j) => j === 0),
    b,
    takes,
  )
  for (const one of a) {
    const next: boolean[] = Array.from({ length: b.length + 1 }, () => false)
    for (let j = 0; j <= b.length; j += 1) {
      if (one.kind === 'names') next[j] = reached[j] === true || next[j - 1] === true
      else {
        const before = b[j - 1]
        const here = b[j]
        if (before?.kind === 'name') next[j] = reached[j - 1] === true && takes(one, before)
        // A `**` of `b` is not used up by one name.
        if (here?.kind === 'names' && reached[j] === true && takes(one, here)) next[j] = true
      }
    }
    reached = settle(next, b, takes)
  }
  return reached[b.length] === true
}

/** A `**` of `b` may also be no name at all, where it may be taken by names. */
function settle(
  reached: boolean[],
  b: readonly NamePattern[],
  takes: (one: Name, other: NamePattern) => boolean,
): boolean[] {
  for (const [j, other] of b.entries())
    if (reached[j] === true && other.kind === 'names' && takes(literalName(''), other)) reached[j + 1] = true
  return reached
}
