import { StringDecoder } from 'node:string_decoder'
import type { IBuffer, Terminal } from '@xterm/headless'
import type { TerminalSize } from '../../domain/terminal.ts'
import { characterProperties, characterWidth } from './character-width.ts'
import { TamedOutput } from './tamed-output.ts'

/** Lines that are kept once they have scrolled off the screen. */
export const SCROLLBACK_LINES = 2_000

/** A row of the screen, or one that scrolled off it. */
export interface Row {
  /** Trailing spaces are cut, but where the text goes on in the next row. */
  readonly text: string
  /** It was broken by the right margin: the next row is the rest of it. */
  readonly isBroken: boolean
  /** Its last column is written. */
  readonly isFull: boolean
}

/** What is used of xterm beyond its public interface. Its version is pinned, and a test holds this. */
interface Internals {
  readonly _core: {
    /** Throws what goes wrong; the public `write` throws it into the event loop, which would end the process. */
    writeSync(text: string): void
    readonly buffers: { readonly normal: { readonly lines: TrimmedList } }
  }
}

/** Calls the listener with how many lines were dropped at the beginning. */
interface TrimmedList {
  readonly length: number
  onTrim(listener: (count: number) => void): unknown
}

/** No character that a display acts on, or that nobody sees: controls, directions (UAX #9), tags, line separators. */
const UNSEEN = /\p{Cc}|\p{Bidi_Control}|[\u2028\u2029\ufeff]|[\u{e0000}-\u{e007f}]/gu

/**
 * The screen that a host's output draws, and what scrolled off it lately. Rows are numbered from the first that was ever there, so that
 * a number keeps its meaning while older ones are dropped. What the output asks of a terminal is never answered: an answer would be typed
 * into whatever reads there then, and it could be made to say things.
 */
export class Emulator {
  readonly #terminal: Terminal
  readonly #core: Internals['_core']
  readonly #decoder = new StringDecoder('utf8')
  readonly #tamed: TamedOutput
  #lines: TrimmedList | undefined
  #lineCount = 0
  #trimmed = 0

  private constructor(terminal: Terminal) {
    this.#terminal = terminal
    this.#core = (terminal as unknown as Internals)._core
    this.#tamed = new TamedOutput(() => this.size)
    this.#followLines()
  }

  /** xterm is read from the disk with the first terminal. */
  static async create({ columns, rows }: TerminalSize): Promise<Emulator> {
    const { default: xterm } = await import('@xterm/headless')
    const terminal = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback: SCROLLBACK_LINES,
      allowProposedApi: true,
      logLevel: 'off',
    })
    const version = 'as-hosts-count'
    terminal.unicode.register({ version, wcwidth: characterWidth, charProperties: characterProperties })
    terminal.unicode.activeVersion = version
    return new Emulator(terminal)
  }

  /** @throws whatever the emulator fails with; it cannot be used any more then. */
  write(bytes: Buffer): void {
    const clean = this.#tamed.push(this.#decoder.write(bytes))
    if (clean !== '') this.#core.writeSync(clean)
    this.#followLines()
  }

  resize({ columns, rows }: TerminalSize): void {
    this.#terminal.resize(columns, rows)
    this.#followLines()
  }

  close(): void {
    this.#terminal.dispose()
  }

  get size(): TerminalSize {
    return { columns: this.#terminal.cols, rows: this.#terminal.rows }
  }

  get isFullScreen(): boolean {
    return this.#buffer.type === 'alternate'
  }

  get applicationCursor(): boolean {
    return this.#terminal.modes.applicationCursorKeysMode
  }

  get cursor(): { readonly column: number; readonly row: number } {
    const { cursorX, cursorY } = this.#buffer
    return { column: Math.min(cursorX, this.#terminal.cols - 1), row: cursorY }
  }

  /** The oldest row that is there still. */
  get firstRow(): number {
    return this.isFullScreen ? 0 : this.#trimmed
  }

  /** The row at the top of the screen. */
  get topRow(): number {
    return this.isFullScreen ? 0 : this.#trimmed + this.#buffer.baseY
  }

  /** The row after the last that is written or holds the cursor. */
  get endRow(): number {
    const { row: cursorRow } = this.cursor
    for (let row = this.size.rows - 1; row > cursorRow; row -= 1)
      if (this.row(this.topRow + row).text !== '') return this.topRow + row + 1
    return this.topRow + cursorRow + 1
  }

  row(number: number): Row {
    const buffer = this.#buffer
    const index = number - this.firstRow
    const line = buffer.getLine(index)
    const isBroken = buffer.getLine(index + 1)?.isWrapped === true
    const isFull = (line?.getCell(this.#terminal.cols - 1)?.getChars() ?? '') !== ''
    const text = clean(line?.translateToString(!isBroken) ?? '')
    return { text: isBroken ? text : text.replace(/ +$/, ''), isBroken, isFull }
  }

  /** The row of the cursor as far as the cursor, spaces and all: a question ends with one. */
  get cursorLine(): string {
    const { cursorX, cursorY, baseY } = this.#buffer
    return clean(this.#buffer.getLine(baseY + cursorY)?.translateToString(false, 0, cursorX) ?? '')
  }

  get #buffer(): IBuffer {
    return this.#terminal.buffer.active
  }

  /** A list is replaced when the emulator is reset: then all that was in the old one is gone. */
  #followLines(): void {
    const { lines } = this.#core.buffers.normal
    if (lines !== this.#lines) {
      this.#trimmed += this.#lineCount
      this.#lines = lines
      lines.onTrim((count) => {
        this.#trimmed += count
      })
    }
    this.#lineCount = lines.length
  }
}

function clean(text: string): string {
  return text.replace(UNSEEN, '')
}
