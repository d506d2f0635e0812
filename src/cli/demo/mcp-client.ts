/** MCP over Streamable HTTP, revision 2026-07-28, as a client writes it: one self-contained POST a call, no session. */
const REVISION = '2026-07-28'

export interface ToolAnswer {
  readonly status: number
  /** The parameters of `WWW-Authenticate: Bearer …`; empty without one. */
  readonly challenge: Readonly<Record<string, string>>
  /** Present when the tool was called. */
  readonly result?: ToolResult
  /** The whole body, for messages. */
  readonly body: string
}

export interface ToolResult {
  readonly isError?: boolean
  readonly content?: readonly { readonly type: string; readonly text?: string }[]
  readonly structuredContent?: Readonly<Record<string, unknown>>
}

/** Calls a tool. An HTTP refusal is an answer as well; rejects only when nobody answers. */
export async function callTool(
  endpoint: string,
  token: string | undefined,
  name: string,
  toolArguments: Readonly<Record<string, unknown>> = {},
): Promise<ToolAnswer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': REVISION,
      'mcp-method': 'tools/call',
      'mcp-name': name,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name,
        arguments: toolArguments,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': REVISION,
          'io.modelcontextprotocol/clientInfo': { name: 'demo-client', version: '1.0.0' },
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  })
  const body = await response.text()
  const challenge = challengeParameters(response.headers.get('www-authenticate') ?? '')
  const result = response.ok ? resultOf(body, response.headers.get('content-type') ?? '') : undefined
  return { status: response.status, challenge, body, ...(result && { result }) }
}

/** RFC 9110 §11.6.1, for one Bearer challenge: `name="value"` or `name=token`, separated by commas. */
export function challengeParameters(header: string): Record<string, string> {
  if (!/^Bearer(\s|$)/i.test(header)) return {}
  const pairs = header.matchAll(/([A-Za-z_]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)
  return Object.fromEntries([...pairs].map(([, name = '', quoted, plain = '']) => [name, quoted ?? plain]))
}

/** The answer comes as JSON or, where the server chose to stream, as the last message of an event stream. */
export function resultOf(body: string, contentType: string): ToolResult | undefined {
  const messages = contentType.startsWith('text/event-stream')
    ? body
        .split(/\r?\n\r?\n/)
        .map((event) => [...event.matchAll(/^data: ?(.*)$/gm)].map(([, line]) => line).join('\n'))
        .filter((data) => data !== '')
    : [body]
  const last = messages.at(-1)
  return last === undefined ? undefined : (JSON.parse(last) as { result?: ToolResult }).result
}
