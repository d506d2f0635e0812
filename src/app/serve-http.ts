import { mountApi } from '../api/mount-api.ts'
import type { Config } from '../config/config.ts'
import type { Authentication, Authenticator } from '../domain/authentication.ts'
import { createHttpApp } from '../http/app.ts'
import { DenialRecord } from '../http/denial-record.ts'
import { type HttpServer, startHttpServer } from '../http/server.ts'
import type { Clock } from '../lib/clock.ts'
import { VERSION } from '../lib/version.ts'
import type { ServerFactory } from '../mcp/create-server.ts'
import { mountMcp } from '../mcp/http.ts'
import { createAuthenticator } from '../oauth/authenticator.ts'
import { ownResources } from '../oauth/metadata.ts'
import { livingInstances } from '../store/instance.ts'
import { countSessions } from '../store/session-rows.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import { PastHour } from '../telemetry/past-hour.ts'
import type { OpenCore } from './core.ts'
import { openConsole } from './open-console.ts'
import type { OwnLogin } from './own-login.ts'
import { readyDetail } from './ready-detail.ts'

export interface HttpEdge {
  readonly url: string
  /** Takes over the parts of a new configuration that do not need a new socket: authentication, not the address. */
  apply(config: Config): void
  close(graceMs: number): Promise<void>
}

/**
 * MCP over Streamable HTTP (and legacy SSE where configured), REST, health and metadata, on one server. `makeServer` is another than the
 * product's own only in the tests of conformance, which need tools of theirs behind the same doors.
 */
export async function serveHttp(core: OpenCore, makeServer?: ServerFactory): Promise<HttpEdge> {
  const { clock, log, fetch, bridge } = core
  const { server } = core.config()
  const approvalsWaiting = () => bridge.approvals.list().filter(({ state }) => state === 'waiting').length
  const metrics = createMetrics({
    running: () => bridge.running.count,
    auditProblem: () => bridge.audit.problem(),
    locks: () => bridge.locks.inForce().length,
    databaseProblem: () => core.database.problem(),
    hosts: () => core.totals(),
    approvalsWaiting,
    recordingsOpen: () => core.recordings.recorder.openIds.size,
    sessions: () => countSessions(core.database),
    instances: () => livingInstances(core.database),
    sinks: async () =>
      (await core.sinks.status()).map(({ name, lagRecords: waiting, lagMs }) => ({ name, waiting, lagMs })),
  })
  core.observe(metrics.observer, metrics.meter)
  core.details.recordings = () => ({ open: core.recordings.recorder.openIds.size })
  const closing = new AbortController()
  const past = new PastHour(clock, async () => {
    const [sessions, sinks] = await Promise.all([countSessions(core.database), core.sinks.status()])
    const lagMs = sinks.length === 0 ? undefined : Math.max(...sinks.map((sink) => sink.lagMs))
    return {
      ...{ running: bridge.running.count, sessions, waiting: approvalsWaiting() },
      ...(lagMs !== undefined && { lagMs }),
      memoryBytes: process.memoryUsage.rss(),
    }
  })
  const authenticator = new ReplaceableAuthenticator(clock, (tookMs, refused) => {
    metrics.authenticated(tookMs, refused)
    if (refused !== undefined) past.strangerRefused()
  })
  const oauth = () => core.config().server.auth.oauth
  const denials = new DenialRecord({ audit: bridge.audit, clock, log })
  const ownLogin = await ownLoginOf(core)
  let address = () => server.publicUrl ?? `http://${server.host}:${server.port}`
  const console = core.config().console.enabled
    ? openConsole(core, authenticator, denials, past, () => address())
    : undefined
  if (console !== undefined) {
    core.observe(past)
    void past.follow(closing.signal)
    void console.sweep(closing.signal)
  }
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
    readyDetail: () => readyDetail(core.details, clock),
    isLockedOut: (principal) => bridge.locks.holdsByName(principal),
    metrics: metrics.text,
    transfers: core.links,
    ...(ownLogin && { signIn: ownLogin.door }),
    ...(console && { console: (mounted) => console.mount(mounted) }),
    clock,
    log,
  })
  console?.mountViews(app)
  mountApi(app, { bridge, limits: () => core.config().limits, oauth, version: VERSION })
  const mcp = mountMcp(app, core, makeServer)

  const http: HttpServer = await startHttpServer(app, { host: server.host, port: server.port, clock, log })
  address = () => server.publicUrl ?? http.url
  core.serveAt(() => address())
  const use = (config: Config) => {
    const resources = ownAddresses(server.publicUrl, http.port).flatMap(ownResources)
    const around = { clock, log, fetch, ...(ownLogin && { own: ownLogin.issuer }) }
    authenticator.current = createAuthenticator(config.server.auth, resources, around)
    ownLogin?.apply()
    void core.lookThrough()
  }
  use(core.config())
  return {
    url: http.url,
    apply: use,
    async close(graceMs) {
      closing.abort()
      const serving = http.close(graceMs)
      await mcp.drain()
      await mcp.close()
      await serving
      await denials.flush()
      ownLogin?.close()
    },
  }
}

/** Only a bridge that is its own authorization server reads what makes one. */
async function ownLoginOf(core: OpenCore): Promise<OwnLogin | undefined> {
  const { server } = core.config()
  const embedded = server.auth.oauth?.embedded
  if (embedded === undefined) return undefined
  const { openOwnLogin } = await import('./own-login.ts')
  const resources = ownAddresses(server.publicUrl, server.port).flatMap(ownResources)
  const login = await openOwnLogin(core, embedded, resources)
  core.log.info(`People sign in at ${embedded.issuer}, which is this bridge`)
  return login
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
  readonly #clock: Clock
  readonly #told: (tookMs: number, refused?: string) => void

  constructor(clock: Clock, told: (tookMs: number, refused?: string) => void) {
    this.#clock = clock
    this.#told = told
  }

  async authenticate(presented: Parameters<Authenticator['authenticate']>[0]): Promise<Authentication> {
    const startedMs = this.#clock.monotonicMs()
    const answer = await this.#ask(presented)
    const refused = answer.kind === 'refused' ? answer.reason : undefined
    this.#told(this.#clock.monotonicMs() - startedMs, refused)
    return answer
  }

  async #ask(presented: Parameters<Authenticator['authenticate']>[0]): Promise<Authentication> {
    if (this.current) return this.current.authenticate(presented)
    const description = 'The bridge is starting.'
    return { kind: 'refused', code: 'auth_unavailable', reason: 'starting', description }
  }
}
