import type { Budget } from '../policy/budget.ts'
import { whereText } from './problem.ts'
import { toRole } from './read-people.ts'
import type { Review } from './review.ts'
import type { BudgetDraft, Draft } from './schema.ts'
import { findSuggestion } from './suggest.ts'

type Budgets = Pick<Draft, 'budgets' | 'roles'>

const LIMITS = [
  'calls_per_minute',
  'concurrent_commands',
  'distinct_hosts_per_hour',
  'destructive_actions_per_day',
  'output_bytes_per_hour',
  'output_bytes_per_day',
] as const satisfies readonly (keyof BudgetDraft)[]

/** Names once, roles that there are, and something that is bounded. */
export function checkBudgets({ budgets, roles }: Budgets, review: Review): void {
  const known = roles.flatMap(({ name }) => name ?? [])
  const first = new Map<string, number>()
  for (const [index, budget] of budgets.entries()) {
    const at = (key: keyof BudgetDraft) => ['budgets', index, key]
    const before = budget.name === undefined ? undefined : first.get(budget.name)
    if (before !== undefined) {
      const place = whereText(review.where(['budgets', before, 'name']))
      const what = `budget name \`${budget.name}\` is already taken at ${place}: give one of the two another name`
      review.problem(at('name'), what)
    } else if (budget.name !== undefined) first.set(budget.name, index)
    for (const role of rolesOf(budget)) {
      if (known.includes(role)) continue
      const near = findSuggestion(role, known)
      const hint =
        near === undefined
          ? 'add it to roles, or write the name of one that is there'
          : `did you mean \`${near}\`?`
      review.problem(at('roles'), `no role is named \`${role}\`: ${hint}`)
    }
    if (!review.isBroken(['budgets', index]) && LIMITS.every((key) => budget[key] === undefined))
      review.problem(['budgets', index], `bounds nothing: write one of ${LIMITS.join(', ')}`)
  }
}

/** The budgets in the words of `policy`. The draft was checked before. */
export function readBudgets({ budgets, roles }: Budgets): readonly Budget[] {
  return budgets.map((budget) => {
    const { name = '', per = 'person' } = budget
    const meant = rolesOf(budget)
    const limits = {
      callsPerMinute: budget.calls_per_minute,
      concurrentCommands: budget.concurrent_commands,
      distinctHostsPerHour: budget.distinct_hosts_per_hour,
      destructiveActionsPerDay: budget.destructive_actions_per_day,
      outputBytesPerHour: budget.output_bytes_per_hour,
      outputBytesPerDay: budget.output_bytes_per_day,
    }
    return {
      name,
      per,
      ...(budget.roles !== undefined && {
        roles: roles.filter(({ name: role }) => role !== undefined && meant.includes(role)).map(toRole),
      }),
      ...(Object.fromEntries(
        Object.entries(limits).filter(([, limit]) => limit !== undefined),
      ) as Partial<Budget>),
    }
  })
}

/** Names of roles that a budget is for. */
export function rolesOf({ roles }: BudgetDraft): readonly string[] {
  return [roles ?? []].flat()
}
