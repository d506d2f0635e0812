import type { Context } from 'hono'
import type { ChallengeContext } from '../oauth/challenge.ts'
import type { ResourcePath } from '../oauth/metadata.ts'
import type { OAuthSettings } from '../oauth/settings.ts'
import { EXECUTE_SCOPE } from '../policy/scopes.ts'
import type { HttpEnv } from './http-env.ts'

/** What the challenges of this request's endpoint say; `oauth` is undefined when it is off. */
export function challengeContext(c: Context<HttpEnv>, oauth: OAuthSettings | undefined): ChallengeContext {
  const place = {
    baseUrl: c.get('publicUrl'),
    path: resourcePathOf(c.req.path),
    firstScopes: [EXECUTE_SCOPE],
  }
  return oauth === undefined ? place : { ...place, oauth }
}

/** MCP's own path is a resource with a document of its own; every other path belongs to the root's. */
function resourcePathOf(path: string): ResourcePath {
  return path === '/mcp' ? '/mcp' : ''
}
