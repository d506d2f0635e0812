import type { Decision } from './decision.ts'

type Verdict = Decision['verdict']

/** What a person would meet on a host that was not so: `was` is what the audit says. */
export interface Difference {
  readonly person: string
  /** The issuer, because the same name from two is two people. */
  readonly issuer: string
  /** Of a transfer both; none where an action names none. */
  readonly hosts: readonly string[]
  readonly was: Verdict
  readonly wouldBe: Verdict
  readonly count: number
  readonly newestAt: Date
  /** Those that would decide, and those that did: the first few. */
  readonly rules: readonly string[]
  readonly pastRules: readonly string[]
  /** Different things that were asked, the first few. */
  readonly samples: readonly string[]
}

/** What a rule that only observes would have said otherwise than what was said. */
export interface Observation {
  readonly rule: string
  readonly verdict: Verdict
  readonly was: Verdict
  readonly count: number
}

export interface ReplayReport {
  readonly calls: number
  readonly unchanged: number
  readonly newlyDenied: number
  readonly newlyApprove: number
  readonly newlyAllowed: number
  /** Of these, those that a person or nobody stood before until now: from deny to approve, and all that are newly allowed. */
  readonly weaker: number
  /** Turned away by a limit, a lock or the end of the bridge: no rule was asked, so nothing is compared. */
  readonly notDecidedByRules: number
  /** The record lacks groups, roles and scopes of the caller: not compared, because it would be a guess. */
  readonly identityIncomplete: number
  /** What became weaker first, then the most frequent. */
  readonly differences: readonly Difference[]
  readonly observations: readonly Observation[]
}

/** Decides calls of the audit again, under roles and rules that are in no file: a portion of them for each call. */
export interface ReplayRulesAction {
  readonly kind: 'replay_rules'
  /** YAML with `roles`, `rules` or `people`; what it leaves out is as configured. */
  readonly text: string
  /** Calls from then on. */
  readonly since: Date
  /** Records behind this one: `next` of the portion before, 0 for the first. */
  readonly after: number
}

export type ReplayRulesAnswer =
  | {
      readonly kind: 'rules_replayed'
      /** Of this portion alone. */
      readonly report: ReplayReport
      readonly unreadable: number
      /** Where the next portion begins; absent when this was the last one. */
      readonly next?: number
      /** When the last call of it was made. */
      readonly reachedAt?: Date
    }
  /** They could not be in force: each problem with its line and column in the text. */
  | { readonly kind: 'rules_refused'; readonly problems: readonly string[] }
