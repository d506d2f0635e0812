import type { IncomingMessage } from 'node:http'
import type { Principal } from '../domain/principal.ts'

/**
 * What the guards have found out about a request by the time an edge sees it. `principal` is set on every path that needs one:
 * an edge that is mounted beneath the guards may rely on it.
 */
export type HttpEnv = {
  Bindings: {
    /** The request as Node read it; absent when a test asks the app without a socket. */
    incoming?: IncomingMessage
  }
  Variables: {
    principal: Principal
    /** An `Authorization` value that a browser's session on the console stands for; absent everywhere else. */
    sessionAuthorization: string | undefined
    /** The client's address, as far as trusted proxies tell it; absent without a socket. */
    remoteAddress: string | undefined
    /** `req_` and 128 random bits: in every answer as `X-Request-Id`, in the log, and in the message of an internal error. */
    requestId: string
    /** True when the connection itself comes from this machine and no proxy passed the request on. */
    isLocalPeer: boolean
    /** Where clients reach this server, without a trailing slash: `public_url`, else as this request saw it. */
    publicUrl: string
    /** The address under which this request came in, as far as it is believed: scheme and host. */
    seenUrl: string
    /** What became of the headers in which proxies say who asked them. */
    forwarded: 'none' | 'believed' | 'ignored'
  }
}

/**
 * RFC 8414 §3, OpenID Connect Discovery §4: what the built-in login says of itself; with the path of MCP put behind or in front by clients that
 * take its address for the login's.
 */
export const SERVER_DOCUMENTS: readonly string[] = [
  'oauth-authorization-server',
  'openid-configuration',
].flatMap((name) => [`/.well-known/${name}`, `/.well-known/${name}/mcp`, `/mcp/.well-known/${name}`])

/** RFC 9728 §3.1: read by web clients of any origin, before they know anything else. */
export const PUBLIC_DOCUMENTS: ReadonlySet<string> = new Set([
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
  ...SERVER_DOCUMENTS,
])

/** What clients in a browser on this machine ask by script: the answers are for who shows a code or a token, and no cookie counts there. */
const FOR_LOCAL_PAGES: ReadonlySet<string> = new Set([
  '/oauth/token',
  '/oauth/register',
  '/oauth/revoke',
  '/oauth/jwks',
])

/** Whether a page at this origin may ask there, although it is not listed: inspectors on loopback. */
export function isLocalPageWelcome(origin: string, path: string): boolean {
  if (!FOR_LOCAL_PAGES.has(path)) return false
  const url = URL.parse(origin)
  return url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
}

/** Paths that answer without a principal. Everything else needs one. */
export const PUBLIC_PATHS: ReadonlySet<string> = new Set([
  '/health',
  '/ready',
  '/openapi.json',
  '/docs',
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
])
