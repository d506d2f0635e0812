import type { Context, MiddlewareHandler } from 'hono'
import { type HttpEnv, isLocalPageWelcome, PUBLIC_DOCUMENTS } from './http-env.ts'
import type { CorsSettings } from './http-settings.ts'

/** What a page's script must be able to read to sign in and to keep a legacy MCP session. */
const EXPOSED = 'WWW-Authenticate, Mcp-Session-Id, MCP-Protocol-Version, Retry-After, X-Request-Id'

/** What MCP clients in a browser send; `cors_allow_headers` adds to it. */
const MCP_HEADERS = [
  'Authorization',
  'Content-Type',
  'Accept',
  'Last-Event-ID',
  'Mcp-Session-Id',
  'MCP-Protocol-Version',
  'Mcp-Method',
  'Mcp-Name',
]
const METHODS = ['GET', 'POST', 'DELETE', 'OPTIONS']
const PREFLIGHT_SECONDS = '600'

export function isListedOrigin(origin: string, { origins }: CorsSettings): boolean {
  // `null` is the origin of sandboxed frames and local files: of anyone.
  return origin !== 'null' && (origins.includes('*') || origins.includes(origin))
}

/** Public documents: anyone may read them, from anywhere, and nothing is sent along. */
const ANYONE: CorsSettings = {
  origins: ['*'],
  allowCredentials: false,
  allowMethods: ['GET'],
  allowHeaders: [],
}

/**
 * CORS as configured: a listed origin may read the answers, errors too; any other gets no CORS header at all. Every OPTIONS request
 * ends here: nothing in the bridge answers one otherwise.
 */
export function cors(configured: CorsSettings): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const origin = c.req.header('Origin')
    const settings = settingsFor(origin, c.req.path, configured)
    const isListed = origin !== undefined && isListedOrigin(origin, settings)
    if (c.req.method === 'OPTIONS') {
      const headers = new Headers({ Vary: 'Origin, Access-Control-Request-Headers' })
      if (isListed) allowRequest(headers, origin, c, settings)
      return new Response(null, { status: 204, headers })
    }
    await next()
    c.res.headers.append('Vary', 'Origin')
    if (!isListed) return
    allowOrigin(c.res.headers, origin, settings)
    c.res.headers.set('Access-Control-Expose-Headers', EXPOSED)
  }
}

function settingsFor(origin: string | undefined, path: string, configured: CorsSettings): CorsSettings {
  if (PUBLIC_DOCUMENTS.has(path)) return ANYONE
  const isLocal = origin !== undefined && isLocalPageWelcome(origin, path)
  return isLocal ? { ...ANYONE, origins: [origin], allowMethods: ['GET', 'POST'] } : configured
}

function allowRequest(headers: Headers, origin: string, c: Context<HttpEnv>, settings: CorsSettings): void {
  allowOrigin(headers, origin, settings)
  headers.set('Access-Control-Allow-Methods', allowedMethods(settings).join(', '))
  headers.set('Access-Control-Allow-Headers', allowedHeaders(c, settings).join(', '))
  headers.set('Access-Control-Max-Age', PREFLIGHT_SECONDS)
}

// With credentials the origin is always named, never `*` (Fetch standard, CORS protocol and credentials).
function allowOrigin(headers: Headers, origin: string, { origins, allowCredentials }: CorsSettings): void {
  const isAnyone = origins.includes('*')
  headers.set('Access-Control-Allow-Origin', isAnyone ? '*' : origin)
  if (allowCredentials && !isAnyone) headers.set('Access-Control-Allow-Credentials', 'true')
}

function allowedMethods({ allowMethods }: CorsSettings): readonly string[] {
  return allowMethods.length === 0 || allowMethods.includes('*') ? METHODS : allowMethods
}

// `*` in this header would not cover Authorization, so it is answered with what was asked for.
function allowedHeaders(c: Context<HttpEnv>, { allowHeaders }: CorsSettings): readonly string[] {
  const asked = c.req.header('Access-Control-Request-Headers')
  if (allowHeaders.includes('*') && asked !== undefined)
    return asked
      .split(',')
      .map((name) => name.trim())
      .filter((name) => /^[A-Za-z0-9-]{1,64}$/.test(name))
  const known = new Set(MCP_HEADERS.map((name) => name.toLowerCase()))
  const added = allowHeaders.filter((name) => name !== '*' && !known.has(name.toLowerCase()))
  return [...MCP_HEADERS, ...added]
}
