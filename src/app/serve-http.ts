import { mountApi } from '../api/mount-api.ts'
import type { Config } from '../config/config.ts'
import type { Authentication, Authenticator } from '../domain/authentication.ts'
import { createHttpApp } from '../http/app.ts'
import { DenialRecord } from '../http/denial-record.ts'
import { type HttpServer, startHttpServer } from '../http/server.ts'
import { VERSION } from '../lib/version.ts'
import { mountMcp } from '../mcp/http.ts'
import { createAuthenticator } from '../oauth/authenticator.ts'
import { ownResources } from '../oauth/metadata.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import type { OpenCore } from './core.ts'

export interface HttpEdge {
  readonly url: string
  /** Takes over the parts of a new configuration that do not need a new socket: authentication, not the address. */
  apply(config: Config): void
  close(graceMs: number): Promise<void>
}

/** MCP over Streamable HTTP (and legacy SSE where configured), REST, health and metadata, on one server. */
export async function serveHttp(core: OpenCore): Promise<HttpEdge> {
  const { clock, log, bridge } = core
  const { server } = core.config()
  const metrics = createMetrics({
    running: () => bridge.running.count,
    auditProblem: () => bridge.audit.problem(),
    locks: () => bridge.locks.inForce().length,
  })
  core.observe(metrics.observer)
  const authenticator = new ReplaceableAuthenticator()
  const oauth = () => core.config().server.auth.oauth
  const denials = new DenialRecord({ audit: bridge.audit, clock, log })
  const app = createHttpApp({
    settings: {
      bindAddress: server.host,
      ...(server.publicUrl !== undefined && { publicUrl: server.publicUrl }),
      cors: server.cors,
      trustedProxies: server.trustedProxies,
      bodyBytes: core.config().limits.bodyBytes,
    },
    version: VERSION,
    authenticator,
    authEnabled: server.auth.oauth !== undefined || server.auth.apiKeys.length > 0,
    oauth,
    denials,
    notReady: core.notReady,
    metrics: metrics.text,
    transfers: core.links,
    clock,
    log,
  })
  mountApi(app, { bridge, limits: () => core.config().limits, oauth, version: VERSION })
  const mcp = mountMcp(app, core)

  const http: HttpServer = await startHttpServer(app, { host: server.host, port: server.port, clock, log })
  core.serveAt(() => server.publicUrl ?? http.url)
  const use = (config: Config) => {
    const resources = ownAddresses(server.publicUrl, http.port).flatMap(ownResources)
    authenticator.current = createAuthenticator(config.server.auth, resources, { clock, log })
  }
  use(core.config())
  return {
    url: http.url,
    apply: use,
    async close(graceMs) {
      const closing = http.close(graceMs)
      await mcp.drain()
      await mcp.close()
      await closing
      await denials.flush()
    },
  }
}

/** Without `public_url` the server is known by its loopback names; a public address always has one. */
function ownAddresses(publicUrl: string | undefined, port: number): string[] {
  return publicUrl === undefined
    ? ['127.0.0.1', 'localhost', '[::1]'].map((name) => `http://${name}:${port}`)
    : [publicUrl]
}

/** Which tokens are accepted can change under a running server. Until the first one is set, nobody is let in. */
class ReplaceableAuthenticator implements Authenticator {
  current: Authenticator | undefined

  async authenticate(presented: Parameters<Authenticator['authenticate']>[0]): Promise<Authentication> {
    if (this.current) return this.current.authenticate(presented)
    const description = 'The bridge is starting.'
    return { kind: 'refused', code: 'auth_unavailable', reason: 'starting', description }
  }
}
