import type { Config } from '../../config/config.ts'
import { type Host, type HostTarget, hostName } from '../../domain/host.ts'
import { SECRET_KINDS } from '../../domain/secret-kind.ts'

export interface DemoPlaces {
  readonly home: string
  readonly privateKey: string
  /** The address of its database. */
  readonly database: string
  readonly storage: string
  readonly log: string
}

export interface DemoSettings {
  readonly bridgeUrl: string
  readonly port: number
  readonly issuer: string
  readonly ssh: { readonly port: number; readonly username: string; readonly hostKey: string }
  readonly places: DemoPlaces
}

/**
 * The configuration that a person would write for the demo's parts: OAuth with a discovered key set, and two hosts of which one asks for a
 * scope more. Both names lead to the same embedded host. Its key is pinned, so no known_hosts file is read.
 */
export function demoConfig({ bridgeUrl, port, issuer, ssh, places }: DemoSettings): Config {
  const host = (facts: Omit<Host, 'tags' | 'allowsSudo' | 'allowsTerminal'>): HostTarget => ({
    host: { ...facts, tags: ['demo'], allowsSudo: false, allowsTerminal: false },
    address: '127.0.0.1',
    port: ssh.port,
    username: ssh.username,
    credential: { kind: 'private_key', path: places.privateKey },
    hostKeys: [ssh.hostKey],
    disablePager: true,
    platform: 'posix',
    algorithms: 'modern',
    answers: [],
  })
  return {
    server: {
      host: '127.0.0.1',
      port,
      publicUrl: bridgeUrl,
      enableHttp: true,
      enableStdio: false,
      enableLegacySse: false,
      searchTools: false,
      auth: {
        oauth: {
          issuers: [{ issuer, audience: [bridgeUrl], provider: 'generic', claims: {} }],
          scopesSupported: ['mcp:execute', 'mcp:admin'],
        },
        apiKeys: [],
      },
      cors: {
        origins: [],
        allowCredentials: false,
        allowMethods: ['GET', 'POST', 'OPTIONS'],
        allowHeaders: [],
      },
      trustedProxies: [],
      logLevel: 'INFO',
      logFormat: 'text',
      logFile: places.log,
    },
    console: { enabled: true, sessionMs: 43_200_000 },
    hosts: [
      host({
        name: hostName('db-server'),
        description: 'Database server',
        executionMode: 'exec',
        requiredScopes: ['mcp:admin'],
      }),
      host({
        name: hostName('web-server'),
        description: 'Production web server',
        executionMode: 'shell',
        requiredScopes: [],
      }),
    ],
    session: { idleTimeoutMs: 600_000, maxSessionsPerHost: 5, cleanupIntervalMs: 60_000 },
    ssh: { knownHostsFiles: [], connectTimeoutMs: 10_000, keepaliveMs: 15_000, allowProxyCommand: false },
    limits: {
      outputBytes: 100_000,
      bodyBytes: 1_048_576,
      callsPerMinute: 600,
      waitMs: 20_000,
      timeoutMs: 30_000,
      maxTimeoutMs: 300_000,
      mcpSessions: 100,
      mcpSessionsPerPrincipal: 10,
      shutdownMs: 2_000,
    },
    commands: {
      retentionMs: 3_600_000,
      outputBytes: 16 * 1_048_576,
      totalOutputBytes: 64 * 1_048_576,
      maxRunning: 20,
      maxKept: 100,
    },
    people: [],
    auditSinks: [],
    traces: undefined,
    outbound: { privateAddresses: [] },
    budgets: [],
    programs: [],
    approvals: { approvers: [], count: 1, expiresAfterMs: 3_600_000, maxWaiting: 20 },
    audit: { checkpoint: { records: 1_000, afterMs: 60_000 }, receipts: false },
    fanOut: { maxHosts: 10, maxParallel: 10 },
    files: {
      readBytes: 262_144,
      maxBytes: 8 * 1_048_576,
      transferBytes: 64 * 1_048_576,
      linkTtlMs: 900_000,
      undo: { retentionMs: 3_600_000, totalBytes: 16 * 1_048_576 },
    },
    recording: { records: () => false, required: true, mostBytes: 1, retentionMs: 86_400_000, keys: [] },
    taint: { paths: [], expiresAfterMs: 28_800_000 },
    redaction: { recognise: new Set(SECRET_KINDS), extra: [], handles: { ttlMs: 3_600_000, max: 100 } },
    storage: { directory: places.storage, url: places.database },
    secrets: [],
    warnings: [],
  }
}
