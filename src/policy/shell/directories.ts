import type { CommandPart, Word } from '../understanding.ts'

/** Where commands may be at a point of a list: more than one place behind a `cd` that may have failed. Empty: where they began. */
export type Places = readonly string[]

export const BEGINNING: Places = ['']

/** More of them are not followed. */
const MOST_PLACES = 8

export interface DirectoryChange {
  /** Written so that neither CDPATH nor an option has a say in it. Absent: home. */
  readonly directory: Word | undefined
  readonly path: string
}

/** What `cd` with these words does; undefined when only the host knows. */
export function directoryChange(argv: readonly Word[]): DirectoryChange | undefined {
  const [, ...words] = argv
  const isEnded = words[0]?.kind === 'text' && words[0].text === '--'
  const [directory, ...more] = isEnded ? words.slice(1) : words
  if (directory === undefined) return isEnded ? undefined : { directory: undefined, path: '~' }
  if (directory.kind !== 'text' || more.length > 0) return undefined
  if (directory.home) return { directory, path: directory.text }
  const { text } = directory
  // guard: cd-goes-where-it-says
  if (text === '' || text === '-' || (text.startsWith('-') && !isEnded)) return undefined
  const path = /^(?:\/|\.\.?(?:\/|$))/.test(text) ? text : `./${text}`
  return { directory: { kind: 'text', text: path }, path }
}

export function changed(places: Places, to: string): Places {
  return places.map((place) => below(place, to))
}

/** Where a command leaves the shell, by how it ended. */
export interface Ends {
  readonly ok: Places
  readonly failed: Places
}

export function staying(places: Places): Ends {
  return { ok: places, failed: places }
}

/** Where it is after a command of which nobody asks how it ended. */
export function anyEnd({ ok, failed }: Ends): Places {
  return either(ok, failed)
}

/** No more of them than it takes to see that they are too many. */
export function either(a: Places, b: Places): Places {
  return [...new Set([...a, ...b])].slice(0, MOST_PLACES + 1)
}

export function areTooMany(places: Places): boolean {
  return places.length > MOST_PLACES
}

/** The same part with the paths that it reads from the places it may be in. */
export function seenFrom(part: CommandPart, places: Places): CommandPart {
  if (part.reads === undefined) return part
  // guard: paths-follow-cd
  return {
    ...part,
    reads: part.reads.flatMap((path) => [...new Set(places.map((place) => below(place, path)))]),
  }
}

function below(place: string, path: string): string {
  const isFixed = path.startsWith('/') || path === '~' || path.startsWith('~/')
  if (isFixed || place === '') return path
  return `${place.replace(/\/$/, '')}/${path}`
}
