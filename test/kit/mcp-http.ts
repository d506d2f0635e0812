import {
  Client,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import type { Authenticator } from '../../src/domain/authentication.ts'
import type { Principal } from '../../src/domain/principal.ts'
import { type McpHttpEdge, mountMcp } from '../../src/mcp/http.ts'
import { listen, testHttpApp, user } from './http-app.ts'
import { type ScriptedBridge, type ScriptedOptions, scriptedBridge } from './scripted-bridge.ts'

/** Who the tokens of these tests stand for: `Bearer NAME`. */
export const PRINCIPALS: Readonly<Record<string, Principal>> = {
  user: { ...user, clientId: 'desktop' },
  'user-elsewhere': { ...user, clientId: 'phone' },
  admin: { ...user, subject: 'u3', scopes: new Set(['mcp:execute', 'mcp:admin']) },
  other: { ...user, subject: 'u4' },
  scopeless: { ...user, subject: 'u2', scopes: new Set() },
}

const byName: Authenticator = {
  async authenticate({ authorization: [value = ''] }) {
    const principal = PRINCIPALS[value.replace('Bearer ', '')]
    return principal
      ? { kind: 'accepted', principal }
      : { kind: 'refused', code: 'unauthenticated', reason: 'no_credentials', description: 'no token' }
  },
}

export interface McpOverHttp extends ScriptedBridge {
  readonly url: string
  readonly edge: McpHttpEdge
  /** An official client, connected. */
  connect(mode: VersionNegotiationMode, token?: string): Promise<Client>
  /** One POST as it is, as the user unless `authorization` says otherwise. */
  post(body: unknown, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>
  ask(method: string, headers?: Record<string, string>, path?: string): Promise<Response>
  close(): Promise<void>
}

/** The product's own HTTP app and MCP edge on loopback, over a bridge without SSH. */
export async function mcpOverHttp(options: ScriptedOptions = {}): Promise<McpOverHttp> {
  const scripted = scriptedBridge(options)
  const http = testHttpApp({ authenticator: byName, settings: { bodyBytes: 1_000_000 } })
  const edge = mountMcp(http.app, scripted.deps)
  const server = await listen(http)
  const clients: Client[] = []
  const ask = (method: string, headers: Record<string, string> = {}, path = '/mcp') =>
    fetch(server.url + path, { method, headers: { authorization: 'Bearer user', ...headers } })
  return Object.assign(scripted, {
    url: server.url,
    edge,
    async connect(mode: VersionNegotiationMode, token = 'user') {
      const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
      const requestInit = { headers: { authorization: `Bearer ${token}` } }
      await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', server.url), { requestInit }))
      clients.push(client)
      return client
    },
    post: (body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal) =>
      fetch(`${server.url}/mcp`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        headers: {
          authorization: 'Bearer user',
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
        ...(signal && { signal }),
      }),
    ask,
    async close() {
      await Promise.allSettled(clients.map((client) => client.close()))
      const closing = server.close(1_000)
      await edge.close()
      await closing
    },
  })
}

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
} as const

/** A request of revision 2026-07-28 and the headers that go with it. */
export function modern(
  method: string,
  params: Record<string, unknown> = {},
  revision = '2026-07-28',
): { body: Record<string, unknown>; headers: Record<string, string> } {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const named = typeof params.name === 'string' ? { 'mcp-name': params.name } : {}
  return {
    body: { jsonrpc: '2.0', id: 7, method, params: { ...params, _meta } },
    headers: { 'mcp-protocol-version': revision, 'mcp-method': method, ...named },
  }
}

export function callOf(command: string, host = 'web-server') {
  return { name: 'execute_command', arguments: { host, command } }
}
