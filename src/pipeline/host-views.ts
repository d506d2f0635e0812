import type { Call } from '../domain/call.ts'
import type { HostView } from '../domain/host.ts'
import { missingScopes } from '../domain/principal.ts'
import type { DecisionContext } from '../policy/decide.ts'
import { standingsOf } from '../policy/rules/standing.ts'
import { requiredScopes } from '../policy/scopes.ts'

/** What a command needs one of. */
const RUNNING = new Set(['read', 'run', 'sudo'])

/** The fleet as one caller sees it: names and descriptions, and what they may do there. Hosts out of their reach are not in it. */
export function hostViews(call: Call, context: DecisionContext): HostView[] {
  const standingOn = standingsOf(call, context)
  return context.hosts.list().flatMap((host) => {
    const { isVisible, mayDo } = standingOn(host)
    // guard: hosts-out-of-sight
    if (!isVisible) return []
    const required = requiredScopes(host.requiredScopes)
    const missing = missingScopes(call.principal, required)
    const may = missing.length === 0 ? mayDo : []
    const mayRun = may.some((one) => RUNNING.has(one))
    return [{ ...host, requiredScopes: required, mayRun, missingScopes: missing, mayDo: may }]
  })
}
