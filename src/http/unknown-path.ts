import type { Context, Hono } from 'hono'
import { refuse } from './errors.ts'
import type { HttpEnv } from './http-env.ts'

/** 404 for a path that nothing answers, 405 with `Allow` (RFC 9110 §15.5.6) for one that answers other methods. */
export function unknownPath(app: Hono<HttpEnv>): (c: Context<HttpEnv>) => Response {
  return (c) => {
    const methods = methodsOf(app, c.req.path)
    if (methods.size === 0) return refuse(c, 'not_found', 'There is nothing at this path.')
    const allow = [...methods].sort().join(', ')
    return refuse(c, 'method_not_allowed', `This path answers ${allow}.`, { Allow: allow })
  }
}

// Middleware is registered for all methods, so it tells nothing about what a path answers.
function methodsOf(app: Hono<HttpEnv>, path: string): Set<string> {
  const methods = new Set<string>()
  for (const route of app.routes) {
    if (route.method === 'ALL' || !matches(route.path, path)) continue
    methods.add(route.method)
    if (route.method === 'GET') methods.add('HEAD')
  }
  return methods
}

function matches(pattern: string, path: string): boolean {
  const [wanted, given] = [pattern.split('/'), path.split('/')]
  if (wanted.length !== given.length) return false
  return wanted.every((segment, at) => segment === given[at] || (segment.startsWith(':') && given[at] !== ''))
}
