import { patternMistake } from './words/values.ts'

export type PatternWord =
  /** The texts between the stars of a word: `nginx*` is `['nginx', '']`, a word without one is one text. */
  | { readonly kind: 'stars'; readonly texts: readonly string[] }
  /** The whole argument is what a regular expression describes, between slashes. */
  | { readonly kind: 'regex'; readonly source: `/${string}/` }
  /** Any arguments, also none. */
  | { readonly kind: 'rest' }

export interface Mistake {
  readonly mistake: string
}

/** What a shell would act on; in a pattern it can only be a misunderstanding. */
const OPERATOR = /[|;&<>()$`]/

/** Takes the text of a pattern to words. */
export function patternWords(text: string): readonly PatternWord[] | Mistake {
  const words: PatternWord[] = []
  const scanner = /[ \t]+|([^ \t'"\\]|'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S])+/y
  while (scanner.lastIndex < text.length) {
    const found = scanner.exec(text)
    if (found === null) return { mistake: 'it has a quote, or a backslash, without an end' }
    if (found[1] === undefined) continue
    const word = patternWord(found[0])
    if ('mistake' in word) return word
    words.push(word)
  }
  return words
}

function patternWord(source: string): PatternWord | Mistake {
  if (source === '**') return { kind: 'rest' }
  if (/^\/.+\/$/.test(source)) return regexWord(source as `/${string}/`)
  const texts = ['']
  for (const [piece] of source.matchAll(/'[^']*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[\s\S]/g)) {
    if (piece === '*') texts.push('')
    else if (OPERATOR.test(piece) && piece.length === 1)
      return {
        mistake: `${piece} is for several programs or for a shell; quote it when it is a plain character`,
      }
    else texts.push((texts.pop() ?? '') + unquoted(piece))
  }
  return { kind: 'stars', texts }
}

function regexWord(source: `/${string}/`): PatternWord | Mistake {
  if (/(?<!\\)(?:\\\\)*\//.test(source.slice(1, -1)))
    return {
      mistake: `${source} is a regular expression with a slash in it: write \\/, or put a path in quotes`,
    }
  const mistake = patternMistake(source)
  return mistake === undefined ? { kind: 'regex', source } : { mistake: `${source}: ${mistake}` }
}

function unquoted(piece: string): string {
  if (piece.startsWith("'") && piece.length > 1) return piece.slice(1, -1)
  if (piece.startsWith('"') && piece.length > 1) return piece.slice(1, -1).replace(/\\(["\\$`])/g, '$1')
  return piece.startsWith('\\') ? piece.slice(1) : piece
}
