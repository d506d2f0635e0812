import { type ShellToken, tokens } from './session-tokens.ts'

/** A function as a command's text defines it. */
export interface FunctionDefinition {
  readonly name: string
  /** From the name to the end of the body, exactly as written. */
  readonly text: string
}

/** Words after which another command begins (POSIX 2.4). */
const OPENING = new Set(['{', '!', 'if', 'then', 'else', 'elif', 'while', 'until', 'do'])
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const OPEN = new Set(['{', '(', 'if', 'for', 'while', 'until', 'case'])
const CLOSE = new Set(['}', ')', 'fi', 'done', 'esac'])

/**
 * The function definitions in a command, in their order, those inside other constructs included: dash and BusyBox ash cannot print
 * their functions, so the bridge keeps the text. Whether one really is a function afterwards, only the shell can say: the branch may
 * not have been taken. Not seen: functions that a file read with `.` or a text given to `eval` defines.
 */
export function functionDefinitions(command: string): FunctionDefinition[] {
  const found: FunctionDefinition[] = []
  const all = marked(tokens(command))
  const closing = closings(all)
  for (let index = 0; index < all.length; index += 1) {
    const [name, open, close] = [all[index], all[index + 1], all[index + 2]]
    if (!name?.begins || name.kind !== 'word' || !NAME.test(name.text)) continue
    if (open?.text !== '(' || close?.text !== ')') continue
    let body = index + 3
    while (all[body]?.text === '\n') body += 1
    const last = closing.get(body)
    if (last !== undefined) found.push({ name: name.text, text: command.slice(name.start, last.end) })
  }
  return found
}

interface MarkedToken extends ShellToken {
  /** Stands where a command begins, so that a reserved word is one. */
  readonly begins: boolean
  /** Nesting opens or closes here. */
  readonly nests: 1 | 0 | -1
}

/** Tells for each token whether a command begins there, and where constructs open and close. */
function marked(list: readonly ShellToken[]): MarkedToken[] {
  const result: MarkedToken[] = []
  /** For each open `case`: whether a pattern is expected now. */
  const cases: ('word' | 'pattern' | 'list')[] = []
  let begins = true
  for (const [index, token] of list.entries()) {
    const reserved = begins && token.kind === 'word'
    const inCase = cases.at(-1)
    let nests: 1 | 0 | -1 = 0
    if (inCase === 'word') {
      if (token.text === 'in' && list[index - 1]?.text !== 'case') cases[cases.length - 1] = 'pattern'
      begins = false
    } else if (inCase === 'pattern' && token.text !== 'esac') {
      // The `)` behind a pattern closes nothing; the `(` that may stand before it opens nothing.
      if (token.text === ')') cases[cases.length - 1] = 'list'
      begins = token.text === ')'
    } else if (token.text === ';;') {
      if (inCase) cases[cases.length - 1] = 'pattern'
      begins = false
    } else if (token.text === '(') {
      nests = 1
      begins = true
    } else if (token.text === ')') {
      nests = -1
      begins = list[index - 1]?.text === '('
    } else if (token.kind === 'operator') {
      begins = !/[<>]/.test(token.text)
    } else if (reserved || inCase === 'pattern') {
      if (OPEN.has(token.text)) nests = 1
      if (CLOSE.has(token.text)) nests = -1
      if (token.text === 'case') cases.push('word')
      if (token.text === 'esac') cases.pop()
      begins = OPENING.has(token.text)
    } else {
      begins = false
    }
    result.push({ ...token, begins: reserved, nests })
  }
  return result
}

/** For each token that opens a construct: the one that closes it. One pass, whatever the nesting. */
function closings(all: readonly MarkedToken[]): Map<number, MarkedToken> {
  const closing = new Map<number, MarkedToken>()
  const open: number[] = []
  for (const [index, token] of all.entries()) {
    if (token.nests === 1) open.push(index)
    const opened = token.nests === -1 ? open.pop() : undefined
    if (opened !== undefined) closing.set(opened, token)
  }
  return closing
}
