import { never } from '../lib/never.ts'
import { type Certainty, certain } from './certainty.ts'
import { type Mistake, type PatternWord, patternWords } from './command-pattern-text.ts'
import { programOf } from './program-name.ts'
import type { CommandPart, Word } from './understanding.ts'
import { fitsPattern, MOST_PATTERN_CHARACTERS } from './words/values.ts'

/** A pattern of a program with its arguments, as rules name it. */
export interface CommandPattern {
  readonly source: string
  readonly words: readonly PatternWord[]
}

/**
 * Reads a pattern like `systemctl restart nginx*`. Its words match one argument each, the first the program. `*` in a word matches any
 * run of characters; a word that begins with it matches an argument with a dash before it only perhaps, because that may be an option.
 * `**` as the last word matches any further arguments, also none. `/regex/` as a whole word is RE2 over the whole argument. Quotes and
 * backslashes are for spaces, stars and other signs that are plain characters. The program is named, and then is the one in a directory
 * of the system, or given by its absolute path.
 */
export function parseCommandPattern(text: string): CommandPattern | Mistake {
  const words = patternWords(text)
  if ('mistake' in words) return words
  const [program] = words
  if (program === undefined) return { mistake: 'it is empty' }
  const rest = words.findIndex(({ kind }) => kind === 'rest')
  if (rest >= 0 && rest < words.length - 1) return { mistake: '** can only be the last word' }
  const name = program.kind === 'stars' ? program.texts.join('*') : ''
  if (name.includes('/') && !name.startsWith('/'))
    return { mistake: `${name}: a program is named, or given by its absolute path` }
  return { source: text, words: withProgram(words) }
}

/** However the program is written, it is compared by what `programOf` makes of it. */
function withProgram([program, ...words]: readonly PatternWord[]): readonly PatternWord[] {
  if (program === undefined) return []
  const isPlain = program.kind === 'stars' && program.texts.length === 1
  return [isPlain ? { kind: 'stars', texts: program.texts.map(programOf) } : program, ...words]
}

/**
 * Whether a part is one that the pattern means. A pattern without `sudo` also means the program that sudo runs: rules tell them apart by
 * the class. One that begins with `sudo` only means those.
 */
export function matches(pattern: CommandPattern, part: CommandPart): Certainty {
  const [program, ...words] = pattern.words
  const isOfSudo = program?.kind === 'stars' && program.texts.join('*') === 'sudo'
  if (part.startsNothing) return 'no'
  const [own] = part.argv
  const isItself = own?.kind === 'text' && programOf(own.text) === 'sudo'
  const match = matchWords(
    isOfSudo && part.class === 'sudo' && !isItself ? withProgram(words) : pattern.words,
    part.argv,
  )
  // guard: loose-parts-match-perhaps
  return match === 'yes' && part.loose ? 'maybe' : match
}

function matchWords(patterns: readonly PatternWord[], argv: readonly Word[]): Certainty {
  let result: Certainty = 'yes'
  for (const [i, pattern] of patterns.entries()) {
    if (pattern.kind === 'rest') return result
    const word = argv[i]
    if (word === undefined) return 'no'
    const match = i === 0 ? matchProgram(pattern, word) : matchWord(pattern, word)
    if (match === 'no') return 'no'
    if (match === 'maybe') result = 'maybe'
    // It may be several arguments: the words behind it are not where they seem to be.
    if (word.kind !== 'text') return 'maybe'
  }
  const more = argv[patterns.length]
  // guard: no-more-arguments-than-words
  if (more === undefined) return result
  return argv.slice(patterns.length).every((word) => word.kind === 'unknown') ? 'maybe' : 'no'
}

function matchProgram(pattern: PatternWord, word: Word): Certainty {
  if (word.kind !== 'text') return 'maybe'
  return matchText(pattern, word.home ? word.text : programOf(word.text))
}

function matchWord(pattern: PatternWord, word: Word): Certainty {
  switch (word.kind) {
    case 'unknown':
      return 'maybe'
    case 'glob':
      return mayBegin(pattern, word.pattern) ? 'maybe' : 'no'
    case 'text': {
      // What only looks like the home directory is something else.
      const text = !word.home && /^~(?:\/|$)/.test(word.text) ? `./${word.text}` : word.text
      const match = matchText(pattern, text)
      const isStar = pattern.kind === 'stars' && pattern.texts.length > 1 && pattern.texts[0] === ''
      // guard: stars-are-no-options
      return match === 'yes' && isStar && text.startsWith('-') ? 'maybe' : match
    }
    default:
      return never(word)
  }
}

function matchText(pattern: PatternWord, text: string): Certainty {
  switch (pattern.kind) {
    case 'rest':
      return 'yes'
    case 'regex':
      if (text.length > MOST_PATTERN_CHARACTERS) return 'maybe'
      return certain(fitsPattern(pattern.source, text))
    case 'stars':
      return certain(fitsStars(pattern.texts, text))
    default:
      return never(pattern)
  }
}

/** Takes each text at its first place behind the one before it: linear, and no place is tried twice. */
function fitsStars(texts: readonly string[], text: string): boolean {
  const [first = '', ...others] = texts
  const last = others.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first)) return false
  let at = first.length
  for (const each of others) {
    const found = text.indexOf(each, at)
    if (found < 0) return false
    at = found + each.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

/** Whether a name that the pattern of files finds may be one that is meant. */
function mayBegin(pattern: PatternWord, glob: string): boolean {
  if (pattern.kind !== 'stars') return true
  const [mine = ''] = pattern.texts
  const theirs = (/^(?:\\[\s\S]|[^\\*?[])*/.exec(glob)?.[0] ?? '').replace(/\\([\s\S])/g, '$1')
  const shorter = Math.min(mine.length, theirs.length)
  return mine.slice(0, shorter) === theirs.slice(0, shorter)
}
