/** A piece of a shell command: a word with its quotes, or an operator (a newline is one). */
export interface ShellToken {
  readonly kind: 'word' | 'operator'
  readonly text: string
  readonly start: number
  /** Behind its last character. */
  readonly end: number
}

const OPERATOR = /&&|\|\||;;|<<-|<<|<&|>&|<>|>\||>>|[;&|()<>\n]/y
const BLANK = /(?:[ \t\r]|\\\n)+/y
const PLAIN = /[^\s'"\\`$;&|()<>]+/y

/** Deeper nesting of quotes and expansions is not looked into; nobody writes it, and the stack is finite. */
const MAX_DEPTH = 200

/**
 * Cuts a command into tokens as POSIX 2.3 does: quotes, comments, here-documents and expansions are passed over whole. What is left
 * open ends with the text; such a command is refused by the shell itself.
 */
export function tokens(command: string): ShellToken[] {
  const found: ShellToken[] = []
  const documents: { readonly delimiter: string; readonly tabs: boolean }[] = []
  let at = 0
  while (at < command.length) {
    const blank = match(BLANK, command, at)
    if (blank > 0) {
      at += blank
    } else if (command[at] === '#') {
      at = indexOrEnd(command, '\n', at)
    } else {
      const operator = match(OPERATOR, command, at)
      const end = operator > 0 ? at + operator : wordEnd(command, at)
      const token = {
        kind: operator > 0 ? 'operator' : 'word',
        text: command.slice(at, end),
        start: at,
        end,
      } as const
      const before = found.at(-1)
      if (token.kind === 'word' && (before?.text === '<<' || before?.text === '<<-'))
        documents.push({ delimiter: token.text.replace(/['"\\]/g, ''), tabs: before.text === '<<-' })
      found.push(token)
      at = end
      if (token.text === '\n')
        for (const { delimiter, tabs } of documents.splice(0)) at = documentEnd(command, at, delimiter, tabs)
    }
  }
  return found
}

function wordEnd(command: string, start: number): number {
  let at = start
  while (at < command.length) {
    const next = pieceEnd(command, at)
    if (next === at) break
    at = next
  }
  return at
}

/** Behind the quoted, expanded or plain piece of a word at `at`; `at` itself where the word ends. */
function pieceEnd(command: string, at: number, depth = 0): number {
  if (depth > MAX_DEPTH) return command.length
  const plain = match(PLAIN, command, at)
  if (plain > 0) return at + plain
  switch (command[at]) {
    case "'":
      return indexOrEnd(command, "'", at + 1) + 1
    case '"':
      return doubleQuoteEnd(command, at + 1, depth + 1)
    case '\\':
      return at + 2
    case '`':
      return backquoteEnd(command, at + 1)
    case '$':
      return expansionEnd(command, at, depth + 1)
    default:
      return at
  }
}

function doubleQuoteEnd(command: string, from: number, depth: number): number {
  if (depth > MAX_DEPTH) return command.length
  let at = from
  while (at < command.length && command[at] !== '"') {
    if (command[at] === '\\') at += 2
    else if (command[at] === '`') at = backquoteEnd(command, at + 1)
    else if (command[at] === '$') at = expansionEnd(command, at, depth + 1)
    else at += 1
  }
  return at + 1
}

function backquoteEnd(command: string, from: number): number {
  let at = from
  while (at < command.length && command[at] !== '`') at += command[at] === '\\' ? 2 : 1
  return at + 1
}

/** `$name`, `${…}`, `$(…)`, `$((…))`. Inside, quotes are respected and brackets counted; `case` patterns have no `(` to match. */
function expansionEnd(command: string, at: number, depth: number): number {
  const open = command[at + 1]
  if (open === '{') return bracketEnd(command, at + 2, '{', '}', depth + 1)
  if (open === '(') return bracketEnd(command, at + 2, '(', ')', depth + 1)
  return at + 1
}

function bracketEnd(command: string, from: number, open: string, close: string, depth: number): number {
  let at = from
  let unclosed = 1
  while (at < command.length) {
    const character = command[at]
    if (
      character === "'" ||
      character === '"' ||
      character === '\\' ||
      character === '`' ||
      character === '$'
    ) {
      at = pieceEnd(command, at, depth + 1)
      continue
    }
    if (character === '#' && open === '(' && /[\s;(]/.test(command[at - 1] ?? '')) {
      at = indexOrEnd(command, '\n', at)
      continue
    }
    if (character === open) unclosed += 1
    if (character === close) unclosed -= 1
    at += 1
    if (unclosed === 0) break
  }
  return at
}

function documentEnd(command: string, from: number, delimiter: string, tabs: boolean): number {
  let at = from
  while (at < command.length) {
    const newline = indexOrEnd(command, '\n', at)
    const line = command.slice(at, newline)
    at = newline + 1
    if ((tabs ? line.replace(/^\t+/, '') : line) === delimiter) break
  }
  return Math.min(at, command.length)
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0].length ?? 0
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from)
  return at < 0 ? text.length : at
}
