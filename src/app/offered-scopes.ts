import type { Config } from '../config/config.ts'
import { namedScopes } from '../oauth/metadata.ts'

/**
 * The scopes that clients are offered, under the names by which they ask the provider for them; none where nobody signs in. It is what
 * `scopes_supported` of the metadata document says, for those who have no running bridge to ask.
 */
export function offeredScopes({ server }: Config): string[] {
  const { oauth } = server.auth
  return oauth === undefined ? [] : namedScopes(oauth, oauth.scopesSupported)
}
