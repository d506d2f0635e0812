import type { Context, Hono } from 'hono'
import { readWhole } from '../http/body-guard.ts'
import { answerError, refuse } from '../http/errors.ts'
import type { HttpEnv } from '../http/http-env.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { ConsoleDoor } from './console-door.ts'
import { removeCookie, writeCookie } from './cookies.ts'
import { servePages } from './serve-pages.ts'

/** Sent by the console's own script: a page from elsewhere cannot send it without being asked about (Fetch standard, CORS). */
const CONSOLE_HEADER = 'X-Console'
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])
/** Longer than any API key. */
const BODY_BYTES = 4_096

/**
 * What a browser is served before it is known who uses it: the pages, and the way in. Stands before authentication; for what lies below
 * `/console/api` it says as whom the session of the browser speaks, and everything else about that is the same as for any caller.
 */
export function mountConsole(app: Hono<HttpEnv>, deps: ConsoleDeps): void {
  const door = new ConsoleDoor(deps)
  app.use('/console/api/*', async (c, next) => {
    // guard: console-header
    if (!SAFE_METHODS.has(c.req.method) && c.req.header(CONSOLE_HEADER) === undefined)
      return refuse(c, 'forbidden', `Send the header ${CONSOLE_HEADER} with what changes something.`)
    const authorization = await door.authorizationOf(c)
    if (authorization !== undefined) c.set('sessionAuthorization', authorization)
    return next()
  })
  app.get('/console/sign-in', (c) => door.begin(c))
  app.get('/console/callback', (c) => door.finish(c))
  app.post('/console/sign-in', (c) => signInWithKey(c, door))
  app.post('/console/sign-out', async (c) => {
    if (c.req.header(CONSOLE_HEADER) === undefined) return refuse(c, 'forbidden', `Send ${CONSOLE_HEADER}.`)
    await door.end(c)
    removeCookie(c, 'console')
    return c.body(null, 204)
  })
  app.get('/console/ways-in', async (c) => c.json(await door.waysIn(c), 200, { 'Cache-Control': 'no-store' }))
  servePages(app, deps.assets)
}

async function signInWithKey(c: Context<HttpEnv>, door: ConsoleDoor): Promise<Response> {
  if (c.req.header(CONSOLE_HEADER) === undefined) return refuse(c, 'forbidden', `Send ${CONSOLE_HEADER}.`)
  const body = await readWhole(c, BODY_BYTES)
  const key = typeof body === 'string' ? undefined : keyIn(body.toString('utf8'))
  if (key === undefined) return refuse(c, 'bad_request', 'Send {"key": "…"} with an API key of this bridge.')
  const begun = await door.beginWith(`Bearer ${key}`, c)
  if (begun.kind === 'refused') return answerError(c, begun.error)
  writeCookie(c, 'console', begun.id, begun.lastsS)
  return c.body(null, 204)
}

function keyIn(text: string): string | undefined {
  try {
    const { key } = JSON.parse(text) as { key?: unknown }
    return typeof key === 'string' && /^[\x21-\x7e]{1,2048}$/.test(key) ? key : undefined
  } catch {
    return undefined
  }
}
