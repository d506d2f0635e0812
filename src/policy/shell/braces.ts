import type { Piece } from './word-pieces.ts'

/** A command with more words than these is not written out. */
const MOST_WORDS = 64

/**
 * `a{b,c}` → `ab`, `ac`, and `{1..3}` → `1`, `2`, `3`. Braces that bash takes for text are text: `{}`, `{x}`. Undefined for what is seldom
 * written by hand: braces in braces, steps, leading zeros, letters.
 */
export function expandBraces(pieces: readonly Piece[]): readonly (readonly Piece[])[] | undefined {
  const open = pieces.findIndex((piece) => isBrace(piece, '{'))
  if (open < 0) return [pieces]
  const length = pieces.slice(open + 1).findIndex((piece) => isBrace(piece, '{') || isBrace(piece, '}'))
  const close = open + 1 + length
  if (length < 0 || isBrace(pieces[close], '{')) return undefined
  const inner = alternatives(pieces.slice(open + 1, close))
  const rest = expandBraces(pieces.slice(close + 1))
  if (inner === undefined || rest === undefined || inner.length * rest.length > MOST_WORDS) return undefined
  const before = pieces.slice(0, open)
  return inner.flatMap((middle) => rest.map((after) => [...before, ...middle, ...after]))
}

function alternatives(inside: readonly Piece[]): readonly (readonly Piece[])[] | undefined {
  const [only] = inside
  const range = inside.length === 1 && only?.kind === 'plain' ? rangeOf(only.text) : undefined
  if (range !== undefined) return range === 'strange' ? undefined : range
  if (!inside.some((piece) => isBrace(piece, ',')))
    return [[{ kind: 'brace', text: '{' }, ...inside, { kind: 'brace', text: '}' }]]
  const groups: Piece[][] = [[]]
  for (const piece of inside) {
    if (isBrace(piece, ',')) groups.push([])
    else groups.at(-1)?.push(piece)
  }
  return groups
}

function rangeOf(text: string): Piece[][] | 'strange' | undefined {
  if (!text.includes('..')) return undefined
  const [, from = '', to = ''] = /^(-?(?:0|[1-9]\d{0,8}))\.\.(-?(?:0|[1-9]\d{0,8}))$/.exec(text) ?? []
  const count = Math.abs(Number(to) - Number(from)) + 1
  if (from === '' || count > MOST_WORDS) return 'strange'
  const step = Number(from) <= Number(to) ? 1 : -1
  return Array.from({ length: count }, (_, i) => [{ kind: 'plain', text: String(Number(from) + i * step) }])
}

function isBrace(piece: Piece | undefined, text: string): boolean {
  return piece?.kind === 'brace' && piece.text === text
}
