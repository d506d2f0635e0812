import type * as z from 'zod'
import { findKeyAt } from './keys.ts'
import type { Problem, Where } from './problem.ts'
import { type ServerDraft, serverDraftSchema } from './schema.ts'
import { oauthSchema } from './schema-oauth.ts'
import { serverSchema } from './schema-server.ts'

/** What the command line says. It wins over the environment, which wins over the file. */
export interface Overrides {
  readonly mode?: Mode
  readonly host?: string
  readonly port?: number
  readonly logLevel?: string
  readonly logFile?: string
}

type Mode = 'stdio' | 'http' | 'both'

/** Every variable that is read, for the reference page. */
export const ENVIRONMENT = {
  SSH_MCP_CONFIG: 'Path of the configuration, where the command line names none.',
  SSH_MCP_SSH_CONFIG:
    'Without a configuration: the OpenSSH client configuration whose hosts are served; `~/.ssh/config` otherwise.',
  SSH_MCP_MODE: '`stdio`, `http` or `both`: sets `server.enable_stdio` and `server.enable_http`.',
  SSH_MCP_HOST: '`server.host`',
  SSH_MCP_PORT: '`server.port`',
  SSH_MCP_LOG_LEVEL: '`server.log_level`',
  SSH_MCP_API_KEY:
    '`server.api_key`; for commands that ask a running bridge, the key they show where there is no token.',
  SSH_MCP_URL: 'Where commands that ask a running bridge find it; `http://127.0.0.1:8080` otherwise.',
  SSH_MCP_TOKEN: 'The access token that they show.',
  AUTH_MODE: '`oidc` turns `server.oauth` on, `api_key` turns it off.',
  IDP_ISSUER: '`server.oauth.issuer`',
  IDP_AUDIENCE: '`server.oauth.audience`; several are separated by commas.',
  IDP_JWKS_URI: '`server.oauth.jwks_uri`',
} as const satisfies Record<string, string>

type Variable = keyof typeof ENVIRONMENT

export interface Overlaid {
  readonly server: ServerDraft
  readonly problems: readonly Problem[]
  /** Where a key of `server` got its value when it was not the file: `host`, `oauth.issuer`, … */
  readonly origins: ReadonlyMap<string, Where>
  /** Keys that the environment or the command line sets to something wrong. */
  readonly broken: ReadonlySet<string>
}

interface Source {
  readonly key: string
  readonly schema: z.ZodType
  readonly variable?: Variable
  readonly read?: (text: string) => unknown
  readonly option?: string
  readonly given?: (overrides: Overrides) => unknown
}

const upper = (text: string) => text.toUpperCase()
const { shape } = serverSchema
const { shape: oauth } = oauthSchema

/** One row a key: the first of command line and environment that says something wins. */
const SOURCES: readonly Source[] = [
  { key: 'host', schema: shape.host, variable: 'SSH_MCP_HOST', option: '--host', given: ({ host }) => host },
  {
    key: 'port',
    schema: shape.port,
    variable: 'SSH_MCP_PORT',
    read: (text) => (/^\d{1,6}$/.test(text) ? Number(text) : text),
    option: '--port',
    given: ({ port }) => port,
  },
  {
    key: 'log_level',
    schema: shape.log_level,
    variable: 'SSH_MCP_LOG_LEVEL',
    read: upper,
    option: '--log-level',
    given: ({ logLevel }) => logLevel?.toUpperCase(),
  },
  { key: 'log_file', schema: shape.log_file, option: '--log-file', given: ({ logFile }) => logFile },
  { key: 'api_key', schema: shape.api_key, variable: 'SSH_MCP_API_KEY' },
  { key: 'oauth.issuer', schema: oauth.issuer, variable: 'IDP_ISSUER' },
  { key: 'oauth.audience', schema: oauth.audience, variable: 'IDP_AUDIENCE', read: commaSeparated },
  { key: 'oauth.jwks_uri', schema: oauth.jwks_uri, variable: 'IDP_JWKS_URI' },
]

/** Lays the environment and the command line over what the file says. An empty variable counts as not set. */
export function overlay(file: ServerDraft, env: NodeJS.ProcessEnv, overrides: Overrides = {}): Overlaid {
  const problems: Problem[] = []
  const origins = new Map<string, Where>()
  const values = new Map<string, unknown>()
  for (const source of SOURCES) {
    const found = findValue(source, env, overrides)
    if (found === undefined) continue
    origins.set(source.key, found.where)
    const checked = source.schema.safeParse(found.value)
    if (checked.success) values.set(source.key, checked.data)
    else problems.push({ where: found.where, message: requirement(source, checked.error) })
  }

  const mode = findChoice(env, 'SSH_MCP_MODE', ['stdio', 'http', 'both'], problems)
  const where: Where = overrides.mode
    ? { in: 'command_line', option: overrides.mode === 'both' ? '--stdio --http' : `--${overrides.mode}` }
    : inEnvironment('SSH_MCP_MODE')
  const chosen = overrides.mode ?? mode
  if (chosen) {
    origins.set('enable_http', where).set('enable_stdio', where)
    values.set('enable_http', chosen !== 'stdio').set('enable_stdio', chosen !== 'http')
  }

  const authMode = findChoice(env, 'AUTH_MODE', ['oidc', 'api_key'], problems)
  if (authMode) {
    origins.set('oauth.enabled', inEnvironment('AUTH_MODE'))
    values.set('oauth.enabled', authMode === 'oidc')
  }
  const broken = new Set([...origins.keys()].filter((key) => !values.has(key)))
  return { server: lay(values, file), problems, origins, broken }
}

function findValue(
  { variable, read, option, given }: Source,
  env: NodeJS.ProcessEnv,
  overrides: Overrides,
): { readonly value: unknown; readonly where: Where } | undefined {
  const ordered = given?.(overrides)
  if (ordered !== undefined && option !== undefined)
    return { value: ordered, where: { in: 'command_line', option } }
  const text = variable === undefined ? undefined : env[variable]
  if (text === undefined || text === '' || variable === undefined) return undefined
  return { value: read ? read(text) : text, where: inEnvironment(variable) }
}

function findChoice<T extends string>(
  env: NodeJS.ProcessEnv,
  name: Variable,
  allowed: readonly T[],
  problems: Problem[],
): T | undefined {
  const text = env[name]?.toLowerCase()
  const choice = allowed.find((value) => value === text)
  if (text && choice === undefined)
    problems.push({ where: inEnvironment(name), message: `must be one of ${allowed.join(', ')}` })
  return choice
}

// What the schema itself says; its messages hold no value.
function requirement({ key }: Source, { issues }: z.ZodError): string {
  const own = issues.map(({ message }) => message).find((message) => message.startsWith('must '))
  return own ?? `must be ${findKeyAt(['server', ...key.split('.')])?.type ?? 'a text'}`
}

function lay(values: ReadonlyMap<string, unknown>, file: ServerDraft): ServerDraft {
  const top = [...values].filter(([key]) => !key.includes('.'))
  const below = [...values]
    .filter(([key]) => key.startsWith('oauth.'))
    .map(([key, value]) => [key.slice('oauth.'.length), value])
  return serverDraftSchema.parse({
    ...file,
    ...Object.fromEntries(top),
    oauth: { ...file.oauth, ...Object.fromEntries(below) },
  })
}

function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function inEnvironment(name: Variable): Where {
  return { in: 'environment', name }
}
