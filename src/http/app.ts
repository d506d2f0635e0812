import { Hono } from 'hono'
import { mountApprovalPage } from './approval-page.ts'
import { authenticate } from './authenticate.ts'
import { guardBody } from './body-guard.ts'
import { mountConnectPage } from './connect-page.ts'
import { cors } from './cors.ts'
import { errorHandler } from './errors.ts'
import { guardAddress } from './guard-address.ts'
import { guardPages } from './guard-pages.ts'
import type { HttpEnv } from './http-env.ts'
import type { HttpDeps } from './http-settings.ts'
import { TrustedProxies } from './peer.ts'
import { mountPublicRoutes } from './public-routes.ts'
import { requestLog } from './request-log.ts'
import { mountSignIn } from './sign-in-route.ts'
import { mountTransfers } from './transfer-route.ts'
import { unknownPath } from './unknown-path.ts'

/**
 * The guards every request passes, in this order, and the paths that need no principal. Edges mount themselves on what is returned
 * and find who asks in the context. The body is read only once the caller is known.
 */
export function createHttpApp(deps: HttpDeps): Hono<HttpEnv> {
  const { settings, log, clock } = deps
  const app = new Hono<HttpEnv>()
  app.onError(errorHandler(log))
  app.notFound(unknownPath(app))
  app.use(
    requestLog(log, clock),
    cors(settings.cors),
    guardAddress(settings, new TrustedProxies(settings.trustedProxies)),
  )
  // Before authentication and before bodies are read: a link is its own right, and its body a file.
  if (deps.transfers !== undefined) mountTransfers(app, { ...deps, transfers: deps.transfers })
  mountApprovalPage(app, deps.console !== undefined)
  if (deps.signIn !== undefined) mountSignIn(app, deps.signIn)
  mountConnectPage(app, deps)
  deps.console?.(app)
  app.use(guardPages, authenticate(deps, deps.denials), guardBody(settings.bodyBytes))
  mountPublicRoutes(app, deps)
  return app
}
