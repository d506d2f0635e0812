import type { Operand } from '../grammar.ts'
import type { Word } from '../understanding.ts'
import { spelled } from './judgement.ts'
import { checkValue } from './values.ts'

export type Placed =
  | { readonly fits: true; readonly reads: readonly string[] }
  | { readonly fits: false; readonly sentence: string }

/** Gives each word the operand it is, in their order; one that may be there several times takes what the later ones leave. */
export function placeOperands(operands: readonly Operand[], words: readonly Word[]): Placed {
  const reads: string[] = []
  let left = words
  for (const [i, operand] of operands.entries()) {
    const required = isRequired(operand) ? 1 : 0
    const kept = operands.slice(i + 1).filter(isRequired).length
    const most = isMany(operand) ? left.length - kept : Math.min(1, left.length - kept)
    const mine = left.slice(0, Math.max(most, required))
    if (mine.length < required) return { fits: false, sentence: 'lacks an operand' }
    for (const word of mine) {
      const check = checkValue(operand.is, word)
      // guard: operands-of-their-kind
      if (!check.fits || (word.kind === 'glob' && !isMany(operand)))
        return { fits: false, sentence: `has an operand that is not on its list: ${spelled(word)}` }
      if (check.reads !== undefined) reads.push(check.reads)
    }
    if (mine.length === 0 && operand.default !== undefined) reads.push(operand.default)
    left = left.slice(mine.length)
  }
  // guard: no-more-operands
  if (left[0] !== undefined) return { fits: false, sentence: `has an operand too many: ${spelled(left[0])}` }
  return { fits: true, reads }
}

function isMany({ count }: Operand): boolean {
  return count === 'some' || count === 'any'
}

function isRequired({ count }: Operand): boolean {
  return count === undefined || count === 'one' || count === 'some'
}
