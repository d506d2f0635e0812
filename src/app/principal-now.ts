import type { Config } from '../config/config.ts'
import type { Principal } from '../domain/principal.ts'

/**
 * Who a caller that was let in earlier is under the configuration of now: undefined when it would not be let in any more, otherwise with
 * the scopes and roles it has now. A token's own cannot change; what counts for it is whether its issuer is still the one that is trusted.
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
      return oauth?.issuer === principal.issuer ? principal : undefined
    case 'none':
      return oauth === undefined && apiKeys.length === 0 ? principal : undefined
    case 'stdio':
      return principal
  }
}
