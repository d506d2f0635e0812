import type { ComponentChildren } from 'preact'
import type { Row, Run } from './screen-model.ts'

/** The rows of a screen: text in spans, nothing else. `marked`: what was searched for, lower case. */
export function Screen({
  rows,
  size,
  marked,
}: {
  rows: readonly Row[]
  size: { readonly columns: number; readonly rows: number }
  marked: string
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section class="screen" tabIndex={0} aria-label={`The screen, ${size.columns} by ${size.rows}`}>
      {rows.map((row, number) => (
        <div key={number} class="line">
          {row.length === 0 ? ' ' : <Runs row={row} marked={marked} />}
        </div>
      ))}
    </section>
  )
}

function Runs({ row, marked }: { row: Row; marked: string }) {
  const found = marked === '' ? [] : placesOf(row.map(({ text }) => text).join(''), marked)
  let at = 0
  return (
    <>
      {row.map((run, number) => {
        const from = at
        at += run.text.length
        return (
          <span key={number} class={run.classes} style={styleOf(run)}>
            {found.length === 0 ? run.text || ' ' : withMarks(run.text, from, found, marked.length)}
          </span>
        )
      })}
    </>
  )
}

/** Set by script, one property at a time: the page's policy has no place for styles in HTML. */
function styleOf({ colours: { fg, bg } }: Run): Record<string, string> | undefined {
  if (fg === undefined && bg === undefined) return undefined
  return { ...(fg && { color: fg }), ...(bg && { backgroundColor: bg }) }
}

function placesOf(text: string, words: string): readonly number[] {
  const folded = text.toLowerCase()
  const places: number[] = []
  for (let at = folded.indexOf(words); at >= 0; at = folded.indexOf(words, at + words.length)) places.push(at)
  return places
}

/** A finding may go on in the next run: each marks its part. */
function withMarks(text: string, from: number, places: readonly number[], length: number): ComponentChildren {
  const parts: ComponentChildren[] = []
  let at = 0
  for (const place of places) {
    const [begin, end] = [Math.max(0, place - from), Math.min(text.length, place + length - from)]
    if (end <= at || begin >= text.length || end <= begin) continue
    parts.push(text.slice(at, begin), <mark>{text.slice(begin, end)}</mark>)
    at = end
  }
  return [...parts, text.slice(at)]
}
