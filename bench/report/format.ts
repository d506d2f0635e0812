import type { Target, Unit } from '../row.ts'

/** A figure with as many digits as mean something. */
export function figure(value: number | undefined, unit: Unit): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  const size = Math.abs(value)
  const digits = unit === '×' || unit === 'round trips' ? 2 : size >= 100 ? 0 : size >= 10 ? 1 : 2
  const text =
    unit === '' || unit === 'tokens' ? Math.round(value).toLocaleString('en') : value.toFixed(digits)
  return unit === '' ? text : unit === '/s' ? `${text}/s` : `${text} ${unit}`
}

/** How a target is written: `≤ 1.4 ×`. */
export function bound({ most, least, unit }: Target): string {
  const [sign, value] = most === undefined ? ['≥', least] : ['≤', most]
  const text = (value ?? 0).toLocaleString('en')
  return `${sign} ${text}${unit === '' ? '' : unit === '/s' ? '/s' : ` ${unit}`}`
}

export function mark(isMet: boolean | undefined): string {
  return isMet === undefined ? '?' : isMet ? '✔' : '✘'
}

/** As text in HTML and SVG. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
