import type { Config } from '../config/config.ts'
import type { IssuerConfig } from '../config/oauth-config.ts'
import type { Principal } from '../domain/principal.ts'
import { refusedAdmission } from '../oauth/admission.ts'

/**
 * Who a caller that was let in earlier is under the configuration of now: undefined when it would not be let in any more, otherwise with
 * the scopes and roles it has now. A token's own cannot change; what counts for it is whether its issuer is still trusted, and whether its client
 * and tenant are still among those that may. A shorter `max_lifetime` is asked of new tokens only.
 */
export function principalNow(
  principal: Principal,
  { oauth, apiKeys }: Config['server']['auth'],
  now: Date,
): Principal | undefined {
  switch (principal.method) {
    case 'api_key': {
      const key = apiKeys.find(({ name }) => name === principal.subject)
      if (key?.expiresAt !== undefined && key.expiresAt.getTime() <= now.getTime()) return undefined
      const scopes = key?.scopes === 'all' ? 'all' : new Set(key?.scopes)
      // guard: roles-of-keys-as-they-are-now
      return key && { ...principal, scopes, roles: key.roles }
    }
    case 'oauth':
      return mayStill(principal, oauth?.issuers) ? principal : undefined
    case 'none':
      return oauth === undefined && apiKeys.length === 0 ? principal : undefined
    case 'stdio':
      return principal
  }
}

function mayStill(principal: Principal, issuers: readonly IssuerConfig[] = []): boolean {
  const own = issuers.find(({ issuer }) => issuer === principal.issuer)
  // guard: admission-as-it-is-now
  return own !== undefined && refusedAdmission(principal, own) === undefined
}
