/**
 * What a recording may do to the terminal that it is played on: show text, colours, and move the cursor. A host may have printed anything:
 * what sets a title or the clipboard, asks the terminal who it is, or changes how keys are sent is taken out.
 */

/** Cursor movement, erasing, inserting, deleting, scrolling, regions; colours. */
const HARMLESS = new Set('@ABCDEFGHJKLMPSTXZ`adefgmrsu')
/** Private modes: origin, wrapping, the cursor, the alternate screen. */
const MODES = new Set(['6', '7', '25', '47', '1047', '1049'])
/** Saving and restoring the cursor, index, next line, reverse index; character sets of text and of lines. */
const ESCAPES = /^(?:[78DEM]|[()][0AB])$/
const LONGEST_SEQUENCE = 64
const MOST_COUNTED = 9_999

/** What is no text: C0 but BS, TAB, LF, CR, SO, SI; DEL; C1. */
const SPECIAL = /[\0-\x07\x0b\x0c\x10-\x1f\x7f-\x9f]/g
const STRING_END = /[\x07\x18\x1a\x1b\x9c]/g

/** What is no text either, though harmless on a terminal. */
const MOVES = /[\b\x0e\x0f]/g
/** Wrapping, a cursor, no colours, usual characters: wherever the cursor stands. */
const USUAL = '\x1b[?7h\x1b[?25h\x1b[0m\x1b(B\x0f'
/** The whole region. That moves the cursor, so it goes on at the bottom. */
const WHOLE_SCREEN = '\x1b[?6l\x1b[r\x1b[9999;1H'

/** Puts a terminal back of which nobody knows what it was shown. */
export const AS_USUAL = `\x1b[?1049l${WHOLE_SCREEN}${USUAL}`

export class SafeOutput {
  readonly #keepsSequences: boolean
  #state: 'ground' | 'escape' | 'csi' | 'string' = 'ground'
  #held = ''
  /** The mode that showed the alternate screen. */
  #alternate: string | undefined
  #hasRegion = false
  #hasOrigin = false

  /** `text`: not even the harmless sequences are kept. */
  constructor(keeps: 'harmless' | 'text') {
    this.#keepsSequences = keeps === 'harmless'
  }

  /** A sequence that is not whole yet is held back. */
  push(text: string): string {
    let safe = ''
    let at = 0
    while (at < text.length) {
      if (this.#state === 'ground' || this.#state === 'string') {
        // guard: play-drops-controls
        const stop = this.#state === 'ground' ? SPECIAL : STRING_END
        stop.lastIndex = at
        const index = stop.exec(text)?.index ?? text.length
        if (this.#state === 'ground') safe += this.#text(text.slice(at, index))
        at = index
        if (at < text.length) this.#enter(text.charCodeAt(at))
      } else {
        const sequence = this.#sequence(text.charCodeAt(at), text[at] ?? '')
        if (this.#keepsSequences) safe += sequence
      }
      at += 1
    }
    return safe
  }

  /** Puts the terminal back as it was before: main screen, whole region, no colours, a cursor. */
  asBefore(): string {
    const main = this.#alternate === undefined ? '' : `\x1b[?${this.#alternate}l`
    const isMoved = this.#hasRegion || this.#hasOrigin || (main !== '' && this.#alternate !== '1049')
    return `${isMoved ? WHOLE_SCREEN : ''}${main}${USUAL}`
  }

  #text(text: string): string {
    return this.#keepsSequences ? text : text.replace(MOVES, '')
  }

  #enter(code: number): void {
    this.#held = ''
    this.#state = code === 0x1b ? 'escape' : 'ground'
  }

  #sequence(code: number, character: string): string {
    if (code < 0x20 || code > 0x7e) {
      this.#enter(code)
      return ''
    }
    if (this.#held.length < LONGEST_SEQUENCE) this.#held += character
    return this.#state === 'escape' ? this.#escape(code) : this.#csi(code)
  }

  #escape(code: number): string {
    const held = this.#held
    if (held === '[') this.#state = 'csi'
    else if (held.length === 1 && ']PX^_'.includes(held)) this.#state = 'string'
    else if (code >= 0x30) {
      this.#state = 'ground'
      // RIS would forget what the operator has on the screen above.
      if (held === 'c') return this.#blank()
      // guard: play-drops-unknown-escapes
      return ESCAPES.test(held) ? `\x1b${held}` : ''
    }
    return ''
  }

  #blank(): string {
    this.#hasRegion = false
    this.#hasOrigin = false
    return '\x1b[0m\x1b[?6l\x1b[r\x1b[H\x1b[2J'
  }

  #csi(code: number): string {
    if (code < 0x40) return ''
    this.#state = 'ground'
    const [, mark = '', numbers = '', final = ''] = /^\[([?]?)([\d;:]*)([@-~])$/.exec(this.#held) ?? []
    if (final === '') return ''
    if (mark === '?') {
      // guard: play-drops-unknown-modes
      const known = final === 'h' || final === 'l' ? numbers.split(';').filter((mode) => MODES.has(mode)) : []
      for (const mode of known) this.#note(mode, final === 'h')
      return known.map((mode) => `\x1b[?${mode}${final}`).join('')
    }
    // guard: play-drops-unknown-sequences
    if (!HARMLESS.has(final)) return ''
    // With 3, in whatever spelling, what the operator can scroll back to would be gone.
    if (final === 'J' && !/^0*[012]?$/.test(numbers)) return ''
    if (final === 'r') this.#hasRegion = numbers !== ''
    const bounded = numbers.replace(/\d+/g, (number) => String(Math.min(Number(number), MOST_COUNTED)))
    return `\x1b[${bounded}${final}`
  }

  #note(mode: string, isSet: boolean): void {
    if (mode === '6') this.#hasOrigin = isSet
    else if (mode !== '7' && mode !== '25') this.#alternate = isSet ? mode : undefined
  }
}
