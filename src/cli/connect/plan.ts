import type { ClientFile, McpClient, NamedServer, ServerAuth, SignIn } from '../../clients/client.ts'
import { overHttp, redirectHost } from '../../clients/list.ts'
import { registersAt, whyOutOfReach } from '../../clients/reach.ts'
import type { Config } from '../../config/config.ts'
import type { OAuthConfig } from '../../config/oauth-config.ts'
import { UsageError } from '../command.ts'
import { mcpAddress } from './address.ts'
import { stdioServer } from './own-command.ts'

export interface ConnectOptions {
  readonly url?: string
  readonly stdio?: boolean
  readonly http?: boolean
  readonly keyEnv?: string
  readonly name: string
}

/** The bridge, as the operator runs it; `config` is absent when only an address is known. */
export interface OwnBridge {
  readonly config?: Config
  readonly configPath?: string
  /** Under the names that clients ask the provider for. */
  readonly scopes: readonly string[]
}

/** One client and one bridge, brought together. */
export interface Connection extends NamedServer {
  /** The client that was asked for. */
  readonly client: McpClient
  /** Whose way is taken: another's where the client has none over HTTP. */
  readonly way: McpClient
  readonly files: readonly ClientFile[]
  /** Redirect addresses that whoever signs people in must allow. */
  readonly redirects: SignIn['redirects']
  /** Those of them that the built-in login is configured to refuse. */
  readonly refusedRedirects: readonly string[]
  readonly signIn?: 'embedded' | 'external'
}

/** @throws UsageError for what the client cannot do, with what to write instead. */
export function planConnection(client: McpClient, bridge: OwnBridge, options: ConnectOptions): Connection {
  checkOptions(options)
  const { name } = options
  if (!wantsHttp(client, bridge, options)) {
    if (!client.transports.includes('stdio'))
      throw new UsageError(
        `${client.title} starts no programs: it needs the bridge over HTTP, under an address on the internet`,
      )
    const server = stdioServer(bridge.configPath)
    return { client, way: client, name, server, files: client.files, redirects: [], refusedRedirects: [] }
  }
  const way = overHttp(client)
  const url = mcpAddress(options.url, bridge.config)
  const why = way.runs === 'cloud' ? whyOutOfReach(url) : undefined
  if (why !== undefined)
    throw new UsageError(
      `${client.title} calls from ${way.vendor}'s cloud and cannot use ${url}: ${why}. Set server.public_url to an https address on the internet, or write --url`,
    )
  const auth = authOf(way, bridge, options)
  const oauth = bridge.config?.server.auth.oauth
  const signsIn = auth.by === 'sign_in' && way.signIn !== undefined
  return {
    client,
    way,
    name,
    server: { transport: 'http', url, auth },
    files: way.files,
    redirects: signsIn ? (way.signIn?.redirects ?? []) : [],
    refusedRedirects: signsIn && way.signIn ? refusedBy(oauth, way.signIn) : [],
    ...(signsIn && oauth && { signIn: oauth.embedded ? ('embedded' as const) : ('external' as const) }),
  }
}

function checkOptions({ stdio, http, url, keyEnv, name }: ConnectOptions): void {
  if (stdio && http) throw new UsageError('--stdio and --http are two ways: write one of them')
  if (stdio && url !== undefined) throw new UsageError('--url is for --http: over stdio there is no address')
  if (stdio && keyEnv !== undefined)
    throw new UsageError('--key-env is for --http: over stdio nobody signs in')
  // Not shown: a key may have been written by mistake. One of ours would pass for a name.
  if (keyEnv !== undefined && !/^(?!smb_)[A-Za-z_][A-Za-z0-9_]{0,63}$/.test(keyEnv))
    throw new UsageError(
      `--key-env takes the name of an environment variable, such as BRIDGE_KEY, and never the key itself; this is no such name`,
    )
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(name))
    throw new UsageError(`not a name: ${JSON.stringify(name)}; write 1 to 40 of A-Z a-z 0-9 _ -`)
}

function wantsHttp(
  client: McpClient,
  { config }: OwnBridge,
  { stdio, http, url, keyEnv }: ConnectOptions,
): boolean {
  if (stdio) return false
  if (http || url !== undefined || keyEnv !== undefined || !client.transports.includes('stdio')) return true
  if (config === undefined || !config.server.enableHttp) return false
  // Both are on: one bridge for all clients is what somebody serves HTTP for, but not at the price of a connector.
  return client.transports.includes('http') || !config.server.enableStdio
}

/** The variable in the examples of the documents. */
const KEY_VARIABLE = 'BRIDGE_KEY'

function authOf(way: McpClient, bridge: OwnBridge, { keyEnv }: ConnectOptions): ServerAuth {
  const auth = bridge.config?.server.auth
  const hasKeys = (auth?.apiKeys.length ?? 0) > 0
  const signsIn = way.signIn !== undefined && (auth === undefined || auth.oauth !== undefined)
  if (keyEnv === undefined && signsIn)
    return { by: 'sign_in', scopes: bridge.scopes, registers: registers(way, auth?.oauth) }
  if (keyEnv === undefined && !hasKeys) return { by: 'nothing' }
  if (way.apiKey === undefined)
    throw new UsageError(
      `${way.title} cannot send an API key: it signs people in. Set server.oauth, such as mode: embedded`,
    )
  return { by: 'key', variable: keyEnv ?? KEY_VARIABLE }
}

/** Whether the client gets an id by itself. */
function registers(client: McpClient, oauth: OAuthConfig | undefined): boolean {
  const { embedded } = oauth ?? {}
  if (embedded === undefined) return registersAt(oauth?.issuers[0]?.provider, client)
  const { title, signIn } = client
  const byDocument = embedded.clientMetadataDocuments && signIn?.metadataDocument !== undefined
  const byItself = embedded.registration.enabled && signIn?.registration.includes('dcr') === true
  if (byDocument || byItself) return true
  throw new UsageError(
    `${title} must register itself, which server.oauth.registration.enabled: false does not allow`,
  )
}

function refusedBy(oauth: OAuthConfig | undefined, { redirects }: SignIn): string[] {
  const allowed = oauth?.embedded?.registration.redirectHosts
  if (allowed === undefined) return []
  return redirects
    .map(({ uri }) => uri)
    .filter((uri) => {
      const host = redirectHost(uri)
      return host !== undefined && !allowed.includes(host)
    })
}
