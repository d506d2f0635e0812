import type { Difference, ReplayReport } from '../../domain/replay.ts'
import { systemClock } from '../../lib/clock.ts'
import { printable, printableJson } from '../../lib/printable.ts'
import { wireReplayed } from '../../pipeline/wire-replay.ts'
import { complain, type ExitCode, say } from '../command.ts'
import { startProgress } from '../progress.ts'
import { auditOf, configFor, countOf, fromAudit, type PastOptions, tellUnreadable } from './past.ts'
import { periodOf } from './period.ts'

export interface ReplayOptions extends PastOptions {
  readonly rules: string
  readonly samples: string
  readonly failOnNewAllow?: boolean
  readonly json?: boolean
}

/** 1 only with `--fail-on-new-allow`, when something became weaker, or could not be compared. */
export async function replay(options: ReplayOptions): Promise<ExitCode> {
  const period = periodOf(options, systemClock)
  const samples = countOf('--samples', options.samples)
  const config = await configFor(options)
  const { hosts, rules } = await configFor(options, options.rules)
  const { replayPast } = await import('../../app/replay-past.ts')
  const audit = auditOf(options, config)
  const progress = startProgress({ label: 'Asking the rules again', unit: 'calls', isQuiet: options.json })
  const told = (calls: number) => progress.at(calls)
  const replaying = fromAudit(options, () => replayPast({ audit, period, hosts, rules, samples, told }))
  const replayed = await replaying.finally(() => progress.end())
  if (options.json) say(printableJson(wireReplayed(replayed.report, replayed.unreadableCount)))
  else for (const line of linesOf(replayed.report)) say(line)
  tellUnreadable(replayed.unreadableCount, replayed.unreadable)
  const { report } = replayed
  // guard: weaker-fails-the-check
  if (!options.failOnNewAllow || report.weaker === 0) return 0
  complain(`${count(report.weaker, 'call')} would be let through, or left to people, that had not been.`)
  return 1
}

function linesOf(report: ReplayReport): string[] {
  const { calls, unchanged, newlyDenied, newlyApprove, newlyAllowed } = report
  return [
    ...report.differences.flatMap(differenceLines),
    `${count(calls, 'call')}, ${unchanged} unchanged, ${newlyDenied} newly denied, ${newlyApprove} newly approve, ${newlyAllowed} newly allowed`,
    ...(report.notDecidedByRules === 0
      ? []
      : [
          `${count(report.notDecidedByRules, 'call')} met a limit or a lock: no rule was asked, nothing is compared`,
        ]),
    ...(report.identityIncomplete === 0
      ? []
      : [
          `identity incomplete: ${count(report.identityIncomplete, 'call')} of before groups, roles and scopes were recorded, not compared`,
        ]),
    ...report.observations.map(
      ({ rule, verdict, was, count: times }) =>
        `observed: ${rule} would have said ${verdict} to ${count(times, 'call')} that got ${was}`,
    ),
  ]
}

function differenceLines(difference: Difference): string[] {
  const { person, hosts, was, wouldBe, count: times, newestAt, rules, pastRules, samples } = difference
  const where = hosts.length === 0 ? '' : ` on ${hosts.join(' and ')}`
  const head = `${printable(person)}${where}: ${was} → ${wouldBe}, ${count(times, 'call')}, latest ${newestAt.toISOString()}`
  const by = `    by ${rules.map(printable).join(' | ')}, was ${pastRules.map(printable).join(' | ')}`
  return [head, by, ...samples.map((sample) => `    ${shortened(printable(sample))}`), '']
}

const LONGEST_SAMPLE = 160

function shortened(text: string): string {
  return text.length > LONGEST_SAMPLE ? `${text.slice(0, LONGEST_SAMPLE)}…` : text
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
