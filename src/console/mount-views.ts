import type { Context, Hono } from 'hono'
import { BridgeError } from '../domain/errors.ts'
import { refuse } from '../http/errors.ts'
import type { HttpEnv } from '../http/http-env.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { feed } from './feed.ts'
import { consoleRolesOf } from './roles.ts'
import type { View, Viewer } from './view.ts'
import { accounts } from './views/accounts.ts'
import { host } from './views/host.ts'
import { hostRights } from './views/host-rights.ts'
import { hosts } from './views/hosts.ts'
import { me } from './views/me.ts'
import { now } from './views/now.ts'
import { people } from './views/people.ts'
import { permissions } from './views/permissions.ts'
import { ruleCheck } from './views/rule-check.ts'
import { rules, rulesText } from './views/rules.ts'
import { system } from './views/system.ts'
import { waiting } from './views/waiting.ts'

/** Every view of the console. */
const VIEWS: readonly View[] = [
  ...[me, now, waiting],
  ...[hosts, host, hostRights],
  ...[rules, ruleCheck, permissions, rulesText],
  ...[people, accounts, system],
]

/** The views and the feed of changes, for who is authenticated. */
export function mountViews(app: Hono<HttpEnv>, deps: ConsoleDeps): void {
  const { locks } = deps.bridge
  for (const path of ['/console/api/views/*', FEED])
    app.use(path, async (c, next) => {
      // guard: locked-see-nothing
      if (locks.holdsByName(c.get('principal'))) return refuse(c, 'locked', LOCKED)
      return next()
    })
  for (const view of VIEWS)
    app.get(`/console/api/views/${view.name}`, async (c) => {
      const viewer = viewerOf(c, deps)
      // guard: views-by-role
      const mayLook = view.roles.length === 0 || view.roles.some((role) => viewer.roles.includes(role))
      if (!mayLook) return refuse(c, 'forbidden', NOT_FOR_YOU)
      return c.json((await view.look(readQuery(view, c), viewer, deps)) as object)
    })
  app.get(FEED, (c) => {
    const { principal, roles } = viewerOf(c, deps)
    if (roles.length === 0) return refuse(c, 'forbidden', NOT_FOR_YOU)
    return feed(deps, c.req.raw.signal, () => locks.holdsByName(principal))
  })
}

const FEED = '/console/api/feed'
const LOCKED = 'You are locked out by an operator. Ask whoever runs the bridge.'
const NOT_FOR_YOU = 'This is for operators: it needs one of mcp:view, mcp:approve, mcp:operate, mcp:audit.'

function viewerOf(c: Context<HttpEnv>, { bridge }: ConsoleDeps): Viewer {
  const principal = c.get('principal')
  return { principal, roles: consoleRolesOf(principal, bridge.rules() !== undefined) }
}

function readQuery(view: View, c: Context<HttpEnv>) {
  const read = view.input.safeParse(c.req.query())
  if (read.success) return read.data
  const problems = read.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the query'}: ${message}`,
  )
  throw new BridgeError('bad_request', `${problems.join('; ')}.`)
}
