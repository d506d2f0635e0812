import { placeIn } from './edit.ts'
import { Scanner } from './scanner.ts'

/** One line, or several, of a TOML file: a header or a pair, with where it stands. Values of no interest stay as they are written. */
export type Statement =
  | {
      readonly kind: 'table'
      readonly path: readonly string[]
      readonly isList: boolean
      readonly start: number
      readonly end: number
    }
  | {
      readonly kind: 'pair'
      readonly path: readonly string[]
      readonly value: unknown
      readonly start: number
      readonly end: number
    }

export class TomlFault extends Error {
  constructor(message: string, text: string, offset: number) {
    super(`${placeIn(text, offset)}: ${message}`)
    this.name = 'TomlFault'
  }
}

/**
 * The statements of a TOML document in their order, as far as is needed to change one table: dates and numbers are not looked into.
 * @throws TomlFault where it stops being TOML.
 */
export function statementsOf(text: string): Statement[] {
  const reader = new TomlReader(text)
  return reader.statements()
}

const BLANK = /(?:[ \t\r\n\uFEFF]|#[^\n]*)*/y
const SPACE = /[ \t]*/y
const REST_OF_LINE = /[ \t]*(?:#[^\n]*)?(?=\r?\n|$)/y
const BARE = /[A-Za-z0-9_-]+/y
const LITERAL = /'[^'\n]*'/y
const LONG_LITERAL = /'''[\s\S]*?'''(?:''|')?/y
/** Numbers, dates and words, which may hold one space between a date and its time. */
const OTHER = /[+\-\w.:]+(?: \d\d:[\d:.+\-Zz]+)?/y

/** Nobody's settings are deeper, and a reader that calls itself must not run out of stack. */
const DEEPEST = 200

class TomlReader extends Scanner {
  #depth = 0

  statements(): Statement[] {
    const found: Statement[] = []
    for (this.match(BLANK); this.at < this.text.length; this.match(BLANK)) {
      const start = this.at
      const statement = this.take('[') ? this.#header() : this.#pair()
      const end = this.at
      if (this.match(REST_OF_LINE) === undefined) throw this.#fault('the line should end here')
      found.push({ ...statement, start, end })
    }
    return found
  }

  #header() {
    const isList = this.take('[')
    const path = this.#key()
    if (!this.take(']') || (isList && !this.take(']'))) throw this.#fault('"]" is expected')
    return { kind: 'table' as const, path, isList }
  }

  #pair() {
    const path = this.#key()
    if (!this.take('=')) throw this.#fault('"=" is expected')
    this.match(SPACE)
    return { kind: 'pair' as const, path, value: this.#value() }
  }

  #key(): string[] {
    const path: string[] = []
    do {
      this.match(SPACE)
      const bare = this.match(BARE)
      path.push(bare ?? this.#quoted() ?? this.#missing('a key is expected'))
      this.match(SPACE)
    } while (this.take('.'))
    return path
  }

  #value(): unknown {
    const long = this.#basic('"""') ?? this.match(LONG_LITERAL)
    if (long !== undefined) return { raw: long }
    const text = this.#quoted()
    if (text !== undefined) return text
    if (this.take('[')) return this.#deeper(() => this.#list())
    if (this.take('{')) return this.#deeper(() => this.#inlineTable())
    const other = this.match(OTHER) ?? this.#missing('a value is expected')
    return other === 'true' ? true : other === 'false' ? false : { raw: other }
  }

  #deeper<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) throw this.#fault(`it is nested deeper than ${DEEPEST}`)
    const value = read()
    this.#depth -= 1
    return value
  }

  #list(): unknown[] {
    const items: unknown[] = []
    for (this.match(BLANK); !this.take(']'); this.match(BLANK)) {
      items.push(this.#value())
      this.match(BLANK)
      if (this.take(',')) continue
      if (this.text[this.at] !== ']') throw this.#fault('"," or "]" is expected')
    }
    return items
  }

  #inlineTable(): Record<string, unknown> {
    const pairs: [string, unknown][] = []
    for (this.match(BLANK); !this.take('}'); this.match(BLANK)) {
      const { path, value } = this.#pair()
      pairs.push([path.join('.'), value])
      this.match(BLANK)
      if (this.take(',')) continue
      if (this.text[this.at] !== '}') throw this.#fault('"," or "}" is expected')
    }
    return Object.fromEntries(pairs)
  }

  #quoted(): string | undefined {
    const literal = this.match(LITERAL)
    if (literal !== undefined) return literal.slice(1, -1)
    const basic = this.#basic('"')
    return basic === undefined ? undefined : unescaped(basic)
  }

  /** A basic string with its quotes, where one begins. By steps: it may be longer than a pattern can remember its way through. */
  #basic(quotes: '"' | '"""'): string | undefined {
    const start = this.at
    if (!this.text.startsWith(quotes, start)) return undefined
    const stops = quotes === '"' ? /["\\\n]/g : /"{3,5}|\\/g
    stops.lastIndex = start + quotes.length
    for (let stop = stops.exec(this.text); stop !== null; stop = stops.exec(this.text)) {
      if (stop[0] === '\n') return undefined
      // What is escaped ends nothing.
      if (stop[0] === '\\') stops.lastIndex += 1
      else {
        this.at = stops.lastIndex
        return this.text.slice(start, this.at)
      }
    }
    return undefined
  }

  #missing(message: string): never {
    throw this.#fault(message)
  }

  #fault(message: string): TomlFault {
    return new TomlFault(message, this.text, this.at)
  }
}

/** Escapes that JSON does not share (`\e`, `\x41`, `\U0001F600`) leave the text as it is written, which then equals nothing. */
function unescaped(basic: string): string {
  try {
    return JSON.parse(basic.replaceAll('\t', '\\t'))
  } catch {
    return basic
  }
}
