import { type NumberList, parseNumberList } from './number-list.ts'

/**
 * Whether a text as a whole is what the pattern says: `*` any number of characters, `?` one, `[abc]` `[a-f]` `[!x]` one of or none of a
 * class, `[01-20]` `[1-3,7]` a number of the list, written with that many digits. Everything else stands for itself, in its own case.
 *
 * All positions that may be reached are followed at once, so the time is bounded by pattern × text, whatever the pattern.
 */
export type Glob = (text: string) => boolean

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean }
  | { readonly kind: 'number'; readonly list: NumberList }

/** The compiled pattern; undefined when a bracket is not closed or holds nothing. */
export function parseGlob(pattern: string): Glob | undefined {
  if (!/[?[]/.test(pattern)) return withStars(pattern.split('*'))
  const tokens: Token[] = []
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at)
    if (character === '[') {
      // A `]` that comes first is a member of the class, as in a shell.
      const close = pattern.indexOf(']', /[!^]/.test(pattern.charAt(at + 1)) ? at + 3 : at + 2)
      if (close < 0) return undefined
      tokens.push(bracket(pattern.slice(at + 1, close)))
      at = close
    } else if (character === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' })
    } else {
      const accepts = character === '?' ? () => true : (other: string) => other === character
      tokens.push({ kind: 'one', accepts })
    }
  }
  return (text) => matches(tokens, text)
}

/** Most patterns are a few texts with stars between them: each is looked for behind the one before, at its first place. */
function withStars(texts: readonly string[]): Glob {
  const [first = '', ...others] = texts
  const last = others.pop()
  if (last === undefined) return (text) => text === first
  return (text) => {
    if (!text.startsWith(first)) return false
    let at = first.length
    for (const other of others) {
      const found = text.indexOf(other, at)
      if (found < 0) return false
      at = found + other.length
    }
    return text.length - last.length >= at && text.endsWith(last)
  }
}

/** Whether the text is a pattern rather than a name. */
export function isPattern(text: string): boolean {
  return /[*?[]/.test(text)
}

function bracket(content: string): Token {
  const list = parseNumberList(content)
  return list === undefined ? { kind: 'one', accepts: characterClass(content) } : { kind: 'number', list }
}

function characterClass(content: string): (character: string) => boolean {
  const isNegated = /^[!^]/.test(content)
  const members = isNegated ? content.slice(1) : content
  const ranges: { readonly from: string; readonly to: string }[] = []
  for (let at = 0; at < members.length; at += 1) {
    const from = members.charAt(at)
    const isRange = members.charAt(at + 1) === '-' && at + 2 < members.length
    ranges.push({ from, to: isRange ? members.charAt(at + 2) : from })
    if (isRange) at += 2
  }
  return (character) => ranges.some(({ from, to }) => from <= character && character <= to) !== isNegated
}

function matches(tokens: readonly Token[], text: string): boolean {
  let reached: readonly number[] = [0]
  for (const token of tokens) {
    reached = step(token, text, reached)
    if (reached.length === 0) return false
  }
  return reached.includes(text.length)
}

/** Where the token may end when it begins at one of these positions, in ascending order as they are. */
function step(token: Token, text: string, reached: readonly number[]): readonly number[] {
  switch (token.kind) {
    case 'one':
      return reached.filter((at) => at < text.length && token.accepts(text.charAt(at))).map((at) => at + 1)
    case 'star': {
      const [first = text.length] = reached
      return Array.from({ length: text.length - first + 1 }, (_, more) => first + more)
    }
    case 'number':
      return [...new Set(reached.flatMap((at) => token.list.endsIn(text, at)))].sort((a, b) => a - b)
  }
}
