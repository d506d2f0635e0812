import type { Hono } from 'hono'
import type { AuditEvent, AuditLog } from '../../src/domain/audit.ts'
import type { Authentication, Authenticator, PresentedCredentials } from '../../src/domain/authentication.ts'
import type { Log } from '../../src/domain/log.ts'
import type { Principal } from '../../src/domain/principal.ts'
import { createHttpApp } from '../../src/http/app.ts'
import { DenialRecord } from '../../src/http/denial-record.ts'
import type { HttpEnv } from '../../src/http/http-env.ts'
import type { HttpDeps, HttpSettings } from '../../src/http/http-settings.ts'
import { type HttpServer, type HttpServerOptions, startHttpServer } from '../../src/http/server.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { OAuthSettings } from '../../src/oauth/settings.ts'

export const user: Principal = {
  issuer: 'https://idp.example.com/',
  subject: 'u1',
  method: 'oauth',
  email: 'user@example.com',
  groups: [],
  roles: [],
  scopes: new Set(['mcp:execute']),
}

/** Answers for others, and locks. */
export const operator: Principal = {
  ...user,
  subject: 'u3',
  email: 'operator@example.com',
  scopes: new Set(['mcp:approve', 'mcp:operate']),
}

/** Reads the audit. */
export const auditor: Principal = {
  ...user,
  subject: 'u4',
  email: 'auditor@example.com',
  scopes: new Set(['mcp:audit']),
}

export const testOAuth: OAuthSettings = {
  issuers: [
    {
      issuer: 'https://idp.example.com/',
      audience: ['https://ssh-mcp.example.com'],
      provider: 'generic',
      claims: {},
    },
  ],
  scopesSupported: ['mcp:execute'],
}

/** Answers by the token itself, so that a test says in its request what the authenticator thinks of it. */
const byToken: Authenticator = {
  async authenticate({ authorization }: PresentedCredentials): Promise<Authentication> {
    const refused = (code: Extract<Authentication, { kind: 'refused' }>['code'], reason: string) =>
      ({ kind: 'refused', code, reason, description: `refused: ${reason}` }) as const
    if (authorization.length === 0) return refused('unauthenticated', 'no_credentials')
    if (authorization.length > 1)
      return { ...refused('bad_request', 'several_credentials'), error: 'invalid_request' }
    switch (authorization[0]) {
      case 'Bearer good':
        return { kind: 'accepted', principal: user }
      case 'Bearer scopeless':
        return { kind: 'accepted', principal: { ...user, subject: 'u2', scopes: new Set() } }
      case 'Bearer auditor':
        return { kind: 'accepted', principal: auditor }
      case 'Bearer both':
        return {
          kind: 'accepted',
          principal: { ...auditor, scopes: new Set([...auditor.scopes, ...operator.scopes]) },
        }
      case 'Bearer operator':
        return { kind: 'accepted', principal: operator }
      case 'Bearer throttled':
        return { ...refused('rate_limited', 'too_many_failures'), retryAfterMs: 1_500 }
      case 'Bearer idp-down':
        return refused('auth_unavailable', 'keys_unavailable')
      default:
        return { ...refused('unauthenticated', 'token_expired'), error: 'invalid_token' }
    }
  },
}

export interface TestHttp {
  readonly app: Hono<HttpEnv>
  readonly events: AuditEvent[]
  readonly lines: string[]
  readonly deps: HttpDeps
  readonly audit: AuditLog
}

export type HttpChanges = Partial<Omit<HttpDeps, 'settings' | 'denials'>> & {
  readonly settings?: Partial<HttpSettings>
  readonly audit?: AuditLog
}

/** The product's own app with an audit and a log in memory. */
export function testHttpApp({ settings, audit, ...changes }: HttpChanges = {}): TestHttp {
  const events: AuditEvent[] = []
  const lines: string[] = []
  const write = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { debug: write, info: write, warn: write, error: write }
  const remembered: AuditLog = {
    append: async (...added) => void events.push(...added),
    problem: () => undefined,
  }
  const deps: HttpDeps = {
    settings: {
      bindAddress: '127.0.0.1',
      cors: { origins: [], allowCredentials: false, allowMethods: [], allowHeaders: [] },
      trustedProxies: [],
      bodyBytes: 10_000,
      ...settings,
    },
    version: '1.2.3',
    authenticator: byToken,
    authEnabled: true,
    oauth: () => testOAuth,
    denials: new DenialRecord({ audit: audit ?? remembered, clock: changes.clock ?? systemClock, log }),
    notReady: () => [],
    readyDetail: async () => ({ instance: 'inst_1' }),
    isLockedOut: () => false,
    metrics: async () => 'bridge_up 1\n',
    clock: systemClock,
    log,
    ...changes,
  }
  const app = createHttpApp(deps)
  return { app, events, lines, deps, audit: audit ?? remembered }
}

/** Echoes the JSON it was posted, and who asked: an edge for tests of the guards in front of it. */
export function mountEcho(app: Hono<HttpEnv>): void {
  app.post('/echo', async (c) => c.json({ got: await c.req.json(), by: c.get('principal').subject }))
  app.get('/echo', (c) => c.json({ remote: c.get('remoteAddress'), publicUrl: c.get('publicUrl') }))
}

export async function listen(
  { app, deps }: TestHttp,
  options: Partial<HttpServerOptions> = {},
): Promise<HttpServer> {
  return startHttpServer(app, { host: '127.0.0.1', port: 0, clock: deps.clock, log: deps.log, ...options })
}
