import { printable } from '../lib/printable.ts'
import { GROUPS, type Of } from './check.ts'
import { CHECKS } from './check-list.ts'
import type { Finding, Level } from './finding.ts'

const SIGNS: Readonly<Record<Level, string>> = { ok: '✔', note: '·', warning: '!', failure: '✘' }
const COLOURS: Readonly<Record<Level, number>> = { ok: 32, note: 36, warning: 33, failure: 31 }

/**
 * The report for people: by group and subject, what is wrong with its fix and page. What could not be looked at is one line for each
 * cause. Without a terminal there are no colours.
 */
export function reportText(findings: readonly Finding[], hasColours: boolean): string {
  const paint = (level: Level, text: string) =>
    hasColours ? `\u001b[${COLOURS[level]}m${text}\u001b[0m` : text
  const lines: string[] = []
  for (const [of, title] of Object.entries(GROUPS) as [Of, string][]) {
    const group = findings.filter(({ check }) => ofCheck(check) === of)
    if (group.length === 0) continue
    lines.push(title)
    for (const subject of new Set(group.map((one) => one.subject))) {
      const own = group.filter((one) => one.subject === subject)
      lines.push(`  ${printable(subject)}`)
      for (const one of own.filter(({ skipped }) => skipped !== true)) lines.push(...linesOf(one, paint))
      for (const [what, count] of skippedOf(own))
        lines.push(`    – ${count === 1 ? '1 check was' : `${count} checks were`} not made: ${what}`)
    }
    lines.push('')
  }
  lines.push(summary(findings))
  return lines.join('\n')
}

function linesOf(
  { level, check, what, why, fix, page }: Finding,
  paint: (level: Level, text: string) => string,
): string[] {
  const head = `    ${paint(level, SIGNS[level])} ${check}: ${printable(what)}`
  if (level === 'ok') return [head]
  return [
    head,
    ...(why === undefined ? [] : [`        seen: ${printable(why)}`]),
    ...(fix === undefined ? [] : [`        fix:  ${printable(fix)}`]),
    ...(level === 'note' ? [] : [`        more: ${page}`]),
  ]
}

function skippedOf(findings: readonly Finding[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { what, skipped } of findings)
    if (skipped) {
      const cause = /because (\S+) failed/.exec(what)?.[1] ?? ''
      counts.set(`${cause} has to be mended first`, (counts.get(`${cause} has to be mended first`) ?? 0) + 1)
    }
  return counts
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Level) => findings.filter((one) => one.level === level).length
  const [failures, warnings] = [count('failure'), count('warning')]
  if (failures + warnings === 0) return `Nothing is wrong (${count('ok')} checks).`
  const words = [
    ...(failures > 0 ? [`${failures} will fail`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
  ]
  return `${words.join(', ')}, ${count('ok')} fine.`
}

function ofCheck(id: string): Of | undefined {
  return CHECKS.find((check) => check.id === id)?.of
}
