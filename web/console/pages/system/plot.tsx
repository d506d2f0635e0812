import { useState } from 'preact/hooks'

export interface Series {
  readonly name: string
  readonly values: readonly (number | null)[]
}

interface PlotProps {
  readonly title: string
  /** Behind each number, such as `ms`. */
  readonly unit: string
  /** When each value was taken, oldest first. */
  readonly at: readonly number[]
  readonly everyS: number
  readonly series: readonly Series[]
}

const WIDTH = 360
const HEIGHT = 90
/** So much is drawn at least, and of an older bridge an hour. */
const LEAST_MS = 600_000

/** The last hour as lines; for those who do not see them as a sentence and as a table. */
export function Plot({ title, unit, at, everyS, series }: PlotProps) {
  const [isOpen, setOpen] = useState(false)
  const now = at.at(-1) ?? 0
  const spanMs = Math.max(LEAST_MS, now - (at[0] ?? now))
  const known = series.flatMap(({ values }) => values).filter((value) => value !== null)
  const most = niceTop(Math.max(0, ...known))
  return (
    <figure class="plot">
      <figcaption>
        <strong>{title}</strong>
        <ul class="legend">
          {series.map(({ name, values }, index) => (
            <li key={name}>
              <svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
                <path class={`line line-${index}`} d="M0 4H24" />
              </svg>{' '}
              {name} {shown(lastOf(values), unit)}
            </li>
          ))}
        </ul>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={summary(title, unit, series)}
      >
        <path class="grid" d={`M0 ${HEIGHT - 0.5}H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 0.5H${WIDTH}`} />
        {series.map(({ name, values }, index) => (
          <path
            key={name}
            class={`line line-${index}`}
            d={pathOf(values, at, { now, most, everyS, spanMs })}
          />
        ))}
      </svg>
      <p class="axis">
        <span>{Math.round(spanMs / 60_000)} min ago</span>
        <span>top: {shown(most, unit)}</span>
        <span>now</span>
      </p>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>As a table</summary>
        {isOpen && <Minutes title={title} unit={unit} at={at} series={series} />}
      </details>
    </figure>
  )
}

/** By the minute: six times as many rows nobody reads. */
function Minutes({ title, unit, at, series }: Pick<PlotProps, 'title' | 'unit' | 'at' | 'series'>) {
  const minutes = new Map<number, number[]>()
  for (const [index, time] of at.entries()) {
    const minute = Math.floor(time / 60_000)
    minutes.set(minute, [...(minutes.get(minute) ?? []), index])
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <section class="scroll minutes" tabIndex={0} aria-label={`${title}, by the minute`}>
      <table>
        <thead>
          <tr>
            <th scope="col">Minute</th>
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...minutes].reverse().map(([minute, places]) => (
            <tr key={minute}>
              <td>{clockTime.format(minute * 60_000)}</td>
              {series.map(({ name, values }) => (
                <td key={name}>{shown(mean(places.map((index) => values[index] ?? null)), unit)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

const clockTime = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })

interface Scale {
  readonly now: number
  readonly most: number
  readonly everyS: number
  readonly spanMs: number
}

/** A line is broken where nothing is known. */
function pathOf(
  values: Series['values'],
  at: readonly number[],
  { now, most, everyS, spanMs }: Scale,
): string {
  let path = ''
  let last: number | undefined
  for (const [index, value] of values.entries()) {
    const time = at[index] ?? 0
    if (value === null) {
      last = undefined
      continue
    }
    const x = WIDTH - ((now - time) / spanMs) * WIDTH
    const y = HEIGHT - 2 - (value / most) * (HEIGHT - 4)
    const isNext = last !== undefined && time - last < everyS * 2_500
    // A value between two unknown ones is a short line, so that it is seen.
    path += isNext ? `L${x.toFixed(1)} ${y.toFixed(1)}` : `M${(x - 2).toFixed(1)} ${y.toFixed(1)}h2`
    last = time
  }
  return path
}

/** 1, 2 or 5 times a power of ten. */
function niceTop(most: number): number {
  if (most <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  return ([1, 2, 5, 10].find((one) => one * power >= most) ?? 10) * power
}

function summary(title: string, unit: string, series: readonly Series[]): string {
  const told = series.map(({ name, values }) => {
    const known = values.filter((value) => value !== null)
    if (known.length === 0) return `${name}: nothing in the last hour`
    return `${name}: ${shown(lastOf(values), unit)} now, at most ${shown(Math.max(...known), unit)}`
  })
  return `${title} over the last hour. ${told.join('; ')}.`
}

function lastOf(values: Series['values']): number | null {
  return values.findLast((value) => value !== null) ?? null
}

function mean(values: Series['values']): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

function shown(value: number | null, unit: string): string {
  if (value === null) return '–'
  const digits = value === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${Number(value.toFixed(digits))}${unit === '' ? '' : ` ${unit}`}`
}
