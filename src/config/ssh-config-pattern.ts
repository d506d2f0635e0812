/** A pattern of ssh_config(5): `*` and `?`, nothing else. */
export type Pattern = (text: string) => boolean

export function pattern(text: string): Pattern {
  if (!/[*?]/.test(text)) return (candidate) => candidate === text
  const source = text
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.')
  const expression = new RegExp(`^${source}$`, 's')
  return (candidate) => expression.test(candidate)
}

interface Signed {
  readonly isNegated: boolean
  readonly matches: Pattern
}

function signed(text: string): Signed {
  const isNegated = text.startsWith('!')
  return { isNegated, matches: pattern(isNegated ? text.slice(1) : text) }
}

/**
 * Patterns of which one must match and none of those with a `!` may: what it says of a text. A list of negated ones alone matches
 * nothing.
 */
export function patternList(texts: readonly string[]): Pattern {
  const patterns = texts.map(signed)
  return (candidate) =>
    patterns.some(({ isNegated, matches }) => !isNegated && matches(candidate)) &&
    !patterns.some(({ isNegated, matches }) => isNegated && matches(candidate))
}
