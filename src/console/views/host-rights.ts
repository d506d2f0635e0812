import * as z from 'zod'
import { BridgeError } from '../../domain/errors.ts'
import { rightsOf, rightsOfRole } from '../../pipeline/explain/rights.ts'
import { EXECUTE_SCOPE, requiredScopes } from '../../policy/scopes.ts'
import { defineView } from '../view.ts'
import { askedWho, who } from './asked-who.ts'

/** Who may do what on a host: each role by itself, and somebody who is named. */
export const hostRights = defineView({
  name: 'host-rights',
  roles: ['viewer'],
  input: z.strictObject({ name: z.string().min(1).max(63), ...who }),
  look({ name, ...asked }, _viewer, { eyes, bridge }) {
    const host = bridge.hosts.find(name)
    if (host === undefined)
      throw new BridgeError('host_not_found', `No host of that name is configured: ${name}.`)
    const rules = bridge.rules()
    const now = bridge.clock.now()
    const context = { rules, now }
    const named = asked.person === undefined && asked.role === undefined ? undefined : askedWho(asked)
    return {
      has_rules: rules !== undefined,
      at: now.toISOString(),
      required_scopes: requiredScopes(host.requiredScopes),
      execute_scope: EXECUTE_SCOPE,
      everybody: rightsOfRole(undefined, host, context),
      roles: (rules?.roles ?? []).map((role) => ({
        role: role.name,
        rights: rightsOfRole(role.name, host, context),
      })),
      ...(named && { named: rightsOf(eyes.rules.whoAsks(named), context)(host) }),
    }
  },
})
