import { bound, escaped, figure, mark } from './format.ts'
import { barsOf, overviewOf } from './plots.ts'
import type { Report, RowResult } from './result.ts'
import { cellsOf, headerOf } from './text.ts'

/** The report as one page that needs nothing else: no scripts, no fonts, no pictures from elsewhere. */
export function pageOf(report: Report): string {
  const { machine, rows } = report
  const checks = rows.flatMap((row) => row.checks)
  const met = checks.filter(({ isMet }) => isMet).length
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ssh-mcp-bridge ${escaped(report.version)}: benchmark</title>
<style>${STYLE}</style>
<h1>ssh-mcp-bridge ${escaped(report.version)}, measured</h1>
<p>${escaped(report.takenAt)} · Node.js ${escaped(machine.node)} · ${escaped(machine.openssh)} · ${escaped(machine.processors)},
${machine.memoryMiB} MiB · load ${machine.loadAverage.join(', ')} at the start · ${report.rounds} rounds</p>
<p>All contenders took turns in one run on one machine. Ratios carry over to other machines; milliseconds do not.
<b>${met} of ${checks.length} targets are met.</b></p>
<p class="legend"><i class="ours"></i>this product <i class="yardstick"></i>the least it can cost
<i class="tool"></i>what people use by hand <i class="peer"></i>other MCP servers for SSH</p>
<h2>Targets</h2>
<p>Where each figure lies, its target being 1: to the left is better.</p>
${overviewOf(checks)}
${rows.map(sectionOf).join('\n')}
</html>
`
}

function sectionOf({ title, about, tables, checks, notes, failed, tookMs }: RowResult): string {
  const targets = checks.map(
    (check) =>
      `<li class="${check.isMet ? 'met' : 'missed'}">${mark(check.isMet)} ${escaped(check.what)}: <b>${figure(check.value, check.unit)}</b> (${bound(check)})</li>`,
  )
  const parts = tables.map((table) => {
    const head = headerOf(table).map((cell) => `<th>${escaped(cell)}</th>`)
    const body = table.ways.map((way) => {
      const cells = cellsOf(table, way).map((cell) => `<td>${escaped(cell)}</td>`)
      return `<tr class="${way.kind}">${cells.join('')}</tr>`
    })
    return `<h3>${escaped(table.title)}</h3>
<div class="wide"><table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table></div>
${barsOf(table)}`
  })
  return `<h2>${escaped(title).replaceAll(/`([^`]+)`/g, '<code>$1</code>')}</h2>
<p>${escaped(about).replaceAll(/`([^`]+)`/g, '<code>$1</code>')} Took ${figure(tookMs / 1_000, 's')}.</p>
<ul>${targets.join('')}</ul>
${failed === undefined ? '' : `<pre>${escaped(failed)}</pre>`}
${parts.join('\n')}
${notes.map((note) => `<p class="note">${escaped(note)}</p>`).join('\n')}`
}

const STYLE = `
:root { color-scheme: light dark; --ours: #2563eb; --yardstick: #64748b; --tool: #0d9488; --peer: #d97706;
  --met: #15803d; --missed: #b91c1c; --line: #8884 }
@media (prefers-color-scheme: dark) { :root { --ours: #60a5fa; --yardstick: #94a3b8; --tool: #2dd4bf; --peer: #fbbf24;
  --met: #4ade80; --missed: #f87171 } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2.5rem; border-top: 1px solid var(--line); padding-top: 1rem }
.wide { overflow-x: auto } table { border-collapse: collapse } td, th { padding: .15rem .8rem; text-align: right }
td:first-child, th:first-child { text-align: left } tr.ours td { font-weight: 600 }
thead th { border-bottom: 1px solid var(--line) } ul { list-style: none; padding: 0 } pre { overflow-x: auto }
.met { color: var(--met) } .missed { color: var(--missed) } .note { border-left: 3px solid var(--line); padding-left: .8rem }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif } svg text { fill: currentColor }
.ours { --kind: var(--ours) } .yardstick { --kind: var(--yardstick) } .tool { --kind: var(--tool) } .peer { --kind: var(--peer) }
.bar { fill: var(--kind) } .legend i { display: inline-block; width: .8em; height: .8em; margin: 0 .4em 0 1em; background: var(--kind) }
.dot.met { fill: var(--met) } .dot.missed { fill: var(--missed) } .rule { stroke: currentColor; stroke-dasharray: 3 3 } .grid { stroke: var(--line) }`
