import type { Config } from '../config/config.ts'
import { loadRulesText } from '../config/load-rules.ts'
import { problemLine } from '../config/problem.ts'
import { hostsOf } from '../domain/call.ts'
import type { Hosts } from '../domain/host.ts'
import type { PastDecision, UnreadableRecord } from '../domain/past-decision.ts'
import { decide, explain } from '../policy/decide.ts'
import { grammarsOf } from '../policy/grammar.ts'
import { BUILT_IN } from '../policy/grammars/list.ts'
import type { RuleSet } from '../policy/rule-set.ts'
import { rulesText } from '../policy/suggest/rules-text.ts'
import { SeenNeeds, type Unnamed } from '../policy/suggest/seen-needs.ts'
import { suggestRules } from '../policy/suggest/suggest-rules.ts'
import { Trial, type TrialReport } from '../policy/suggest/trial.ts'
import { type PastSource, type Period, readPastDecisions } from '../store/audit-reader.ts'
import { Fleet } from './fleet.ts'

export interface SuggestSettings {
  readonly config: Config
  readonly configFile: string | undefined
  readonly audit: PastSource
  readonly period: Period
  readonly minCount: number
}

export interface Suggested {
  /** Sections of a configuration. */
  readonly text: string
  readonly roles: number
  readonly rules: number
  /** What of the past these rules allow, and what else of what nobody wants. */
  readonly trial: TrialReport
  readonly unnamed: readonly Unnamed[]
  /** The first few. */
  readonly unreadable: readonly UnreadableRecord[]
  readonly unreadableCount: number
}

const MOST_UNREADABLE = 20

/**
 * Writes rules from what was allowed, or would have been by a rule that only observes, and puts the same past to them: as they are
 * written, read by the loader of the configuration.
 */
export async function suggestFromPast(settings: SuggestSettings): Promise<Suggested> {
  const { config, configFile, minCount } = settings
  const hosts = new Fleet(config.hosts)
  const grammars = config.rules?.grammars ?? grammarsOf(BUILT_IN, config.programs)
  const nothing: RuleSet = { version: '', roles: [], rules: [], people: [], grammars }
  const needs = new SeenNeeds()
  const unreadable: UnreadableRecord[] = []
  let unreadableCount = 0
  for await (const piece of seenIn(settings, hosts)) {
    unreadableCount += piece.unreadable.length
    unreadable.push(...piece.unreadable.slice(0, MOST_UNREADABLE - unreadable.length))
    for (const past of piece.seen) {
      const { rulings } = explain(past.call, { hosts, rules: nothing, now: past.at })
      needs.add(
        past,
        rulings.map(({ demand }) => demand),
      )
    }
  }
  const suggested = suggestRules(needs.needs(minCount), {
    hosts: hosts.list(),
    people: needs.people(),
    hasSubcommands: (program) => grammars.get(program)?.subcommands !== undefined,
  })
  const draft = rulesText(suggested, [])
  const loaded = await loadRulesText('suggested rules', draft, configFile, process.env)
  if (!loaded.ok)
    throw new Error(
      `the suggested rules are not valid:\n${loaded.problems.map(problemLine).join('\n')}\n${draft}`,
    )
  const { rules } = loaded.config
  const trial = new Trial((call, now) => decide(call, { hosts, now, ...(rules && { rules }) }))
  for await (const piece of seenIn(settings, hosts)) for (const past of piece.seen) trial.add(past)
  const report = trial.report()
  const text = rulesText(suggested, remarksOn(report, settings))
  const [roles, count] = [suggested.roles.length, suggested.rules.length]
  return { text, roles, rules: count, trial: report, unnamed: needs.unnamed(), unreadable, unreadableCount }
}

/** Decisions that let something happen on a host that there still is. */
async function* seenIn({ audit, period }: SuggestSettings, hosts: Hosts) {
  for await (const { decisions, unreadable } of readPastDecisions(audit, period)) {
    yield { seen: decisions.filter((past) => wasSeen(past, hosts)), unreadable }
  }
}

function wasSeen({ verdict, observed, call }: PastDecision, hosts: Hosts): boolean {
  const names = hostsOf(call.action)
  const isThere = names.length > 0 && names.every((name) => hosts.find(name) !== undefined)
  if (!isThere || call.action.kind === 'check_command') return false
  // guard: only-what-was-allowed
  return verdict === 'allow' || observed?.verdict === 'allow'
}

function remarksOn(
  { calls, allowed, newestAt, oldestAt }: TrialReport,
  { minCount }: SuggestSettings,
): string[] {
  const [first, last] = [oldestAt, newestAt].map((at) => at?.toISOString().slice(0, 10) ?? '-')
  return [
    `Written by ssh-mcp-bridge policy suggest from ${calls} calls, ${first} to ${last}.`,
    `${allowed} of them are allowed by these rules; everything else is denied. Read them before you use them.`,
    ...(minCount > 1 ? [`What was asked less than ${minCount} times is left out.`] : []),
    '',
  ]
}
