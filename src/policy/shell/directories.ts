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

/** Either, for a command that does not tell. Undefined when there are too many. */
export function either(a: Places, b: Places): Places | undefined {
  const all = [...new Set([...a, ...b])]
  return all.length > MOST_PLACES ? undefined : all
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
