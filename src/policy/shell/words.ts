import type { Word as AstWord } from 'unbash'
import type { Word } from '../understanding.ts'
import { expandBraces } from './braces.ts'
import { type Piece, piecesOf } from './word-pieces.ts'

/** Nothing in it that any shell changes. */
const PLAIN_WORD = /^[A-Za-z0-9_.,:@%+/-][A-Za-z0-9_.,:@%+/=-]*$/
const CONTROL = /[\0-\x08\x0b-\x1f\x7f]/

/** The arguments that a word of the command becomes: one, or as many as its braces say. */
export function resolveWord(word: AstWord): readonly Word[] {
  const { text: source, value } = word
  if (source === value && PLAIN_WORD.test(source)) return [{ kind: 'text', text: source }]
  const pieces = piecesOf(source)
  const words = pieces && expandBraces(pieces)
  if (words === undefined) return [{ kind: 'unknown', source }]
  const resolved = words.map((each) => join(each, source))
  const [only] = resolved
  // Two readers of the same text must agree, or neither is believed.
  // guard: two-readers-agree
  if (resolved.length === 1 && only?.kind === 'text' && !only.home && only.text !== value)
    return [{ kind: 'unknown', source }]
  return resolved
}

function join(pieces: readonly Piece[], source: string): Word {
  const home = pieces[0]?.kind === 'home' ? { home: true as const } : {}
  const isGlob = pieces.some(({ kind }) => kind === 'glob')
  const parts = pieces.map((piece) => {
    if (piece.kind === 'home') return '~'
    return isGlob && piece.kind !== 'glob' ? piece.text.replace(/[\\*?[\]]/g, '\\$&') : piece.text
  })
  const text = parts.join('')
  // Unquoted and empty, it is no word at all.
  if (CONTROL.test(text) || pieces.length === 0) return { kind: 'unknown', source }
  if (!isGlob) return { kind: 'text', text, ...home }
  // zsh looks below directories for `**`, the others do not.
  const pattern = text.replace(/(?<!\\)\*{2,}/g, '*')
  // So that no name of a file is taken for an option.
  // guard: globs-begin-with-a-directory
  return { kind: 'glob', pattern: pieces[0]?.kind === 'glob' ? `./${pattern}` : pattern, ...home }
}
