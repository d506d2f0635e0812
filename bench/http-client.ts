import { Agent, request } from 'node:http'

const LEGACY = '2025-06-18'
const MODERN = '2026-07-28'

/** The least of an MCP client over Streamable HTTP, so that what is measured is the server. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 128 })
  readonly #url: URL
  readonly #token: string
  readonly #isModern: boolean
  #session: string | undefined
  #nextId = 1

  constructor(url: string, token: string, revision: 'legacy' | 'modern' = 'legacy') {
    this.#url = new URL(url)
    this.#token = token
    this.#isModern = revision === 'modern'
  }

  /** The handshake of the 2025 revisions; there is none in the newer one. */
  async open(): Promise<void> {
    if (this.#isModern) return
    const clientInfo = { name: 'bench', version: '1' }
    await this.#ask('initialize', { protocolVersion: LEGACY, capabilities: {}, clientInfo })
    await this.#post({ jsonrpc: '2.0', method: 'notifications/initialized' }, {})
  }

  async callTool(name: string, args: Record<string, unknown>): Promise<Record<string, unknown>> {
    const result = await this.#ask('tools/call', { name, arguments: args }, { 'mcp-name': name })
    if (result.isError) throw new Error(`${name}: ${JSON.stringify(result.content)}`)
    return result
  }

  close(): void {
    this.#agent.destroy()
  }

  async #ask(
    method: string,
    params: Record<string, unknown>,
    named: Record<string, string> = {},
  ): Promise<Record<string, unknown>> {
    const id = this.#nextId++
    const about = {
      'io.modelcontextprotocol/protocolVersion': MODERN,
      'io.modelcontextprotocol/clientCapabilities': {},
    }
    const message = {
      jsonrpc: '2.0',
      id,
      method,
      params: this.#isModern ? { ...params, _meta: about } : params,
    }
    const headers = this.#isModern ? { 'mcp-method': method, ...named } : {}
    const text = await this.#post(message, headers)
    const reply = readReply(text)
    if (reply.result === undefined) throw new Error(`${method}: ${text.slice(0, 300)}`)
    return reply.result
  }

  #post(message: object, headers: Record<string, string>): Promise<string> {
    const body = Buffer.from(JSON.stringify(message))
    return new Promise((resolve, reject) => {
      const asked = request(this.#url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          authorization: `Bearer ${this.#token}`,
          'content-type': 'application/json',
          'content-length': body.length,
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': this.#isModern ? MODERN : LEGACY,
          ...(this.#session !== undefined && { 'mcp-session-id': this.#session }),
          ...headers,
        },
      })
      asked.once('error', reject)
      asked.once('response', (response) => {
        const session = response.headers['mcp-session-id']
        if (typeof session === 'string') this.#session = session
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part
        })
        response.once('error', reject).once('end', () => {
          if ((response.statusCode ?? 500) < 300) resolve(text)
          else reject(new Error(`HTTP ${response.statusCode}: ${text.slice(0, 300)}`))
        })
      })
      asked.end(body)
    })
  }
}

/** The answer as JSON, or as the last event of a stream. */
function readReply(text: string): { readonly result?: Record<string, unknown> } {
  if (text.startsWith('{')) return JSON.parse(text)
  const events = text.split('\n').filter((line) => line.startsWith('data:'))
  return JSON.parse(events.at(-1)?.slice('data:'.length) || '{}')
}
