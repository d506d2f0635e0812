import { type Call, hostsOf } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import type { Hosts } from '../domain/host.ts'
import { missingScopes } from '../domain/principal.ts'
import { operatorScopes } from './operator-scope.ts'
import type { RuleSet } from './rule-set.ts'
import { type Judgement, judge } from './rules/judge.ts'
import { ADMIN_SCOPE, AUDIT_SCOPE, EXECUTE_SCOPE, requiredScopes } from './scopes.ts'

/** What is asked beside the call itself. */
export interface DecisionContext {
  readonly hosts: Hosts
  /** Absent: none are configured. */
  readonly rules?: RuleSet
  readonly now: Date
  /** The caller has read what others may have written; undefined when not. */
  readonly tainted?: string
  /** Of the login, where the host has told: rules about `~/` hold for it then. */
  readonly home?: string
}

/**
 * What the rules say to a call. Pure. Without `rules` in the configuration this is the original's meaning: whoever may call may run
 * anything on every host whose `required_scopes` they hold.
 */
export function decide(call: Call, context: DecisionContext): Decision {
  return explain(call, context).decision
}

/** The same, with how it came about. */
export function explain(call: Call, { rules, ...context }: DecisionContext): Judgement {
  const early = decideEarly(call, rules === undefined)
  if (early !== undefined) return { decision: early, rulings: [] }
  const judgement =
    rules === undefined
      ? { decision: byScopes(call, context.hosts), rulings: [] }
      : judge(call, { ...context, rules })
  const { tainted } = context
  return tainted === undefined ? judgement : { ...judgement, decision: { ...judgement.decision, tainted } }
}

/** What is decided before any host is looked up. */
function decideEarly({ action, principal }: Call, hasNoRules: boolean): Decision | undefined {
  const ofOperators = operatorScopes(action)
  if (ofOperators !== undefined) {
    const isAdmin = hasNoRules && missingScopes(principal, [ADMIN_SCOPE]).length === 0
    const lacks = missingScopes(principal, ofOperators)
    const missing = isAdmin ? lacks.filter((scope) => scope !== AUDIT_SCOPE) : lacks
    return missing.length > 0 ? lacking(missing, ofOperators) : { verdict: 'allow', rule: 'operators' }
  }
  const runs = hostsOf(action).length > 0 || action.kind === 'run_on_hosts' || action.kind === 'transfer_file'
  if (!runs) return { verdict: 'allow', rule: 'signed-in' }
  // Who may not run anywhere learns nothing about which hosts exist.
  const missing = missingScopes(principal, [EXECUTE_SCOPE])
  if (missing.length > 0) return lacking(missing, [EXECUTE_SCOPE])
  // Each of many hosts is decided by the call made for it.
  return action.kind === 'run_on_hosts' ? { verdict: 'allow', rule: 'host-by-host' } : undefined
}

function byScopes({ action, principal }: Call, hosts: Hosts): Decision {
  const named = hostsOf(action).map((name) => hosts.find(name))
  // One that may not be touched denies the whole: nothing is half carried out.
  const known = named.filter((host) => host !== undefined)
  if (known.length < named.length)
    return { verdict: 'deny', rule: 'known-hosts-only', reason: { code: 'host_not_found' } }

  // It tells what is missing; whoever sees the host may ask.
  if (action.kind === 'check_command') return { verdict: 'allow', rule: 'visible-hosts' }
  const required = requiredScopes(known.flatMap((host) => host.requiredScopes))
  const missing = missingScopes(principal, required)
  return missing.length > 0 ? lacking(missing, required) : { verdict: 'allow', rule: 'required-scopes' }
}

function lacking(missing: readonly string[], required: readonly string[]): Decision {
  return {
    verdict: 'deny',
    rule: 'required-scopes',
    reason: { code: 'insufficient_scope', missing, required },
  }
}
