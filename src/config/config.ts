import type { HostTarget } from '../domain/host.ts'
import type { SecretKind } from '../domain/secret-kind.ts'
import type { SinkTarget } from '../domain/sink.ts'
import type { Budget } from '../policy/budget.ts'
import type { Grammar } from '../policy/grammar.ts'
import type { Person, RuleSet } from '../policy/rule-set.ts'
import type { SecretPattern } from '../policy/secret-pattern.ts'
import type { OAuthConfig } from './oauth-config.ts'
import type { AuditConfig } from './read-audit.ts'
import type { RecordingConfig } from './read-recording.ts'
import type { ConsoleConfig } from './schema-console.ts'
import type { TracesConfig } from './schema-telemetry.ts'

/** The whole configuration, parsed, checked and in the bridge's own units. Made only by `loadConfig`. */
export interface Config {
  /** Where it was read; absent without a file. */
  readonly file?: string
  readonly server: ServerConfig
  /** Sorted by name; those of `ssh_config` included. */
  readonly hosts: readonly HostTarget[]
  readonly session: SessionConfig
  readonly ssh: SshConfig
  readonly limits: LimitsConfig
  readonly commands: CommandsConfig
  readonly fanOut: FanOutConfig
  readonly files: FilesConfig
  readonly approvals: ApprovalsConfig
  readonly audit: AuditConfig
  readonly redaction: RedactionConfig
  readonly recording: RecordingConfig
  readonly taint: TaintConfig
  /** Absent: whoever may call may run anything on every host whose `required_scopes` they hold. */
  readonly rules?: RuleSet
  /** Which ways in are one human. */
  readonly people: readonly Person[]
  readonly budgets: readonly Budget[]
  /** Those of the file, beside those that the bridge knows. */
  readonly programs: readonly Grammar[]
  readonly console: ConsoleConfig
  /** What survives a restart: `url` names the database, `directory` is for what belongs to this machine alone. */
  readonly storage: { readonly directory: string; readonly url: string }
  readonly auditSinks: readonly SinkTarget[]
  readonly traces: TracesConfig | undefined
  /** What the bridge's own requests may reach: CIDR ranges that are not public. */
  readonly outbound: { readonly privateAddresses: readonly string[] }
  /** Every credential of the file, for redaction. */
  readonly secrets: readonly string[]
  /** Not wrong, but worth a line at start-up. */
  readonly warnings: readonly string[]
}

export interface ServerConfig {
  readonly host: string
  readonly port: number
  /** What clients type, without a trailing slash; authoritative behind a proxy. */
  readonly publicUrl?: string
  readonly enableHttp: boolean
  readonly enableStdio: boolean
  readonly enableLegacySse: boolean
  /** `search` and `fetch` are offered too. */
  readonly searchTools: boolean
  readonly auth: AuthConfig
  readonly cors: CorsConfig
  /** CIDR ranges whose X-Forwarded-* headers are believed. */
  readonly trustedProxies: readonly string[]
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
  readonly logFormat: 'text' | 'json'
  readonly logFile?: string
}

export interface AuthConfig {
  readonly oauth?: OAuthConfig
  /** sha256 (hex, lower case) of the key; the plain `api_key` becomes one named `api_key` that holds all scopes. */
  readonly apiKeys: readonly ApiKeyConfig[]
}

export interface ApiKeyConfig {
  readonly name: string
  readonly sha256: string
  readonly scopes: readonly string[] | 'all'
  readonly roles: readonly string[]
  readonly expiresAt?: Date
}

export interface CorsConfig {
  readonly origins: readonly string[]
  readonly allowCredentials: boolean
  readonly allowMethods: readonly string[]
  readonly allowHeaders: readonly string[]
}

export interface SessionConfig {
  readonly idleTimeoutMs: number
  readonly maxSessionsPerHost: number
  readonly cleanupIntervalMs: number
}

export interface SshConfig {
  /** known_hosts files in the order in which they are read: the user's, the system's, the bridge's own (where `hosts trust` writes). */
  readonly knownHostsFiles: readonly string[]
  readonly connectTimeoutMs: number
  readonly keepaliveMs: number
  /** Programs of this machine may be run to reach a host. */
  readonly allowProxyCommand: boolean
}

export interface LimitsConfig {
  /** The most of one output stream in one answer. */
  readonly outputBytes: number
  readonly bodyBytes: number
  readonly callsPerMinute: number
  /** How long a call waits for its command when it names no `wait_seconds`. */
  readonly waitMs: number
  /** How long a command may take when its call names no `timeout_seconds`. Not more than `maxTimeoutMs`. */
  readonly timeoutMs: number
  readonly maxTimeoutMs: number
  /** Legacy MCP sessions, all principals and each. */
  readonly mcpSessions: number
  readonly mcpSessionsPerPrincipal: number
  /** How long running calls may go on after SIGTERM. */
  readonly shutdownMs: number
}

/** What is kept of commands, on disk. */
export interface CommandsConfig {
  /** From the end of the command on. */
  readonly retentionMs: number
  /** Of one command; not more than `totalOutputBytes`. */
  readonly outputBytes: number
  readonly totalOutputBytes: number
  /** Each principal's, at the same time. */
  readonly maxRunning: number
  /** Each principal's. */
  readonly maxKept: number
}

export interface ApprovalsConfig {
  /** What a rule means that does not say otherwise. */
  readonly approvers: readonly string[]
  readonly count: number
  readonly expiresAfterMs: number
  /** Requests of one principal that wait at the same time. */
  readonly maxWaiting: number
  readonly webhook?: WebhookConfig
}

export interface WebhookConfig {
  readonly url: string
  /** Signs each message; at least 24 bytes. */
  readonly secret: string
  readonly format: 'json' | 'slack'
}

export interface FanOutConfig {
  /** Of one call. */
  readonly maxHosts: number
  readonly maxParallel: number
}

export interface TaintConfig {
  /** Directories in which others write, beside those that everybody knows. */
  readonly paths: readonly string[]
  /** After the last mark. */
  readonly expiresAfterMs: number
}

export interface RedactionConfig {
  /** Kinds that are found by how they look. */
  readonly recognise: ReadonlySet<SecretKind>
  /** Patterns of the operator's own. */
  readonly extra: readonly SecretPattern[]
  /** Of values that were taken out of answers: how long each is kept unused, and how many of one principal. */
  readonly handles: { readonly ttlMs: number; readonly max: number }
}

export interface FilesConfig {
  /** The most of one `read_file` answer. */
  readonly readBytes: number
  /** The largest file that is written or edited as a whole. */
  readonly maxBytes: number
  /** The most that one transfer moves. */
  readonly transferBytes: number
  /** How long a link can be used. */
  readonly linkTtlMs: number
  /** What changes replaced, kept so that they can be undone. */
  readonly undo: {
    /** 0: nothing is kept. */
    readonly retentionMs: number
    readonly totalBytes: number
  }
}
