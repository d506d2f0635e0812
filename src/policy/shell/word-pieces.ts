/** A piece of a word's source, its quotes removed. */
export type Piece =
  | { readonly kind: 'plain'; readonly text: string }
  /** `*`, `?` or `[a-z]`, unquoted. */
  | { readonly kind: 'glob'; readonly text: string }
  /** `{`, `,` or `}`, unquoted. */
  | { readonly kind: 'brace'; readonly text: string }
  /** The home directory: `~` or `$HOME`, at the beginning. */
  | { readonly kind: 'home' }

/** More of them are not written by people. */
const MOST_PIECES = 128

const PLAIN = /[^\\'"$`*?[{},()<>|&;\s]+/y
/** What a bracket may hold that every shell reads alike. */
const BRACKET = /\[[!^]?(?:[A-Za-z0-9_.-]|\[:[a-z]+:\])+\]/y
/** A dollar sign that begins nothing. */
const LONELY_DOLLAR = /\$(?=$|[\s/.,:%+=^|])/y
const HOME = /\$(?:HOME(?![A-Za-z0-9_])|\{HOME\})/y
/** In `$'…'`. Others are not worth knowing. */
const ANSI_C: Readonly<Record<string, string>> = { n: '\n', t: '\t', '\\': '\\', "'": "'", '"': '"' }

/** Takes the source of one word to pieces; undefined when only a shell can say what becomes of it. */
export function piecesOf(source: string): readonly Piece[] | undefined {
  const scanner = new Scanner(source)
  return scanner.scan() ? scanner.pieces : undefined
}

class Scanner {
  readonly pieces: Piece[] = []
  readonly #source: string
  #at = 0
  #lastClosing: number | undefined

  constructor(source: string) {
    this.#source = source
  }

  scan(): boolean {
    if (this.#source.startsWith('~') && !this.#tilde()) return false
    while (this.#at < this.#source.length) if (!this.#one() || this.pieces.length > MOST_PIECES) return false
    return true
  }

  #one(): boolean {
    const plain = this.#match(PLAIN)
    if (plain !== undefined) return this.#plain(plain)
    const letter = this.#source.charAt(this.#at)
    switch (letter) {
      case '\\':
        return this.#escape()
      case "'":
        return this.#single()
      case '"':
        return this.#double()
      case '$':
        if (this.#match(LONELY_DOLLAR) !== undefined) return this.#plain('$')
        return this.#source.startsWith("$'", this.#at) ? this.#ansiC() : this.#home()
      case '*':
      case '?':
        this.#at++
        return this.#push({ kind: 'glob', text: letter })
      case '[':
        return this.#bracket()
      case '{':
      case '}':
      case ',':
        this.#at++
        return this.#push({ kind: 'brace', text: letter })
      default:
        return false
    }
  }

  #push(piece: Piece): boolean {
    this.pieces.push(piece)
    return true
  }

  #plain(text: string): boolean {
    const last = this.pieces.at(-1)
    if (last?.kind === 'plain') this.pieces.pop()
    return this.#push({ kind: 'plain', text: last?.kind === 'plain' ? last.text + text : text })
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const text = pattern.exec(this.#source)?.[0]
    if (text !== undefined) this.#at += text.length
    return text
  }

  /** `~` and `~/…`. Of `~user` and `~+` only the host knows. */
  #tilde(): boolean {
    this.#at = 1
    return (this.#source.length === 1 || this.#source[1] === '/') && this.#push({ kind: 'home' })
  }

  #home(): boolean {
    if (this.pieces.length > 0 || this.#match(HOME) === undefined) return false
    const next = this.#source[this.#at]
    return (next === undefined || next === '/' || next === '"') && this.#push({ kind: 'home' })
  }

  #escape(): boolean {
    const escaped = this.#source[this.#at + 1]
    if (escaped === undefined) return false
    this.#at += 2
    return escaped === '\n' || this.#plain(escaped)
  }

  #single(): boolean {
    const end = this.#source.indexOf("'", this.#at + 1)
    if (end < 0) return false
    const text = this.#source.slice(this.#at + 1, end)
    this.#at = end + 1
    return this.#plain(text)
  }

  #double(): boolean {
    this.#at++
    let text = ''
    while (this.#at < this.#source.length) {
      const letter = this.#source.charAt(this.#at)
      if (letter === '"') {
        this.#at++
        return this.#plain(text)
      }
      if (letter === '`') return false
      if (letter === '$' && !this.#isLonely()) {
        if (text !== '' || !this.#home()) return false
        continue
      }
      if (letter === '\\') {
        const escaped = this.#source.charAt(this.#at + 1)
        text += escaped === '\n' ? '' : '$`"\\'.includes(escaped) ? escaped : `\\${escaped}`
        this.#at += 2
      } else {
        text += letter
        this.#at++
      }
    }
    return false
  }

  /** Within double quotes, which may end behind it. */
  #isLonely(): boolean {
    LONELY_DOLLAR.lastIndex = this.#at
    return this.#source[this.#at + 1] === '"' || LONELY_DOLLAR.test(this.#source)
  }

  #ansiC(): boolean {
    this.#at += 2
    let text = ''
    while (this.#at < this.#source.length) {
      const letter = this.#source.charAt(this.#at++)
      if (letter === "'") return this.#plain(text)
      const escaped = letter === '\\' ? ANSI_C[this.#source.charAt(this.#at++)] : letter
      if (escaped === undefined) return false
      text += escaped
    }
    return false
  }

  #bracket(): boolean {
    const bracket = this.#match(BRACKET)
    if (bracket !== undefined) return this.#push({ kind: 'glob', text: bracket.replace(/^\[\^/, '[!') })
    // Without an end it is plain, as the name of the program `[` is.
    this.#lastClosing ??= this.#source.lastIndexOf(']')
    if (this.#lastClosing > this.#at) return false
    this.#at++
    return this.#plain('[')
  }
}
