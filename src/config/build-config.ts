import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { HostTarget } from '../domain/host.ts'
import { SECRET_KINDS } from '../domain/secret-kind.ts'
import type { RuleSet } from '../policy/rule-set.ts'
import { OPERATOR_SCOPES, requiredScopes } from '../policy/scopes.ts'
import { parseSecretPattern } from '../policy/secret-pattern.ts'
import { transports } from './check-server.ts'
import type { ApiKeyConfig, ApprovalsConfig, Config, ServerConfig } from './config.ts'
import { expandPath } from './file-mode.ts'
import { hostSecrets } from './host-target.ts'
import { auditSecrets, readAudit } from './read-audit.ts'
import { readBudgets } from './read-budgets.ts'
import { oauthSecrets, readOAuth } from './read-oauth.ts'
import { toPerson } from './read-people.ts'
import { readRecording } from './read-recording.ts'
import { readSinks, sinkSecrets } from './read-sinks.ts'
import type { Surroundings } from './references.ts'
import type { Draft, ServerDraft } from './schema.ts'
import { consoleSecrets, readConsole } from './schema-console.ts'
import { readTraces } from './schema-telemetry.ts'

/** What the file says, checked: every host with its credential. */
export interface Parts {
  readonly draft: Draft
  readonly server: ServerDraft
  readonly hosts: readonly HostTarget[]
  readonly rules?: RuleSet
  readonly warnings: readonly string[]
}

const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000

/** The configuration in the bridge's own words and units: milliseconds, bytes, absolute paths, lists. */
export function buildConfig({ draft, server, hosts, rules, warnings }: Parts, around: Surroundings): Config {
  const { session, ssh, limits, commands, files } = draft
  const { recognise } = draft.redaction
  const path = (text: string) => expandPath(text, around.base, around.home)
  const storage = path(draft.storage.directory ?? defaultStorage(around))
  return {
    server: toServer(server, { hosts, rules }, path),
    hosts: hosts
      .map((target) => ({ ...target, attribution: { ...ssh.attribution, ...target.attribution } }))
      .toSorted((a, b) => (a.host.name < b.host.name ? -1 : 1)),
    session: {
      idleTimeoutMs: session.idle_timeout * MINUTE,
      maxSessionsPerHost: session.max_sessions_per_host,
      cleanupIntervalMs: session.cleanup_interval * SECOND,
    },
    ssh: {
      knownHostsFiles: [...[ssh.known_hosts].flat().map(path), join(storage, 'known_hosts')],
      connectTimeoutMs: ssh.connect_timeout * SECOND,
      keepaliveMs: ssh.keepalive_interval * SECOND,
      allowProxyCommand: ssh.allow_proxy_command,
    },
    limits: {
      outputBytes: limits.output_bytes,
      bodyBytes: limits.body_bytes,
      callsPerMinute: limits.calls_per_minute,
      waitMs: limits.wait * SECOND,
      timeoutMs: Math.min(limits.timeout, limits.max_timeout) * SECOND,
      maxTimeoutMs: limits.max_timeout * SECOND,
      mcpSessions: limits.mcp_sessions,
      mcpSessionsPerPrincipal: limits.mcp_sessions_per_principal,
      shutdownMs: limits.shutdown * SECOND,
    },
    commands: {
      retentionMs: commands.retention * HOUR,
      outputBytes: Math.min(commands.output_bytes, commands.total_output_bytes),
      totalOutputBytes: commands.total_output_bytes,
      maxRunning: commands.max_running,
      maxKept: commands.max_kept,
    },
    fanOut: { maxHosts: draft.fan_out.max_hosts, maxParallel: draft.fan_out.max_parallel },
    files: {
      readBytes: files.read_bytes,
      maxBytes: files.max_bytes,
      transferBytes: files.transfer_bytes,
      linkTtlMs: files.link_ttl * SECOND,
      undo: { retentionMs: files.undo.retention * HOUR, totalBytes: files.undo.total_bytes },
    },
    approvals: toApprovals(draft.approvals),
    audit: readAudit(draft.audit),
    ...(rules && { rules }),
    redaction: {
      recognise: new Set(SECRET_KINDS.filter((kind) => recognise === 'all' || recognise.includes(kind))),
      extra: draft.redaction.extra.map(parseSecretPattern).filter((parsed) => typeof parsed !== 'string'),
      handles: { ttlMs: draft.redaction.handles.ttl * SECOND, max: draft.redaction.handles.max },
    },
    recording: readRecording(draft),
    taint: { paths: draft.taint.paths, expiresAfterMs: draft.taint.expires * SECOND },
    people: draft.people.map(toPerson),
    budgets: readBudgets(draft),
    programs: draft.programs,
    console: readConsole(draft.console),
    storage: { directory: storage, url: databaseUrl(draft.storage.url, storage, path) },
    auditSinks: readSinks(draft.audit.sinks, path),
    traces: readTraces(draft.telemetry),
    outbound: { privateAddresses: draft.outbound.private_addresses },
    secrets: [
      ...new Set([
        ...(server.api_key === undefined ? [] : [server.api_key]),
        ...oauthSecrets(server),
        ...(draft.approvals.webhook ? [draft.approvals.webhook.secret] : []),
        ...auditSecrets(draft.audit),
        ...databasePassword(draft.storage.url),
        ...sinkSecrets(draft.audit.sinks),
        ...consoleSecrets(readConsole(draft.console)),
        ...readRecording(draft).keys,
        ...Object.values(readTraces(draft.telemetry)?.headers ?? {}),
        ...hosts.flatMap(hostSecrets),
      ]),
    ],
    warnings,
  }
}

function toApprovals({ expires, max_waiting, webhook, ...same }: Draft['approvals']): ApprovalsConfig {
  const times = { expiresAfterMs: expires * SECOND, maxWaiting: max_waiting }
  return { ...same, ...times, ...(webhook && { webhook }) }
}

function toServer(server: ServerDraft, asking: Asking, path: (text: string) => string): ServerConfig {
  const { http, stdio } = transports(server)
  const oauth = readOAuth(server, offeredScopes(asking))
  return {
    host: server.host,
    port: server.port,
    ...(server.public_url !== undefined && { publicUrl: server.public_url.replace(/\/+$/, '') }),
    enableHttp: http,
    enableStdio: stdio,
    enableLegacySse: server.enable_legacy_sse,
    searchTools: server.search_tools,
    auth: { ...(oauth && { oauth }), apiKeys: toApiKeys(server) },
    cors: {
      origins: server.cors_origins,
      allowCredentials: server.cors_allow_credentials,
      allowMethods: server.cors_allow_methods,
      allowHeaders: server.cors_allow_headers,
    },
    trustedProxies: server.trusted_proxies,
    logLevel: server.log_level,
    logFormat: server.log_format,
    ...(server.log_file !== undefined && { logFile: path(server.log_file) }),
  }
}

/** What may ask a caller for scopes. */
interface Asking {
  readonly hosts: readonly HostTarget[]
  readonly rules: RuleSet | undefined
}

/** Those of approvers and operators are offered to no assistant, whatever a rule asks for. */
function offeredScopes({ hosts, rules }: Asking): string[] {
  const ofRules = rules?.rules.flatMap(({ stepUp }) => stepUp ?? []) ?? []
  return requiredScopes([...hosts.flatMap(({ host }) => host.requiredScopes), ...ofRules]).filter(
    (scope) => !OPERATOR_SCOPES.includes(scope),
  )
}

function toApiKeys({ api_key: one, api_keys: named }: ServerDraft): ApiKeyConfig[] {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const plain: ApiKeyConfig[] =
    one === undefined ? [] : [{ name: 'api_key', sha256: sha256(one), scopes: 'all', roles: [] }]
  const hashed = named.flatMap(({ name, sha256: hash, scopes = [], roles = [], expires }): ApiKeyConfig[] => {
    if (name === undefined || hash === undefined) return []
    const expiresAt = expires === undefined ? {} : { expiresAt: new Date(expires) }
    return [{ name, sha256: hash.toLowerCase(), scopes, roles, ...expiresAt }]
  })
  return [...plain, ...hashed]
}

/** A file of SQLite is named like any other path; `sqlite:` alone, or nothing, is one in the storage directory. */
function databaseUrl(
  written: string | undefined,
  storage: string,
  path: (written: string) => string,
): string {
  const file = written === undefined ? '' : /^sqlite:(.*)$/.exec(written)?.[1]
  if (file === undefined) return written ?? ''
  return `sqlite:${file === '' ? join(storage, 'bridge.db') : path(file)}`
}

function databasePassword(url: string | undefined): string[] {
  const password = url === undefined ? '' : decodeURIComponent(URL.parse(url)?.password ?? '')
  return password === '' ? [] : [password]
}

/** The XDG base directory for state: what should outlive a restart but is no configuration. */
function defaultStorage({ env, home }: Surroundings): string {
  return join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'ssh-mcp-bridge')
}
