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
    /** The client's address, as far as trusted proxies tell it; absent without a socket. */
    remoteAddress: string | undefined
    /** `req_` and 128 random bits: in every answer as `X-Request-Id`, in the log, and in the message of an internal error. */
    requestId: string
    /** True when the connection itself comes from this machine and no proxy passed the request on. */
    isLocalPeer: boolean
    /** Where clients reach this server, without a trailing slash: `public_url`, else as this request saw it. */
    publicUrl: string
  }
}

/** RFC 9728 §3.1: read by web clients of any origin, before they know anything else. */
export const PUBLIC_DOCUMENTS: ReadonlySet<string> = new Set([
  '/.well-known/oauth-protected-resource',
  '/.well-known/oauth-protected-resource/mcp',
])

/** Paths that answer without a principal. Everything else needs one. */
export const PUBLIC_PATHS: ReadonlySet<string> = new Set([
  '/health',
  '/ready',
  '/openapi.json',
  '/docs',
  ...PUBLIC_DOCUMENTS,
])
