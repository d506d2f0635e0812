import type { ByteText } from './shell-dialect.ts'

/** One `name=value` that a shell printed; `value` is the shell's own quoting of it, fit to be read by a shell again. */
export interface Statement {
  readonly name: string
  readonly value: ByteText
}

/** A name, and behind `export ` or `readonly ` or `alias ` where the shell says so. */
const NAME = /(?:(?:export|readonly|alias|declare -[A-Za-z-]+) )?([^\s='"$\\`;&|()<>]+)/y
/** One piece of a quoted word: '…', $'…', "…", an escaped character, or plain ones. */
const PIECE = /'[^']*'|\$'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|\\[\s\S]|[^\s'"\\]+/y

/**
 * Reads what `set`, `alias`, `export -p` or `readonly -p` print (POSIX 2.14: "suitable for reinput to the shell"). A value may span
 * lines. A line of another form (an array of ksh's or bash's) is passed over.
 */
export function statements(text: ByteText): Statement[] {
  return entries(text).flatMap(({ name, value }) => (value === undefined ? [] : [{ name, value }]))
}

/** The names of such a list, those without a value included. */
export function definedIn(text: ByteText): string[] {
  return entries(text).map(({ name }) => name)
}

function entries(text: ByteText): { name: string; value: ByteText | undefined }[] {
  const found: { name: string; value: ByteText | undefined }[] = []
  let at = 0
  while (at < text.length) {
    if (text[at] === '\n') {
      at += 1
      continue
    }
    NAME.lastIndex = at
    const name = NAME.exec(text)
    const end = name === null ? at : NAME.lastIndex
    const start = text[end] === '=' ? end + 1 : undefined
    at = start === undefined ? end : endOfWord(text, start)
    const whole = name !== null && (at >= text.length || text[at] === '\n')
    if (whole)
      found.push({ name: name[1] ?? '', value: start === undefined ? undefined : text.slice(start, at) })
    else at = endOfLine(text, at)
  }
  return found
}

function endOfLine(text: ByteText, from: number): number {
  const newline = text.indexOf('\n', from)
  return newline < 0 ? text.length : newline
}

function endOfWord(text: ByteText, start: number): number {
  let at = start
  for (;;) {
    PIECE.lastIndex = at
    if (PIECE.exec(text) === null) return at
    at = PIECE.lastIndex
  }
}
