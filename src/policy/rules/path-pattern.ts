import { isPattern, parseGlob } from '../hosts/glob.ts'

/** `/var/log/**`, `/etc/*.conf`, `~/notes/**`: `*` within a name, `**` any number of names, none too. */
export interface PathPattern {
  readonly text: string
  readonly beginsAt: 'root' | 'home'
  readonly names: readonly NamePattern[]
}

/** What one name between slashes may be, or any number of names. */
export type NamePattern = { readonly kind: 'names' } | Name

export interface Name {
  readonly kind: 'name'
  readonly text: string
  /** It means only the name that it spells. */
  readonly isLiteral: boolean
  readonly fits: (name: string) => boolean
}

export const ANY_NAMES: NamePattern = { kind: 'names' }

/** The pattern, or what is wrong with it, to follow "must". */
export function parsePathPattern(text: string): PathPattern | string {
  const beginsAt = text.startsWith('~/') ? 'home' : 'root'
  if (beginsAt === 'root' && !text.startsWith('/')) return 'begin with / or ~/'
  const names: NamePattern[] = []
  for (const name of text.slice(text.indexOf('/') + 1).split('/')) {
    if (name === '') continue
    if (name === '.' || name === '..') return `not hold ${name}: write the path as it is`
    if (name !== '**' && name.includes('**'))
      return `have ** alone between two slashes: ${name.replaceAll('**', '*')} is one name, **/${name.replaceAll('**', '*')} one at any depth`
    const parsed = name === '**' ? ANY_NAMES : parseName(name)
    if (parsed === undefined) return 'close every [ with a ]'
    names.push(parsed)
  }
  return { text, beginsAt, names }
}

function parseName(name: string): NamePattern | undefined {
  if (!isPattern(name)) return literalName(name)
  return globName(name)
}

/** Undefined when a bracket is not closed. */
export function globName(text: string): Name | undefined {
  const fits = parseGlob(text)
  return fits && { kind: 'name', text, isLiteral: false, fits }
}

export function literalName(text: string): Name {
  return { kind: 'name', text, isLiteral: true, fits: (name) => name === text }
}
