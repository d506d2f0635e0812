import type * as z from 'zod'
import { findKeyAt, keyNamesAt } from './keys.ts'
import { isRecord } from './secret-paths.ts'
import { findSuggestion, isLaterKey } from './suggest.ts'
import type { Path } from './yaml-source.ts'

export interface Explained {
  readonly path: Path
  /** An unknown key is shown at the key, everything else at the value. */
  readonly at: 'key' | 'value'
  readonly message: string
  /** The key that was probably meant: what is said of its absence would say the same mistake twice. */
  readonly meant?: Path
  readonly isMissing?: boolean
}

/** The value at `path` as it may be shown, or undefined where it may not. */
export type Show = (path: Path) => string | undefined

type Issue = z.core.$ZodIssue

/** What one finding of the schema means, in words that hold no value unless `show` gives it out. */
export function explain(issue: Issue, show: Show): Explained[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key))
  const inside = insideOf(issue)
  if (inside.length > 0)
    return inside.flatMap((one) => explain({ ...one, path: [...issue.path, ...one.path] } as Issue, show))
  return [{ path, at: 'value', message: valueMessage(issue, path, show), isMissing: isMissing(issue) }]
}

/** A mapping where one of several forms is a mapping: what is wrong in it, rather than that no form fits. */
function insideOf(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union' || !isRecord(issue.input)) return []
  const isAbout = ({ code, path }: Issue) => path.length > 0 || code === 'unrecognized_keys'
  return issue.errors.find((errors) => errors.every(isAbout)) ?? []
}

function valueMessage(issue: Issue, path: Path, show: Show): string {
  const key = findKeyAt(path)
  const name = nameOf(path)
  if (isMissing(issue))
    return `${name} is missing${key?.description ? `: ${firstSentence(key.description)}` : ''}`
  if (issue.input === null) return `${name} is empty, but ${requirement(issue, path)}`
  const shown = show(path)
  return shown === undefined
    ? `${name} ${requirement(issue, path)}`
    : `${name} is ${shown}, but ${requirement(issue, path)}${meant(shown, key?.allowed)}`
}

function isMissing(issue: Issue): boolean {
  return (issue.code === 'invalid_type' || issue.code === 'invalid_value') && issue.input === undefined
}

/** "must be …" */
function requirement(issue: Issue, path: Path): string {
  if (issue.code === 'invalid_union') {
    const nested = issue.errors.flat().find(({ code }) => code !== 'invalid_type' && code !== 'invalid_value')
    if (nested) return nested.message
  } else if (issue.code !== 'invalid_type' && issue.code !== 'invalid_value') return issue.message
  const type = findKeyAt(path)?.type ?? itemType(issue)
  const quote = type === 'a text' && typeof issue.input === 'number' ? ': put it in quotes' : ''
  return `must be ${type}${quote}`
}

function itemType(issue: Issue): string {
  if (issue.code === 'invalid_type' && issue.expected === 'object') return 'a mapping of keys'
  return 'a text'
}

function meant(shown: string, allowed: readonly string[] | undefined): string {
  const word = shown.slice(1, -1)
  const suggestion =
    allowed?.find((value) => value.toLowerCase() === word.toLowerCase()) ??
    findSuggestion(word, allowed ?? [])
  return suggestion === undefined ? '' : `: did you mean ${suggestion}?`
}

/** `port`, or `item 2 of required_scopes`. */
function nameOf(path: Path): string {
  const last = path.at(-1)
  if (last === undefined) return 'the configuration'
  return typeof last === 'number' ? `item ${last + 1} of ${nameOf(path.slice(0, -1))}` : `\`${last}\``
}

function firstSentence(description: string): string {
  const sentence = /^.*?[.:](?=\s|$)/.exec(description)?.[0].slice(0, -1) ?? description
  return sentence.replace(/^([A-Z])(?=[a-z ])/, (letter) => letter.toLowerCase())
}

// A value that slid into the place of a key (a missing space after the colon) may be a secret: only words that look like keys are shown.
const KEY_LIKE = /^[A-Za-z][A-Za-z_-]{0,31}\d?$/

function unknownKey(parent: Path, key: string): Explained {
  const known = keyNamesAt(parent)
  const here = { path: [...parent, key], at: 'key' } as const
  if (isLaterKey(key))
    return {
      ...here,
      message: `\`${key}\` is not known to this version yet: remove it until a version brings it`,
    }
  const suggestion = findSuggestion(key, known)
  const named = KEY_LIKE.test(key) ? `unknown key \`${key}\`` : 'an unknown key, not shown here'
  if (suggestion === undefined) return { ...here, message: `${named}: known here are ${known.join(', ')}` }
  return { ...here, message: `${named}: did you mean \`${suggestion}\`?`, meant: [...parent, suggestion] }
}
