import { type Answered, outcomeOf, type Reply } from './ask.ts'
import type { Check } from './check.ts'
import { MODERN, modernRequest } from './client-way.ts'
import { ARRIVED } from './door-checks.ts'
import { failure, ok, type Said, warning } from './finding.ts'
import { INITIALIZE, type Look, MCP_HEADERS } from './look.ts'

/** The first calls of a client that has a token, in both generations of the protocol. Nothing is asked of a host. */
export const callChecks: readonly Check[] = [
  {
    id: 'calls-legacy',
    of: 'token',
    title: 'A client of 2025 gets through: `initialize`, `tools/list`',
    means:
      'The bridge, or what is in front of it, refuses the token or one of the first calls. A proxy that drops `Mcp-Session-Id` ends the second one.',
    mend: 'What the token checks say; let the proxy pass `Authorization`, `Mcp-Session-Id` and `MCP-Protocol-Version` on, in both directions.',
    needs: ARRIVED,
    run: async (_, look) => {
      const opened = await post(look, INITIALIZE, {})
      const first = refusalOf(opened, 'initialize', look)
      if (first !== undefined) return first
      const session = (opened as Answered).headers.get('mcp-session-id')
      if (session === null)
        return failure(
          'No Mcp-Session-Id comes back: the next request of a client of 2025 fails.',
          'Let the proxy pass the header on: take proxy_hide_header Mcp-Session-Id out (nginx).',
        )
      const headers = { 'Mcp-Session-Id': session, 'MCP-Protocol-Version': INITIALIZE.params.protocolVersion }
      await post(look, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers)
      const listed = await post(look, { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} }, headers)
      await look.ask(look.mcpUrl, { method: 'DELETE', headers: { ...authorized(look), ...headers } })
      return refusalOf(listed, 'tools/list', look) ?? ok(`${toolsIn(listed)} tools.`)
    },
  },
  {
    id: 'calls-modern',
    of: 'token',
    title: 'A client of 2026 gets through: `server/discover`, `tools/list`',
    means:
      'The bridge, or what is in front of it, refuses the token or one of the first calls. A proxy that drops the headers `Mcp-Method` and `MCP-Protocol-Version` makes them fail with 400.',
    mend: 'What the token checks say; let the proxy pass every `Mcp-*` header on.',
    needs: ARRIVED,
    run: async (_, look) => {
      for (const method of ['server/discover', 'tools/list']) {
        const headers = { 'MCP-Protocol-Version': MODERN, 'Mcp-Method': method }
        const reply = await post(look, modernRequest(method), headers)
        const refusal = refusalOf(reply, method, look)
        if (refusal !== undefined) return refusal
        if (method === 'tools/list') return ok(`${toolsIn(reply)} tools.`)
      }
      return []
    },
  },
  {
    id: 'streaming',
    of: 'token',
    title: 'Answers come as they are written',
    means:
      'A proxy keeps the beginning of an event stream until there is more of it: progress comes late, and clients take the server for dead.',
    mend: 'Switch buffering off in the proxy (nginx: `proxy_buffering off;`, and no `proxy_ignore_headers X-Accel-Buffering`).',
    needs: [...ARRIVED, 'calls-legacy'],
    run: async (_, look) => {
      const opened = await post(look, INITIALIZE, {})
      const session = opened.kind === 'answered' ? opened.headers.get('mcp-session-id') : null
      if (session === null) return []
      const headers = {
        ...authorized(look),
        'Mcp-Session-Id': session,
        'MCP-Protocol-Version': INITIALIZE.params.protocolVersion,
      }
      const stream = await look.beginning(look.mcpUrl, {
        headers: { ...headers, Accept: 'text/event-stream' },
      })
      await look.ask(look.mcpUrl, { method: 'DELETE', headers })
      if (stream !== 'silent') return ok('An event stream begins at once.')
      return warning(
        'An event stream does not begin within some seconds: something on the way keeps it back.',
        'Switch buffering off for /mcp: proxy_buffering off; and no proxy_ignore_headers X-Accel-Buffering (nginx).',
      )
    },
  },
]

function authorized(look: Look): { Authorization: string } {
  return { Authorization: `Bearer ${look.settings.token}` }
}

function post(look: Look, message: object, headers: Readonly<Record<string, string>>): Promise<Reply> {
  // An answer that is a stream is read up to its first event.
  return look.ask(look.mcpUrl, {
    method: 'POST',
    headers: { ...MCP_HEADERS, ...authorized(look), ...headers },
    body: JSON.stringify(message),
    until: (text) => /^data: ?\{.*\}\r?\n\r?\n/m.test(text),
  })
}

/** Undefined for a result. */
function refusalOf(reply: Reply, method: string, look: Look): Said[] | undefined {
  if (reply.kind === 'silent')
    return failure(`${method} is not answered.`, 'See the log of the bridge and of the proxy.', reply.message)
  if (reply.status < 300 && resultIn(reply) !== undefined) return undefined
  const said = reply.headers.get('www-authenticate')?.match(/error_description="([^"]*)"/)?.[1]
  if (reply.status === 401)
    return failure(
      `The bridge refuses the token${said === undefined ? ': it did not arrive' : ''}.`,
      said === undefined
        ? 'Let the proxy pass Authorization on: proxy_set_header Authorization $http_authorization; (nginx).'
        : look.settings.config === undefined
          ? 'See the findings about the token.'
          : 'See the findings about the token. If there are none, the running bridge has another configuration: restart it.',
      said ?? outcomeOf(reply),
    )
  return failure(
    `${method} is refused with HTTP ${reply.status}.`,
    reply.status === 400
      ? 'Let the proxy pass the headers of MCP on (MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id).'
      : 'See the log of the bridge: it names the request by its X-Request-Id.',
    reply.text.slice(0, 300),
  )
}

function resultIn({ json, text }: Answered): { readonly tools?: readonly unknown[] } | undefined {
  const event = /^data: ?(\{.*\})/m.exec(text)?.[1]
  const message: unknown = json ?? (event === undefined ? undefined : JSON.parse(event))
  return (message as { result?: { tools?: unknown[] } } | undefined)?.result
}

function toolsIn(reply: Reply): number {
  return reply.kind === 'answered' ? (resultIn(reply)?.tools?.length ?? 0) : 0
}
