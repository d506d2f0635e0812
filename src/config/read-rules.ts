import { createHash } from 'node:crypto'
import type { ApprovalTerms } from '../domain/decision.ts'
import { type CommandPattern, parseCommandPattern } from '../policy/command-pattern.ts'
import { grammarsOf } from '../policy/grammar.ts'
import { BUILT_IN } from '../policy/grammars/list.ts'
import { parseSelector, type Selector } from '../policy/hosts/selector.ts'
import type { Rule, RuleSet } from '../policy/rule-set.ts'
import { networksOf } from '../policy/rules/networks.ts'
import { type PathPattern, parsePathPattern } from '../policy/rules/path-pattern.ts'
import { DAYS, parseDays, parseTimeOfDay, type WeeklyWindow } from '../policy/rules/weekly-window.ts'
import { toPerson, toRole } from './read-people.ts'
import type { ApprovalsDraft, Draft, RuleDraft } from './schema.ts'
import { isRecord } from './secret-paths.ts'

/** The parts of the configuration that decide. */
export type RulesDraft = Pick<Draft, 'roles' | 'people' | 'approvals' | 'programs' | 'budgets'> & {
  readonly rules: readonly RuleDraft[]
}

/** The rules in the words of `policy`. The draft was checked before: what would be a mistake is not there. */
export function readRules(draft: RulesDraft, placeOf: (rule: number) => string): RuleSet {
  const { roles, rules, people, approvals, programs } = draft
  // Of approvals only what is decided by: not how people are told, and no secret.
  const { approvers, count, expires } = approvals
  return {
    version: versionOf({ roles, rules, people, approvals: { approvers, count, expires }, programs }),
    roles: roles.map(toRole),
    rules: rules.map((rule, index) => ({ ...toRule(rule, approvals), place: placeOf(index) })),
    people: people.map(toPerson),
    grammars: grammarsOf(BUILT_IN, programs),
  }
}

function versionOf(deciding: Readonly<Record<string, unknown>>): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(deciding)))
    .digest('hex')
    .slice(0, 16)
}

/** The same text for the same content, in whatever order its keys were written. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}

function toRule(rule: RuleDraft, approvals: ApprovalsDraft): Omit<Rule, 'place'> {
  const { name = '', roles, hosts, actions, commands, paths, when, from, reason } = rule
  const terms = toTerms(rule, approvals)
  const isObserving = rule.effect === 'observe'
  return {
    name,
    ...(roles !== undefined && { roles: [roles].flat() }),
    ...(hosts !== undefined && { hosts: [hosts].flat().map((text) => parseSelector(text) as Selector) }),
    ...(actions !== undefined && { actions: new Set([actions].flat()) }),
    ...(commands !== undefined && {
      commands: [commands].flat().map((text) => parseCommandPattern(text) as CommandPattern),
    }),
    ...(paths !== undefined && {
      paths: [paths].flat().map((text) => parsePathPattern(text) as PathPattern),
    }),
    ...(when !== undefined && { when: when.map(toWindow) }),
    ...(from !== undefined && { from: networksOf([from].flat()) }),
    effect: rule.effect === 'observe' || rule.effect === undefined ? (rule.would ?? 'allow') : rule.effect,
    onlyObserves: isObserving,
    ...(terms && { terms }),
    ...(rule.when_tainted !== undefined && { whenTainted: rule.when_tainted }),
    ...(rule.step_up !== undefined && { stepUp: rule.step_up }),
    allowsSensitive: rule.sensitive === true,
    allowsSecrets: rule.secrets === true,
    ...(reason !== undefined && { reason }),
  }
}

function toTerms(rule: RuleDraft, approvals: ApprovalsDraft): ApprovalTerms | undefined {
  const approvers = [rule.approvers ?? approvals.approvers].flat()
  const selfApprove = rule.self_approve === true
  if (approvers.length === 0 && !selfApprove) return undefined
  return {
    approvers,
    count: rule.count ?? approvals.count,
    expiresAfterMs: (rule.expires ?? approvals.expires) * 1_000,
    selfApprove,
  }
}

function toWindow({
  days,
  from,
  to,
  time_zone: timeZone,
}: NonNullable<RuleDraft['when']>[number]): WeeklyWindow {
  const named =
    days === undefined ? DAYS.map((_, day) => day) : [days].flat().flatMap((text) => parseDays(text) ?? [])
  return {
    days: new Set(named),
    fromMinute: parseTimeOfDay(from) ?? 0,
    toMinute: parseTimeOfDay(to) ?? 0,
    timeZone,
  }
}
