import type { AuthenticationRefused } from '../domain/authentication.ts'
import { metadataUrl, namedScopes, type ResourcePath } from './metadata.ts'
import type { OAuthSettings } from './settings.ts'

/** The key of a tool result's `_meta` under which ChatGPT looks for challenges; the value is a list of them. */
export const MCP_WWW_AUTHENTICATE = 'mcp/www_authenticate'

/** What every challenge of one endpoint says. Without OAuth there is no metadata to point to. */
export interface ChallengeContext {
  readonly baseUrl: string
  readonly path: ResourcePath
  readonly oauth?: OAuthSettings
  /** What a client should ask for at first, when that is less than all supported scopes. */
  readonly firstScopes?: readonly string[]
}

/**
 * The `WWW-Authenticate` value for a refusal (RFC 6750 §3, RFC 9728 §5.1): where the metadata is, and which scopes to ask for. With
 * no credentials it carries no error code.
 */
export function refusalChallenge(refused: AuthenticationRefused, context: ChallengeContext): string {
  const scopes = context.oauth === undefined ? [] : (context.firstScopes ?? context.oauth.scopesSupported)
  return refused.error === undefined
    ? challenge(context, { scopes })
    : challenge(context, { error: refused.error, description: refused.description, scopes })
}

/** For a token that is good but lacks scopes: names all that the operation needs, at once, so that one step up is enough. */
export function insufficientScopeChallenge(required: readonly string[], context: ChallengeContext): string {
  const description = `This needs the scopes: ${required.join(' ')}`
  return challenge(context, { error: 'insufficient_scope', description, scopes: required })
}

interface Parameters {
  readonly error?: string
  readonly description?: string
  readonly scopes: readonly string[]
}

function challenge({ baseUrl, path, oauth }: ChallengeContext, said: Parameters): string {
  const scope = oauth === undefined ? said.scopes : namedScopes(oauth, said.scopes)
  const parameters: readonly [string, string | undefined][] = [
    // RFC 6750 §3: a challenge has at least one parameter.
    ['realm', oauth === undefined ? 'ssh-mcp-bridge' : undefined],
    ['resource_metadata', oauth === undefined ? undefined : metadataUrl(baseUrl, path)],
    ['error', said.error],
    ['error_description', said.description?.replace(/["\\]/g, "'")],
    ['scope', scope.filter(isScopeToken).join(' ') || undefined],
  ]
  const written = parameters.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  )
  return `Bearer ${written.join(', ')}`
}

/** RFC 6749 §3.3: visible ASCII without the quote and the backslash. */
function isScopeToken(text: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)
}

/** RFC 9110 §5.6.4; a line break or anything else outside printable ASCII would end the header. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
}
