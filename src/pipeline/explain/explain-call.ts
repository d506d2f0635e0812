import type { Call } from '../../domain/call.ts'
import type { Decision, DenyReason } from '../../domain/decision.ts'
import { principalName } from '../../domain/principal.ts'
import { suggestChanges } from '../../policy/changes/suggest-changes.ts'
import { type DecisionContext, explain } from '../../policy/decide.ts'
import { rolesOf } from '../../policy/who/roles-of.ts'
import { type WireSuggestion, wireSuggestion } from '../wire-check.ts'
import { wireDenial } from '../wire-error.ts'
import { type RulingShown, showRuling } from './show-ruling.ts'

/** What the rules say to a call that nobody makes, and why: for operators, who see what callers do not. */
export interface Checked {
  readonly verdict: Decision['verdict']
  readonly rule: string
  readonly why?: string
  readonly as: string
  readonly roles: readonly string[]
  readonly host: string
  readonly at: string
  readonly parts: readonly RulingShown[]
  readonly would_run?: string
  readonly approvers?: readonly string[]
  readonly approvals?: number
  readonly observed?: Decision['observed']
  readonly suggestions: readonly WireSuggestion[]
}

/** @param forWriters whether it is told where rules are written. */
export function explainCall(
  call: Call,
  context: DecisionContext,
  { host, forWriters }: { readonly host: string; readonly forWriters: boolean },
): Checked {
  const { decision, rulings } = explain(call, context)
  const { verdict, rule, observed } = decision
  const { rules, now } = context
  return {
    verdict,
    rule,
    ...(decision.verdict === 'deny' && { why: whyOf(decision.reason) }),
    as: principalName(call.principal),
    roles: rules === undefined ? [] : [...rolesOf(call.principal, rules)],
    host,
    at: now.toISOString(),
    parts: rulings.map((ruling) => showRuling(ruling, forWriters)),
    ...(decision.verdict === 'allow' && decision.script !== undefined && { would_run: decision.script }),
    ...(decision.verdict === 'approve' && {
      approvers: decision.terms.approvers,
      approvals: decision.terms.count,
    }),
    ...(observed && { observed }),
    suggestions: suggestChanges(call, decision, context).map(wireSuggestion),
  }
}

function whyOf(reason: DenyReason): string {
  return reason.code === 'host_not_found'
    ? 'They may do nothing there: to them there is no host of that name.'
    : wireDenial(reason).message
}
