import { Scanner } from './scanner.ts'

/** A file of JSON, with where each value stands in its text, so that one can be changed and all else kept letter for letter. */

export type JsonNode =
  | {
      readonly kind: 'object'
      readonly start: number
      readonly end: number
      readonly members: readonly Member[]
    }
  | {
      readonly kind: 'array'
      readonly start: number
      readonly end: number
      readonly items: readonly JsonNode[]
    }
  | { readonly kind: 'scalar'; readonly start: number; readonly end: number; readonly value: unknown }

export interface Member {
  readonly key: string
  readonly value: JsonNode
}

/** Where a text stops being JSON. */
export class JsonFault extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.name = 'JsonFault'
    this.offset = offset
  }
}

/**
 * Reads JSON; with `comments` also what editors add to it: comments, and a comma before a closing bracket.
 * @throws JsonFault
 */
export function parseJsonc(text: string, comments: boolean): JsonNode {
  const reader = new Reader(text, comments)
  return reader.document()
}

/** What the text means, without places. A key that is written twice counts as last written, as `JSON.parse` has it. */
export function meaningOf(node: JsonNode): unknown {
  if (node.kind === 'scalar') return node.value
  if (node.kind === 'array') return node.items.map(meaningOf)
  return Object.fromEntries(node.members.map(({ key, value }) => [key, meaningOf(value)]))
}

/** Behind spaces and comments that begin at `offset`; `line` stops at the end of the line. */
export function skipBlank(text: string, offset: number, until: 'line' | 'token' = 'token'): number {
  const blank = until === 'line' ? /(?:[ \t]|\/\*[^\n]*?\*\/|\/\/[^\r\n]*)*/y : BLANK
  blank.lastIndex = offset
  blank.test(text)
  return blank.lastIndex
}

const BLANK = /(?:[ \t\r\n\uFEFF]|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/y
const SPACE = /[ \t\r\n]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** What ends a plain stretch of a text in quotes. RFC 8259 §7: controls are escaped. */
const STRING_STOP = /["\\\u0000-\u001f]/g
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
])
/** Nobody's settings are deeper, and a reader that calls itself must not run out of stack. */
const DEEPEST = 200

class Reader extends Scanner {
  #depth = 0
  readonly #comments: boolean

  constructor(text: string, comments: boolean) {
    super(text)
    this.#comments = comments
  }

  document(): JsonNode {
    if (this.text.startsWith('\uFEFF')) this.at = 1
    const node = this.#value()
    this.#blank()
    if (this.at < this.text.length) throw this.#fault('nothing may follow the value')
    return node
  }

  #value(): JsonNode {
    this.#blank()
    const start = this.at
    const sign = this.text[start]
    if (sign === '{' || sign === '[') return this.#nested(sign, start)
    if (sign === '"') return { kind: 'scalar', start, value: this.#string(), end: this.at }
    const number = this.match(NUMBER)
    if (number !== undefined) return { kind: 'scalar', start, value: Number(number), end: this.at }
    for (const [word, value] of WORDS)
      if (this.text.startsWith(word, start)) {
        this.at += word.length
        return { kind: 'scalar', start, value, end: this.at }
      }
    throw this.#fault('a value is expected')
  }

  #nested(open: '{' | '[', start: number): JsonNode {
    if (++this.#depth > DEEPEST) throw this.#fault(`it is nested deeper than ${DEEPEST}`)
    this.at += 1
    const members: Member[] = []
    const items: JsonNode[] = []
    const close = open === '{' ? '}' : ']'
    for (let isFirst = true; ; isFirst = false) {
      this.#blank()
      const mayClose = isFirst || this.#comments
      if (mayClose && this.take(close)) break
      if (open === '{') members.push(this.#member())
      else items.push(this.#value())
      this.#blank()
      if (this.take(',')) continue
      if (this.take(close)) break
      throw this.#fault(`"," or "${close}" is expected`)
    }
    this.#depth -= 1
    const place = { start, end: this.at }
    return open === '{' ? { kind: 'object', ...place, members } : { kind: 'array', ...place, items }
  }

  #member(): Member {
    if (this.text[this.at] !== '"') throw this.#fault('a key in quotes is expected')
    const key = this.#string()
    this.#blank()
    if (!this.take(':')) throw this.#fault('":" is expected')
    return { key, value: this.#value() }
  }

  // By steps, not by one pattern: a text may be longer than a pattern can remember its way through.
  #string(): string {
    const start = this.at
    this.at += 1
    for (;;) {
      STRING_STOP.lastIndex = this.at
      const stop = STRING_STOP.exec(this.text)
      this.at = stop?.index ?? this.text.length
      if (stop?.[0] === '"') break
      if (this.match(ESCAPE) === undefined) {
        this.at = start
        throw this.#fault('this text in quotes does not end, or holds what must be escaped')
      }
    }
    this.at += 1
    return JSON.parse(this.text.slice(start, this.at))
  }

  #blank(): void {
    if (this.#comments) this.at = skipBlank(this.text, this.at)
    else this.match(SPACE)
  }

  #fault(message: string): JsonFault {
    return new JsonFault(message, this.at)
  }
}
