import type { IBufferCell, Terminal as XTerm } from '@xterm/headless'
import { Terminal } from '@xterm/headless/lib-headless/xterm-headless.mjs'
import { type Cast, type CastEvent, sizeOf } from './cast.ts'
import { type Colours, coloursOf } from './colours.ts'

/** Neighbouring cells that look alike. */
export interface Run {
  readonly text: string
  readonly classes: string
  readonly colours: Colours
}

export type Row = readonly Run[]

/** What is used beyond the public interface, as on the bridge: the public way writes later, not now. */
interface Internals {
  readonly _core: { writeSync(text: string): void }
}

/** What a display acts on, or nobody sees: the text beside the screen names it. */
const UNSEEN = /\p{Cc}|\p{Bidi_Control}|[\u2028\u2029\ufeff]|[\u{e0000}-\u{e007f}]/gu

/** The screen of a recording at one of its events. It has no page: what it draws are rows of text. Nobody answers what the output asks it. */
export class ScreenModel {
  readonly #cast: Cast
  #terminal: XTerm
  /** So many events are drawn. */
  #drawn = 0

  constructor(cast: Cast) {
    this.#cast = cast
    this.#terminal = open(cast)
  }

  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#terminal.cols, rows: this.#terminal.rows }
  }

  /**
   * Draws everything before the event `end`, for about so long; going back begins anew. @returns whether it is there, and is to be asked again
   * otherwise. @throws what the emulator fails with.
   */
  goTo(end: number, forMs: number): boolean {
    const { events } = this.#cast
    if (end < this.#drawn) {
      this.#terminal.dispose()
      this.#terminal = open(this.#cast)
      this.#drawn = 0
    }
    const to = Math.min(end, events.length)
    for (const untilMs = performance.now() + forMs; this.#drawn < to; this.#drawn += 1) {
      if (performance.now() > untilMs) return false
      this.#draw(events[this.#drawn] as CastEvent)
    }
    return true
  }

  close(): void {
    this.#terminal.dispose()
  }

  rows(): readonly Row[] {
    const { active } = this.#terminal.buffer
    return Array.from({ length: this.#terminal.rows }, (_, y) => this.#row(active.baseY + y))
  }

  #draw({ code, data }: CastEvent): void {
    if (code === 'o') (this.#terminal as unknown as Internals)._core.writeSync(data)
    else if (code === 'r') {
      const [width, height] = data.split('x')
      const { columns, rows } = sizeOf(width, height)
      this.#terminal.resize(columns, rows)
    }
  }

  #row(number: number): Row {
    const line = this.#terminal.buffer.active.getLine(number)
    const runs: { text: string; classes: string; colours: Colours }[] = []
    let cell: IBufferCell | undefined
    for (let x = 0; x < this.#terminal.cols; x += 1) {
      cell = line?.getCell(x, cell)
      // The second half of a wide character.
      if (cell === undefined || cell.getWidth() === 0) continue
      const text = cell.getChars().replace(UNSEEN, '') || ' '
      const classes = classesOf(cell)
      const colours = coloursOf(cell)
      const last = runs.at(-1)
      if (last?.classes === classes && last.colours.fg === colours.fg && last.colours.bg === colours.bg)
        last.text += text
      else runs.push({ text, classes, colours })
    }
    const last = runs.at(-1)
    if (last !== undefined && last.classes === '' && last.colours.bg === undefined)
      last.text = last.text.trimEnd()
    return runs
  }
}

function open({ columns, rows }: Cast): XTerm {
  return new Terminal({ cols: columns, rows, scrollback: 0, allowProposedApi: true, logLevel: 'off' })
}

function classesOf(cell: IBufferCell): string {
  return [
    cell.isBold() && 'bold',
    cell.isItalic() && 'italic',
    cell.isUnderline() && 'underline',
    cell.isStrikethrough() && 'struck',
    // Letters that the terminal hid: whoever looks for what was hidden sees them.
    cell.isInvisible() && 'hidden-text',
  ]
    .filter(Boolean)
    .join(' ')
}
