import type { Context } from 'hono'
import type { AuthenticationRefused } from '../domain/authentication.ts'
import type { HttpEnv } from './http-env.ts'
import type { ResourcePath } from './http-settings.ts'

/** Which of the two resources a request is for: MCP's own path has its own document, everything else the root's. */
export function resourcePathOf(path: string): ResourcePath {
  return path === '/mcp' ? '/mcp' : ''
}

/** RFC 9728 §3: the well-known part stands in front of the resource's path. */
export function resourceMetadataUrl(publicUrl: string, path: ResourcePath): string {
  return `${publicUrl}/.well-known/oauth-protected-resource${path}`
}

/** The metadata address for the resource this request is for; undefined when OAuth is off. */
export function metadataUrlOf(c: Context<HttpEnv>, hasOAuth: boolean): string | undefined {
  return hasOAuth ? resourceMetadataUrl(c.get('publicUrl'), resourcePathOf(c.req.path)) : undefined
}

export function unauthenticatedChallenge(
  refused: AuthenticationRefused,
  metadataUrl: string | undefined,
): string {
  const parameters = {
    resource_metadata: metadataUrl,
    error: refused.error,
    error_description: refused.error && refused.description,
  }
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
  return ['Bearer', given.map(([name, value]) => `${name}="${value}"`).join(', ')].join(' ').trim()
}

export function insufficientScopeHeader(
  c: Context<HttpEnv>,
  scopes: readonly string[],
  description: string,
  hasOAuth: boolean,
): string {
  const metadata = metadataUrlOf(c, hasOAuth)
  const parameters = [
    'error="insufficient_scope"',
    `error_description="${description}"`,
    `scope="${scopes.join(' ')}"`,
    ...(metadata === undefined ? [] : [`resource_metadata="${metadata}"`]),
  ]
  return `Bearer ${parameters.join(', ')}`
}
