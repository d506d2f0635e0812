import type { Principal } from '../domain/principal.ts'

/**
 * What the guards have found out about a request by the time an edge sees it. `principal` is set on every path that needs one:
 * an edge that is mounted beneath the guards may rely on it.
 */
export type HttpEnv = {
  Variables: {
    principal: Principal
    /** The client's address, as far as trusted proxies tell it; absent when the socket is gone already. */
    remoteAddress: string | undefined
    /** `req_` and 128 random bits: in every answer as `X-Request-Id`, in the log, and in the message of an internal error. */
    requestId: string
    /** True when the connection itself comes from this machine and no proxy passed it on. */
    isLocalPeer: boolean
  }
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
