import { type Call, hostsOf } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import type { Hosts } from '../domain/host.ts'
import { missingScopes } from '../domain/principal.ts'
import { operatorScope } from './operator-scope.ts'
import type { RuleSet } from './rule-set.ts'
import { EXECUTE_SCOPE, requiredScopes } from './scopes.ts'

/** What is asked beside the call itself. */
export interface DecisionContext {
  readonly hosts: Hosts
  /** Absent: none are configured. */
  readonly rules?: RuleSet
  readonly now: Date
  /** The caller has read what others may have written; undefined when not. */
  readonly tainted?: string
}

/**
 * What the rules say to a call. Pure. Without `rules` in the configuration this is the original's meaning: whoever may call may run
 * anything on every host whose `required_scopes` they hold.
 */
export function decide(call: Call, { hosts }: DecisionContext): Decision {
  const ofOperators = operatorScope(call.action)
  if (ofOperators !== undefined) {
    const missing = missingScopes(call.principal, [ofOperators])
    return missing.length > 0 ? lacking(missing, [ofOperators]) : { verdict: 'allow', rule: 'operators' }
  }
  const names = hostsOf(call.action)
  const runs = names.length > 0 || call.action.kind === 'run_on_hosts' || call.action.kind === 'transfer_file'
  if (!runs) return { verdict: 'allow', rule: 'signed-in' }

  // Before the host is looked up: who may not run anywhere learns nothing about which hosts exist.
  const general = missingScopes(call.principal, [EXECUTE_SCOPE])
  if (general.length > 0) return lacking(general, [EXECUTE_SCOPE])

  // Each of many hosts is decided by the call made for it.
  if (call.action.kind === 'run_on_hosts') return { verdict: 'allow', rule: 'host-by-host' }
  const named = names.map((name) => hosts.find(name))
  // One that may not be touched denies the whole: nothing is half carried out.
  const known = named.filter((host) => host !== undefined)
  if (known.length < named.length)
    return { verdict: 'deny', rule: 'known-hosts-only', reason: { code: 'host_not_found' } }

  // It tells what is missing; whoever sees the host may ask.
  if (call.action.kind === 'check_command') return { verdict: 'allow', rule: 'visible-hosts' }
  const required = requiredScopes(known.flatMap((host) => host.requiredScopes))
  const missing = missingScopes(call.principal, required)
  return missing.length > 0 ? lacking(missing, required) : { verdict: 'allow', rule: 'required-scopes' }
}

function lacking(missing: readonly string[], required: readonly string[]): Decision {
  return {
    verdict: 'deny',
    rule: 'required-scopes',
    reason: { code: 'insufficient_scope', missing, required },
  }
}
