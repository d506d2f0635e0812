import type { Context, MiddlewareHandler } from 'hono'
import type { AuthenticationRefused } from '../domain/authentication.ts'
import type { Edge } from '../domain/call.ts'
import { refusalChallenge } from '../oauth/challenge.ts'
import { wireFailure } from '../pipeline/wire-error.ts'
import { challengeContext } from './challenge-context.ts'
import type { DenialRecord } from './denial-record.ts'
import { answerError, refuse } from './errors.ts'
import { type HttpEnv, PUBLIC_PATHS } from './http-env.ts'
import type { HttpDeps } from './http-settings.ts'

/**
 * Nothing but the public paths goes on without a principal, and every refusal is told to the audit. Only the Authorization header
 * is looked at: a token in the query, a form or a cookie is as good as none. On the console a browser's session stands for one.
 */
export function authenticate(deps: HttpDeps, denials: DenialRecord): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (isOpen(c)) return next()
    const remoteAddress = c.get('remoteAddress')
    const remote = remoteAddress === undefined ? {} : { remoteAddress }
    const answer = await deps.authenticator.authenticate({ authorization: authorizationValues(c), ...remote })
    if (answer.kind === 'refused') {
      await denials.add({ edge: edgeOf(c.req.path), reason: answer.reason, ...remote })
      return answerRefusal(c, answer, deps)
    }
    // Without authentication the machine's own border is the guard: a proxy on it would let the world in.
    if (answer.principal.method === 'none' && !c.get('isLocalPeer')) {
      await denials.add({ edge: edgeOf(c.req.path), reason: 'anonymous_from_elsewhere', ...remote })
      return refuse(c, 'forbidden', ONLY_LOCAL)
    }
    c.set('principal', answer.principal)
    return next()
  }
}

const ONLY_LOCAL =
  'Without authentication this server answers callers on its own machine only, and none that a proxy passed on. The operator can configure an API key or OAuth.'

function isOpen(c: Context<HttpEnv>): boolean {
  // Whoever shows a token there is an operator who wants to see more, and is asked for a good one like everywhere.
  if (c.req.path === '/ready' && c.req.header('Authorization') !== undefined) return false
  return PUBLIC_PATHS.has(c.req.path) || (c.req.path === '/metrics' && c.get('isLocalPeer'))
}

/** Each field value by itself: joined by a comma, two credentials would look like one (RFC 6750 §3.1, RFC 9110 §5.3). */
function authorizationValues(c: Context<HttpEnv>): string[] {
  const ofSession = c.get('sessionAuthorization')
  if (ofSession !== undefined) return [ofSession]
  const raw = c.env?.incoming?.rawHeaders
  if (raw !== undefined)
    return raw.filter((_, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === 'authorization')
  const joined = c.req.header('Authorization')
  return joined === undefined ? [] : [joined]
}

function edgeOf(path: string): Edge {
  if (path === '/' || path === '/mcp') return 'mcp_http'
  if (path.startsWith('/console/')) return 'console'
  return path === '/sse' || path === '/messages' ? 'mcp_sse' : 'rest'
}

function answerRefusal(c: Context<HttpEnv>, refused: AuthenticationRefused, { oauth }: HttpDeps): Response {
  const { code, description, retryAfterMs } = refused
  const error = { ...wireFailure(code, description), ...(retryAfterMs !== undefined && { retryAfterMs }) }
  // Waiting helps here, another token does not.
  if (code === 'rate_limited' || code === 'auth_unavailable') return answerError(c, error)
  return answerError(c, error, {
    'WWW-Authenticate': refusalChallenge(refused, challengeContext(c, oauth())),
  })
}
