import type { Decision } from '../domain/decision.ts'
import type { ReplayReport, ReplayRulesAnswer } from '../domain/replay.ts'

type Verdict = Decision['verdict']

/** What other rules would have said, by person and hosts. */
export type WireReplayed = {
  readonly calls: number
  readonly unchanged: number
  readonly newly_denied: number
  readonly newly_approve: number
  readonly newly_allowed: number
  readonly weaker: number
  readonly not_decided_by_rules: number
  readonly identity_incomplete: number
  readonly unreadable: number
  readonly differences: readonly {
    readonly person: string
    readonly issuer: string
    readonly hosts: readonly string[]
    readonly was: Verdict
    readonly would_be: Verdict
    readonly count: number
    readonly newest_at: string
    readonly rules: readonly string[]
    readonly past_rules: readonly string[]
    readonly samples: readonly string[]
  }[]
  readonly observed: readonly {
    readonly rule: string
    readonly verdict: Verdict
    readonly was: Verdict
    readonly count: number
  }[]
}

/** `problems` alone when the text could not be in force. */
export type WireRulesReplay = {
  readonly problems: readonly string[]
  readonly replayed?: WireReplayed
  readonly next?: number
  readonly reached_at?: string
}

export function wireRulesReplay(answer: ReplayRulesAnswer): WireRulesReplay {
  if (answer.kind === 'rules_refused') return { problems: answer.problems }
  const { report, unreadable, next, reachedAt } = answer
  return {
    problems: [],
    replayed: wireReplayed(report, unreadable),
    ...(next !== undefined && { next }),
    ...(reachedAt !== undefined && { reached_at: reachedAt.toISOString() }),
  }
}

export function wireReplayed(report: ReplayReport, unreadable: number): WireReplayed {
  return {
    calls: report.calls,
    unchanged: report.unchanged,
    newly_denied: report.newlyDenied,
    newly_approve: report.newlyApprove,
    newly_allowed: report.newlyAllowed,
    weaker: report.weaker,
    not_decided_by_rules: report.notDecidedByRules,
    identity_incomplete: report.identityIncomplete,
    unreadable,
    differences: report.differences.map(({ wouldBe, newestAt, pastRules, ...difference }) => ({
      ...difference,
      would_be: wouldBe,
      newest_at: newestAt.toISOString(),
      past_rules: pastRules,
    })),
    observed: report.observations,
  }
}
