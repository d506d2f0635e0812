import type { Measure, Table } from '../row.ts'
import { bound, escaped, figure } from './format.ts'
import type { Check } from './result.ts'

const WIDTH = 1_000
const LINE = 22
/** Where the names end and the drawing begins; where it ends and the figures begin. */
const [LEFT, RIGHT] = [330, 760]

/** One dot for each target, by how far the figure lies from it, on a logarithmic scale: the target itself is the line in the middle. */
export function overviewOf(checks: readonly Check[]): string {
  const known = checks.flatMap((check) => {
    const distance = distanceOf(check)
    return distance === undefined ? [] : [{ check, distance }]
  })
  const [low, high] = [1 / 8, 4]
  const x = (distance: number) => {
    const inside = Math.min(high, Math.max(low, distance))
    return LEFT + ((Math.log(inside) - Math.log(low)) / (Math.log(high) - Math.log(low))) * (RIGHT - LEFT)
  }
  const height = known.length * LINE + 30
  const grid = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4].map((at) => {
    const kind = at === 1 ? 'rule' : 'grid'
    return `<line class="${kind}" x1="${x(at).toFixed(1)}" x2="${x(at).toFixed(1)}" y1="4" y2="${height - 24}"/><text x="${x(at).toFixed(1)}" y="${height - 8}" text-anchor="middle">${at < 1 ? `1/${1 / at}` : at}</text>`
  })
  const dots = known.map(({ check, distance }, index) => {
    const y = index * LINE + LINE / 2 + 4
    const state = check.isMet ? 'met' : 'missed'
    const label = `${figure(check.value, check.unit)} (${bound(check)})`
    return `<text x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${escaped(clipped(check.what))}</text><circle class="dot ${state}" cx="${x(distance).toFixed(1)}" cy="${y}" r="5"/><text x="${RIGHT + 12}" y="${y + 4}">${escaped(label)}</text>`
  })
  return drawing(height, 'How far each figure is from its target', [...grid, ...dots])
}

/** 1 is the target; less is better, whichever way the figure counts. */
function distanceOf({ value, most, least }: Check): number | undefined {
  if (value === undefined) return undefined
  if (most !== undefined) return value / most
  return least === undefined ? undefined : least / value
}

/** The figures of a table as bars, one group for each measure. */
export function barsOf(table: Table): string {
  return table.measures.map((measure, index) => barsOfMeasure(table, measure, index)).join('\n')
}

function barsOfMeasure({ ways, title }: Table, { name, unit, better }: Measure, index: number): string {
  const shown = ways.flatMap(({ way, kind, values }) => {
    const value = values[index]
    return value === undefined ? [] : [{ way, kind, value }]
  })
  const most = Math.max(...shown.map(({ value }) => value), 1e-9)
  const bars = shown.map(({ way, kind, value }, line) => {
    const y = line * LINE + 24
    const width = Math.max(1, (value / most) * (RIGHT - LEFT))
    return `<text x="${LEFT - 12}" y="${y + 13}" text-anchor="end">${escaped(clipped(way))}</text><rect class="bar ${kind}" x="${LEFT}" y="${y + 2}" width="${width.toFixed(1)}" height="${LINE - 7}" rx="2"/><text x="${(LEFT + width + 8).toFixed(1)}" y="${y + 13}">${escaped(figure(value, unit))}</text>`
  })
  const heading = `<text x="${LEFT}" y="14">${escaped(`${name} (${better} is better)`)}</text>`
  return drawing(shown.length * LINE + 30, `${title}: ${name}`, [heading, ...bars])
}

function drawing(height: number, label: string, parts: readonly string[]): string {
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(label)}">${parts.join('')}</svg>`
}

function clipped(text: string): string {
  return text.length > 52 ? `${text.slice(0, 51)}…` : text
}
