import { Client, SSEClientTransport } from '@modelcontextprotocol/client'
import { afterEach, describe, expect, test } from 'vitest'
import { callOf, INITIALIZE, type McpOverHttp, mcpOverHttp } from '../../test/kit/mcp-http.ts'

const servers: McpOverHttp[] = []
const clients: Client[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  for (const server of servers.splice(0)) await server.close()
})

async function serve(options: Parameters<typeof mcpOverHttp>[0] = {}): Promise<McpOverHttp> {
  const server = await mcpOverHttp(options)
  servers.push(server)
  return server
}

async function connect(server: McpOverHttp, token = 'user'): Promise<Client> {
  const requestInit = { headers: { authorization: `Bearer ${token}` } }
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(new SSEClientTransport(new URL('/sse', server.url), { requestInit }))
  clients.push(client)
  return client
}

/** Opens the stream by hand and reads where to post. */
async function openStream(server: McpOverHttp): Promise<{ postTo: string; stop: () => Promise<void> }> {
  const stop = new AbortController()
  const response = await fetch(`${server.url}/sse`, {
    headers: { authorization: 'Bearer user' },
    signal: stop.signal,
  })
  const reader = response.body?.getReader()
  const first = new TextDecoder().decode((await reader?.read())?.value)
  const postTo = /^event: endpoint\ndata: (\S+)\n\n$/.exec(first)?.[1] ?? ''
  return {
    postTo,
    stop: async () => {
      await reader?.cancel().catch(() => undefined)
      stop.abort()
    },
  }
}

const post = (server: McpOverHttp, path: string, body: unknown, token = 'user') =>
  fetch(server.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  })

describe('legacy HTTP+SSE', () => {
  test('lists the tools and runs a command, on record as coming by this door', async () => {
    const server = await serve()
    const client = await connect(server)
    expect((await client.listTools()).tools).toHaveLength(18)
    const result = await client.callTool(callOf('echo hello'))
    expect(result.structuredContent).toMatchObject({ stdout: 'hello\n' })
    expect(server.events[0]).toMatchObject({ call: { edge: 'mcp_sse', principal: { subject: 'u1' } } })
  })

  test('cancelling ends the command', async () => {
    const server = await serve()
    const client = await connect(server)
    const stop = new AbortController()
    const answer = expect(client.callTool(callOf('wait a'), { signal: stop.signal })).rejects.toThrow()
    await server.started('a')
    stop.abort('enough')
    await server.aborted('a')
    await answer
  })

  test('a stream that ends takes its commands with it', async () => {
    const server = await serve()
    const client = await connect(server)
    void client.callTool(callOf('wait a')).catch(() => undefined)
    await server.started('a')
    await client.close()
    await server.aborted('a')
    await expect.poll(() => server.edge.sessions()).toBe(0)
  })

  test('a missing scope is 403 with the challenge, and nothing runs', async () => {
    const server = await serve()
    const { postTo, stop } = await openStream(server)
    await post(server, postTo, INITIALIZE)
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: callOf('echo hi', 'db-server') }
    const response = await post(server, postTo, call)
    expect(response.status).toBe(403)
    expect(response.headers.get('www-authenticate')).toMatch(
      /insufficient_scope.*scope="mcp:execute mcp:admin"/,
    )
    expect(server.ran).toEqual([])
    const twin = { ...call, params: callOf('echo hi') }
    expect((await post(server, postTo, twin)).status).toBe(202)
    await expect.poll(() => server.ran).toEqual(['echo hi'])
    await stop()
  })

  test("another caller's message to a stream is answered as for one that never was", async () => {
    const server = await serve()
    const { postTo, stop } = await openStream(server)
    const answers = await Promise.all(
      [
        [postTo, 'other'],
        [postTo, 'user-elsewhere'],
        ['/messages?session_id=mcp_never', 'user'],
        ['/messages', 'user'],
      ].map(async ([path = '', token = '']) => {
        const response = await post(server, path, INITIALIZE, token)
        return [response.status, await response.text()]
      }),
    )
    expect(answers[0]?.[0]).toBe(404)
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect((await post(server, postTo, INITIALIZE)).status).toBe(202)
    await stop()
  })

  test('the id of a stream opens no door of Streamable HTTP', async () => {
    const server = await serve()
    const { postTo, stop } = await openStream(server)
    const id = postTo.split('=')[1] ?? ''
    const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' }
    expect((await server.post(list, { 'mcp-session-id': id })).status).toBe(404)
    await stop()
  })

  test('what is no message is refused, and the stream goes on', async () => {
    const server = await serve()
    const { postTo, stop } = await openStream(server)
    for (const body of ['{', '[]', '{"jsonrpc":"1.0"}', '42'])
      expect([body, (await post(server, postTo, body)).status]).toEqual([body, 400])
    expect((await post(server, postTo, INITIALIZE)).status).toBe(202)
    await stop()
  })

  test('streams count as sessions of their caller: the oldest without a running command makes room', async () => {
    const server = await serve({ config: { limits: { mcpSessionsPerPrincipal: 1 } } })
    const first = await openStream(server)
    const second = await openStream(server)
    expect((await post(server, first.postTo, INITIALIZE)).status).toBe(404)
    expect((await post(server, second.postTo, INITIALIZE)).status).toBe(202)
    expect(server.edge.sessions()).toBe(1)
    await first.stop()
    await second.stop()
  })

  test('a stream too many is refused while every other one of the caller runs a command', async () => {
    const server = await serve({ config: { limits: { mcpSessionsPerPrincipal: 1 } } })
    const { postTo, stop } = await openStream(server)
    await post(server, postTo, INITIALIZE)
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: callOf('wait a') }
    await post(server, postTo, call)
    await server.started('a')
    const refused = await server.ask('GET', {}, '/sse')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
    await stop()
  })

  test('is not there unless it is configured', async () => {
    const server = await serve({ config: { server: { enableLegacySse: false, auth: {} } } })
    expect((await server.ask('GET', {}, '/sse')).status).toBe(404)
  })
})
