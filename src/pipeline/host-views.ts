import type { Hosts, HostView } from '../domain/host.ts'
import { missingScopes, type Principal } from '../domain/principal.ts'
import { requiredScopes } from '../policy/scopes.ts'

/** The fleet as one principal sees it: names and descriptions, and what they may do there. */
export function hostViews(hosts: Hosts, principal: Principal): HostView[] {
  return hosts.list().map(({ requiredScopes: own, ...host }) => {
    const required = requiredScopes(own)
    const missing = missingScopes(principal, required)
    const mayRun = missing.length === 0
    return {
      ...host,
      requiredScopes: required,
      mayRun,
      missingScopes: missing,
    }
  })
}
