import { pattern, patternList } from './ssh-config-pattern.ts'

/** What a `Host` or `Match` line is asked about. */
export interface Candidate {
  /** As it was asked for. */
  readonly original: string
  /** The name that `Host` lines are compared with: in the final pass, the address. */
  readonly name: string
  /** The address as far as it is known by now. */
  address(): string
  /** The remote user as far as it is known by now. */
  user(): string
  readonly localUser: string
  /** The second reading, that `Match final` and `Match canonical` wait for. */
  readonly isFinal: boolean
}

export interface Condition {
  matches(candidate: Candidate): boolean
  /** It speaks of the second reading: there has to be one. */
  readonly wantsFinal: boolean
  /** Why the block is left out for every host. */
  readonly leftOut?: 'exec' | 'unknown'
}

/** `Host`: names and patterns, of which those with a `!` exclude. */
export function hostCondition(words: readonly string[]): Condition {
  const matches = patternList(words)
  return { wantsFinal: false, matches: ({ name }) => matches(name) }
}

const NEVER = { wantsFinal: false, matches: () => false } as const

/**
 * `Match`: every criterion must hold. A block with a criterion that runs a program, or that is not known here, is left out whole,
 * whatever the others say.
 */
export function matchCondition(rest: string): Condition {
  const words = criteriaWords(rest)
  const criteria: ((candidate: Candidate) => boolean)[] = []
  let wantsFinal = false
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? ''
    const isNegated = word.startsWith('!')
    const name = (isNegated ? word.slice(1) : word).toLowerCase()
    if (name === 'all') {
      if (at + 1 < words.length || criteria.length > 1 || isNegated) return { ...NEVER, leftOut: 'unknown' }
      continue
    }
    const test = name === 'final' || name === 'canonical' ? isFinal : CRITERIA[name]?.(words[++at] ?? '')
    if (test === undefined) return { ...NEVER, leftOut: name === 'exec' ? 'exec' : 'unknown' }
    wantsFinal ||= name === 'final'
    criteria.push((candidate) => test(candidate) !== isNegated)
  }
  if (words.length === 0) return { ...NEVER, leftOut: 'unknown' }
  return { wantsFinal, matches: (candidate) => criteria.every((criterion) => criterion(candidate)) }
}

type Test = (candidate: Candidate) => boolean

const isFinal: Test = (candidate) => candidate.isFinal

const CRITERIA: Readonly<Record<string, (list: string) => Test>> = {
  host: (list) => {
    const matches = commaList(list.toLowerCase())
    return (candidate) => matches(candidate.address().toLowerCase())
  },
  originalhost: (list) => {
    const matches = commaList(list.toLowerCase())
    return ({ original }) => matches(original.toLowerCase())
  },
  user: (list) => {
    const matches = commaList(list)
    return (candidate) => matches(candidate.user())
  },
  localuser: (list) => {
    const matches = commaList(list)
    return ({ localUser }) => matches(localUser)
  },
}

function commaList(text: string) {
  return text.includes(',') || text.startsWith('!') ? patternList(text.split(',')) : pattern(text)
}

/** Words that are separated by white space or one `=`; double quotes hold white space; `#` begins a comment. */
function criteriaWords(rest: string): string[] {
  const words = [...rest.matchAll(/"([^"]*)"?|([^\s"=]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  const comment = words.findIndex((word) => word.startsWith('#'))
  return comment < 0 ? words : words.slice(0, comment)
}
