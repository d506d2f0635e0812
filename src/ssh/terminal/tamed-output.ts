import type { TerminalSize } from '../../domain/terminal.ts'

/** The longest control sequence that is looked at; what goes on longer is left out. */
const LONGEST_SEQUENCE = 128

/** What is no text: C0 but BS, TAB, LF, VT, FF, CR, SO, SI; DEL; C1. */
const SPECIAL = /[\0-\x07\x10-\x1f\x7f-\x9f]/g

/** Ends a string (OSC, DCS, …): BEL, CAN, SUB, ESC, ST as C1. */
const STRING_END = /[\x07\x18\x1a\x1b\x9c]/g

/**
 * What a host prints, before an emulator sees it. A hostile one is left nothing but text and movements of the cursor within the screen:
 * strings (OSC 8 and 52, titles, DCS) are taken out, questions that a terminal would answer too, and C1 codes, which are control
 * sequences in one character. Numbers are made no greater than the screen, because the emulator counts up to them.
 */
export class TamedOutput {
  readonly #size: () => TerminalSize
  #state: 'ground' | 'escape' | 'csi' | 'string' = 'ground'
  #held = ''

  constructor(size: () => TerminalSize) {
    this.#size = size
  }

  /** The harmless part of the next piece. A sequence that is not whole yet is held back. */
  push(text: string): string {
    let clean = ''
    let at = 0
    while (at < text.length) {
      if (this.#state === 'ground' || this.#state === 'string') {
        const stop = this.#state === 'ground' ? SPECIAL : STRING_END
        stop.lastIndex = at
        const index = stop.exec(text)?.index ?? text.length
        if (this.#state === 'ground') clean += text.slice(at, index)
        at = index
        if (at < text.length) this.#enter(text.charCodeAt(at))
      } else clean += this.#sequence(text[at] ?? '')
      at += 1
    }
    return clean
  }

  /** A character that is no text outside of a sequence, or that ends a string. */
  #enter(code: number): void {
    this.#held = ''
    this.#state = code === 0x1b ? 'escape' : 'ground'
  }

  #sequence(character: string): string {
    const code = character.charCodeAt(0)
    if (code < 0x20 || code >= 0x7f) {
      // A control character inside of a sequence acts at once (ECMA-48 §5.4); those that end one, and what is no ASCII, do.
      const actsAtOnce = code >= 0x08 && code <= 0x0d
      if (actsAtOnce) return character
      this.#enter(code)
      return code > 0x9f ? character : ''
    }
    this.#held += character
    return this.#state === 'escape' ? this.#escape(code) : this.#csi(code)
  }

  #escape(code: number): string {
    const [first = ''] = this.#held
    if (this.#held === '[') this.#state = 'csi'
    else if (']PX^_'.includes(first)) this.#state = 'string'
    else if (code >= 0x30 || this.#held.length > 3) {
      this.#state = 'ground'
      return code >= 0x30 && this.#held.length <= 3 ? tameEscape(this.#held) : ''
    }
    return ''
  }

  #csi(code: number): string {
    if (code < 0x40) {
      // Counted, not kept: it ends where its final byte is.
      if (this.#held.length > LONGEST_SEQUENCE) this.#held = this.#held.slice(0, LONGEST_SEQUENCE)
      return ''
    }
    this.#state = 'ground'
    const isWhole = this.#held.length <= LONGEST_SEQUENCE
    return isWhole ? tameSequence(this.#held.slice(1), this.#size()) : ''
  }
}

/** `ESC c` empties all that is remembered in an emulator; programs get a screen as good as new, and what was printed stays readable. */
const AS_GOOD_AS_NEW = '\x1b[?1049l\x1b[!p\x1b[?1l\x1b[?7h\x1b[4l\x1b[r\x1b(B\x0f\x1b[H\x1b[2J'

function tameEscape(sequence: string): string {
  if (sequence === 'c') return AS_GOOD_AS_NEW
  // DECID asks who the terminal is.
  return sequence === 'Z' ? '' : `\x1b${sequence}`
}

/** Cursor movement, erasing, inserting, deleting, scrolling, tabulators, regions. */
const BOUNDED = new Set('@ABCDEFGHIJKLMPSTXZ`abdefgrsu')

function tameSequence(sequence: string, { columns, rows }: TerminalSize): string {
  const [, parameters = '', final = ''] = /^([\d;]*)([^\d;].*)$/.exec(sequence) ?? []
  // DECSTR, a soft reset.
  if (sequence === '!p') return '\x1b[!p'
  if (final === 'h' || final === 'l') return /^4?$/.test(parameters) ? `\x1b[${sequence}` : ''
  const mode = /^\?([\d;]+)([hl])$/.exec(sequence)
  if (mode) return modes(mode[1] ?? '', mode[2] ?? '')
  if (!BOUNDED.has(final)) return ''
  // What has scrolled by stays, for it may not have been read.
  if (final === 'J' && Number(parameters) === 3) return ''
  const most = Math.max(columns, rows)
  const bounded = parameters.split(';').map((number) => String(number && Math.min(Number(number), most)))
  return `\x1b[${bounded.slice(0, 4).join(';')}${final}`
}

/** Private modes that change the screen or what keys send: cursor keys, origin, wrapping, the alternate screen, bracketed paste. */
const MODES = new Set(['1', '6', '7', '25', '47', '66', '1047', '1048', '1049', '2004'])

function modes(numbers: string, final: string): string {
  const known = numbers.split(';').filter((number) => MODES.has(number))
  return known.map((number) => `\x1b[?${number}${final}`).join('')
}
