import { RE2JS, RE2JSSyntaxException } from 're2js'
import { never } from '../../lib/never.ts'
import type { ValueKind } from '../grammar.ts'
import type { Word } from '../understanding.ts'

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)[A-Za-z%]{0,3}$/
/** Not a dash, an at sign or a slash in front: no option, no `@file`, no path. */
const NAME = /^[A-Za-z0-9_*?[][\w.@:/+%*?[\],\\-]*$/
const HOST = /^[A-Za-z0-9_[:][\w.:%[\]/-]*$/

/** Patterns are for values of a few words; no longer text is held against one. */
export const MOST_PATTERN_CHARACTERS = 4_096
/** Larger ones are nested counts that take long. */
const MOST_STATES = 2_000

const compiled = new Map<string, RE2JS>()

export type ValueCheck = { readonly fits: false } | { readonly fits: true; readonly reads?: string }

const FITS: ValueCheck = { fits: true }
const FITS_NOT: ValueCheck = { fits: false }

/** Whether `word` may be a value of this kind, and the path that is read by it. A pattern of file names is only ever a path. */
export function checkValue(kind: ValueKind, word: Word): ValueCheck {
  if (word.kind === 'unknown') return FITS_NOT
  if (kind === 'path') return checkPath(word)
  // The home directory is known to be a path, and nothing more.
  if (word.kind === 'glob' || word.home) return FITS_NOT
  return fitsText(kind, word.text) ? FITS : FITS_NOT
}

/** `@file` names words in a file, `file:…` and `host:…` are more than a path to some programs. Whoever means a file writes `./` before it. */
const MORE_THAN_A_PATH = /^(?:@|[A-Za-z][\w.+-]*:)/

function checkPath(word: Exclude<Word, { kind: 'unknown' }>): ValueCheck {
  const path = word.kind === 'glob' ? word.pattern : word.text
  // guard: paths-are-only-paths
  if (MORE_THAN_A_PATH.test(path)) return FITS_NOT
  if (word.home) return { fits: true, reads: path }
  if (path === '-') return FITS
  return { fits: true, reads: path.startsWith('~') ? `./${path}` : path }
}

function fitsText(kind: Exclude<ValueKind, 'path'>, text: string): boolean {
  switch (kind) {
    case 'text':
      return true
    case 'number':
      return NUMBER.test(text)
    case 'name':
      return NAME.test(text)
    case 'host':
      return HOST.test(text)
    case 'command':
      return false
    default:
      return typeof kind === 'string'
        ? fitsPattern(kind, text)
        : isList(kind)
          ? kind.includes(text)
          : never(kind)
  }
}

function isList(kind: ValueKind): kind is readonly string[] {
  return Array.isArray(kind)
}

/** Whether the whole of `text` is what a pattern between slashes describes. */
export function fitsPattern(pattern: string, text: string): boolean {
  if (text.length > MOST_PATTERN_CHARACTERS) return false
  let known = compiled.get(pattern)
  if (known === undefined) {
    known = RE2JS.compile(pattern.slice(1, -1))
    compiled.set(pattern, known)
  }
  return known.matches(text)
}

/** What is wrong with a pattern, if anything. */
export function patternMistake(pattern: string): string | undefined {
  if (!/^\/[\s\S]+\/$/.test(pattern)) return 'a pattern stands between slashes'
  try {
    const states = RE2JS.compile(pattern.slice(1, -1)).programSize()
    return states > MOST_STATES ? 'the counts of this pattern are too large' : undefined
  } catch (fault) {
    if (!(fault instanceof RE2JSSyntaxException)) throw fault
    return `${fault.message}. RE2 syntax: no look-around, no back-references`
  }
}
