/** The end of a text that may go on for ever, and how much stood before it. */
export interface BoundedText {
  readonly text: string
  readonly droppedLines: number
}

export const NOTHING_YET: BoundedText = { text: '', droppedLines: 0 }

/** What a page shows well, and what a browser takes well when there are no lines. */
const MOST_LINES = 2_000
const MOST_CHARACTERS = 400_000

/** As long as it may be with `more` at its end. Where a line is cut in two, its beginning counts as a line. */
export function withMore({ text, droppedLines }: BoundedText, more: string): BoundedText {
  const whole = text + more
  const from = Math.max(startOfLast(whole, MOST_LINES), startWithin(whole, MOST_CHARACTERS))
  if (from === 0) return { text: whole, droppedLines }
  const cut = whole.slice(0, from)
  return { text: whole.slice(from), droppedLines: droppedLines + linesIn(cut) }
}

/** Where the last so many lines begin. */
function startOfLast(text: string, lines: number): number {
  let at = text.endsWith('\n') ? text.length - 1 : text.length
  for (let left = lines; left > 0; left -= 1) {
    at = text.lastIndexOf('\n', at - 1)
    if (at <= 0) return 0
  }
  return at + 1
}

/** The first beginning of a line within the last so many characters; in the middle of one where there is none. */
function startWithin(text: string, characters: number): number {
  if (text.length <= characters) return 0
  const from = text.length - characters
  const line = text.indexOf('\n', from - 1) + 1
  return line > 0 && line < text.length ? line : from
}

function linesIn(text: string): number {
  const ends = text.split('\n').length - 1
  return text.endsWith('\n') ? ends : ends + 1
}
