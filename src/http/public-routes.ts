import type { Context, Hono } from 'hono'
import { missingScopes } from '../domain/principal.ts'
import { protectedResourceMetadata, type ResourcePath } from '../oauth/metadata.ts'
import { OPERATE_SCOPE } from '../policy/scopes.ts'
import { refuse } from './errors.ts'
import type { HttpEnv } from './http-env.ts'
import type { HttpDeps } from './http-settings.ts'

/** Liveness, readiness, metrics, and the documents that a client reads before it can sign in. */
export function mountPublicRoutes(app: Hono<HttpEnv>, deps: HttpDeps): void {
  app.get('/health', (c) =>
    c.json({
      status: 'healthy',
      service: 'ssh-mcp-bridge',
      version: deps.version,
      auth_enabled: deps.authEnabled,
    }),
  )

  app.get('/ready', async (c) => {
    const problems = deps.notReady()
    const status = problems.length === 0 ? { status: 'ready' } : { status: 'not_ready', problems }
    const detail = isForOperators(c, deps) ? { detail: await deps.readyDetail() } : {}
    return c.json({ ...status, ...detail }, problems.length === 0 ? 200 : 503)
  })

  app.get('/metrics', async (c) => {
    if (isLockedOut(c, deps)) return refuse(c, 'locked', LOCKED)
    const type = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }
    return c.body(await deps.metrics(), 200, type)
  })

  app.get('/.well-known/oauth-protected-resource', (c) => metadata(c, deps, ''))
  app.get('/.well-known/oauth-protected-resource/mcp', (c) => metadata(c, deps, '/mcp'))
}

const LOCKED = 'You are locked out by an operator. Ask whoever runs the bridge.'

/** Of those who showed a token: who shows none on the machine itself is nobody that a lock could name. */
function isLockedOut(c: Context<HttpEnv>, { isLockedOut: isLocked }: HttpDeps): boolean {
  const principal = c.get('principal')
  // guard: locked-see-no-figures
  return principal !== undefined && isLocked(principal)
}

/** On the machine itself, or with a token of theirs: what it tells names machines and processes. */
function isForOperators(c: Context<HttpEnv>, deps: HttpDeps): boolean {
  if (isLockedOut(c, deps)) return false
  if (c.get('isLocalPeer')) return true
  const principal = c.get('principal')
  // guard: ready-detail-for-operators
  return principal !== undefined && missingScopes(principal, [OPERATE_SCOPE]).length === 0
}

function metadata(c: Context<HttpEnv>, deps: HttpDeps, path: ResourcePath): Response {
  const oauth = deps.oauth()
  if (oauth === undefined)
    return refuse(c, 'not_found', 'This server has no OAuth: it takes API keys, or needs none on loopback.')
  return c.json(protectedResourceMetadata(oauth, c.get('publicUrl'), path))
}
