import { afterEach, describe, expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import {
  callOf,
  INITIALIZE,
  type McpOverHttp,
  mcpOverHttp,
  modern,
  PRINCIPALS,
} from '../../test/kit/mcp-http.ts'

const servers: McpOverHttp[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})

async function serve(options: Parameters<typeof mcpOverHttp>[0] = {}): Promise<McpOverHttp> {
  const server = await mcpOverHttp(options)
  servers.push(server)
  return server
}

async function initialize(
  server: McpOverHttp,
  token = 'user',
  protocolVersion = '2025-11-25',
): Promise<string> {
  const body = { ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion } }
  const response = await server.post(body, { authorization: `Bearer ${token}` })
  await response.text()
  expect(response.status).toBe(200)
  return response.headers.get('mcp-session-id') ?? ''
}

const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' }

describe.each([
  ['2026-07-28', { pin: '2026-07-28' }],
  ['2025-11-25', 'legacy' as const],
])('a client of revision %s', (_revision, mode) => {
  test('lists the tools, runs a command, and it is on record under its own name', async () => {
    const server = await serve()
    const client = await server.connect(mode)
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('execute_command')
    const result = await client.callTool(callOf('echo hello'))
    expect(result.structuredContent).toMatchObject({ stdout: 'hello\n', exit_status: 0 })
    expect(server.events.map(({ type }) => type)).toEqual([
      'call.received',
      'call.decided',
      'call.started',
      'call.finished',
    ])
    const [received] = server.events
    expect(received).toMatchObject({
      call: { edge: 'mcp_http', principal: { subject: 'u1' }, remoteAddress: '127.0.0.1' },
    })
  })

  test('that cancels a call ends the command', async () => {
    const server = await serve()
    const client = await server.connect(mode)
    const stop = new AbortController()
    const answer = expect(client.callTool(callOf('wait a'), { signal: stop.signal })).rejects.toThrow()
    await server.started('a')
    stop.abort('not needed any more')
    await server.aborted('a')
    await answer
    // The connection goes on.
    expect((await client.callTool(callOf('echo next'))).isError).toBeFalsy()
  })

  test('without a scope gets 403 with a challenge that names all scopes at once, and that is on record', async () => {
    const server = await serve()
    const client = await server.connect(mode)
    await expect(client.callTool(callOf('echo hi', 'db-server'))).rejects.toThrow()
    expect(server.ran).toEqual([])
    const decided = server.events.find(({ type }) => type === 'call.decided')
    expect(decided).toMatchObject({ decision: { reason: { missing: ['mcp:admin'] } } })

    const admin = await server.connect(mode, 'admin')
    expect((await admin.callTool(callOf('echo hi', 'db-server'))).isError).toBeFalsy()
  })

  test('hears at a shutdown what became of its command', async () => {
    const server = await serve()
    const client = await server.connect(mode)
    const answer = client.callTool(callOf('wait a'))
    await server.started('a')
    server.bridge.running.end('shutting_down')
    await server.edge.drain()
    await server.edge.close()
    expect((await answer).structuredContent).toMatchObject({
      outcome: 'cancelled',
      remote: { state: 'stopped' },
    })
  })

  test('is told about a long command while it runs', async () => {
    const clock = new ManualClock()
    const server = await serve({ clock })
    const client = await server.connect(mode)
    const stop = new AbortController()
    const told = new Promise<unknown>((resolve) => {
      client.callTool(callOf('wait a'), { signal: stop.signal, onprogress: resolve }).catch(() => undefined)
    })
    await server.started('a')
    await clock.advance(10_000)
    expect(await told).toMatchObject({ progress: 10, message: 'running for 10 s' })
    stop.abort()
    await server.aborted('a')
  })
})

describe('a client that goes away', () => {
  test('ends its command in the modern era', async () => {
    const server = await serve()
    const { body, headers } = modern('tools/call', callOf('wait a'))
    const gone = new AbortController()
    const answer = server.post(body, headers, gone.signal)
    await server.started('a')
    gone.abort()
    await expect(answer).rejects.toThrow()
    await server.aborted('a')
  })

  test('ends its command in the legacy era, where nobody could fetch the answer later', async () => {
    const server = await serve()
    const session = await initialize(server)
    const gone = new AbortController()
    const call = { jsonrpc: '2.0', id: 5, method: 'tools/call', params: callOf('wait a') }
    const answer = await server.post(call, { 'mcp-session-id': session }, gone.signal)
    await server.started('a')
    const reading = answer.text()
    gone.abort()
    await expect(reading).rejects.toThrow()
    await server.aborted('a')
  })
})

describe('the endpoint', () => {
  test('answers on the bare domain as on /mcp', async () => {
    const server = await serve()
    const { body, headers } = modern('tools/list')
    const root = await fetch(server.url, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: {
        ...headers,
        authorization: 'Bearer user',
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
    })
    expect(root.status).toBe(200)
    expect(JSON.stringify(await root.json())).toContain('execute_command')
  })

  test('answers GET and DELETE without a session at once with 405', async () => {
    const server = await serve()
    for (const method of ['GET', 'DELETE']) {
      const response = await server.ask(method, { accept: 'text/event-stream' })
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'POST'])
    }
    const session = await initialize(server)
    const modernGet = { 'mcp-protocol-version': '2026-07-28', 'mcp-session-id': session }
    expect((await server.ask('GET', modernGet)).status).toBe(405)
  })

  test('answers 401 to GET without a token', async () => {
    const server = await serve()
    const response = await fetch(`${server.url}/mcp`)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toContain('resource_metadata=')
  })

  test('says what is wrong with a body that is no JSON', async () => {
    const server = await serve()
    for (const body of ['', '{', 'nonsense']) {
      const response = await server.post(body)
      expect([response.status, ((await response.json()) as { error: object }).error]).toEqual([
        400,
        expect.objectContaining({ code: -32700 }),
      ])
    }
  })

  test('closes in the end though a host does not let go of a command', async () => {
    const clock = new ManualClock()
    const server = await serve({ clock })
    const { body, headers } = modern('tools/call', callOf('hang a'))
    void server.post(body, headers).catch(() => undefined)
    await server.started('a')
    let isOver = false
    void server.edge.close().then(() => {
      isOver = true
    })
    await clock.advance(9_000)
    expect(isOver).toBe(false)
    await expect
      .poll(async () => {
        await clock.advance(10_000)
        return isOver
      })
      .toBe(true)
  })

  test('drains: waits for the calls that run', async () => {
    const clock = new ManualClock()
    const server = await serve({ clock })
    const { body, headers } = modern('tools/call', callOf('wait a'))
    const answer = server.post(body, headers)
    await server.started('a')
    let isDrained = false
    void server.edge.drain().then(() => {
      isDrained = true
    })
    await clock.advance(1_000)
    expect(isDrained).toBe(false)
    server.bridge.running.end('shutting_down')
    expect(await (await answer).text()).toContain('cancelled')
    await expect
      .poll(async () => {
        await clock.advance(50)
        return isDrained
      })
      .toBe(true)
  })

  test('refuses new requests once it closes, and ends and records what runs', async () => {
    const server = await serve()
    const { body, headers } = modern('tools/call', callOf('wait a'))
    const answer = server.post(body, headers).catch(() => undefined)
    await server.started('a')
    await server.edge.close()
    expect(server.events.at(-1)).toMatchObject({ type: 'call.finished', result: { status: 'cancelled' } })
    await answer
    const late = modern('tools/list')
    expect((await server.post(late.body, late.headers)).status).toBe(503)
  })
})

describe('a request of the modern era', () => {
  test('keeps nothing: a session id changes nothing', async () => {
    const server = await serve()
    const { body, headers } = modern('tools/list')
    const response = await server.post(body, { ...headers, 'mcp-session-id': 'mcp_unknown' })
    expect([response.status, response.headers.get('mcp-session-id')]).toEqual([200, null])
  })

  test('with a missing scope gets the whole challenge', async () => {
    const server = await serve()
    const { body, headers } = modern('tools/call', callOf('echo hi', 'db-server'))
    const response = await server.post(body, headers)
    const challenge = response.headers.get('www-authenticate') ?? ''
    expect(response.status).toBe(403)
    expect(challenge).toContain('error="insufficient_scope"')
    expect(challenge).toContain('scope="mcp:execute mcp:admin"')
    expect(challenge).toContain(`resource_metadata="${server.url}/.well-known/oauth-protected-resource/mcp"`)
  })

  test('of an unknown host is answered like one of a forbidden host', async () => {
    const server = await serve()
    const answers = await Promise.all(
      ['mail-server', 'db-server', 'web-server'].map(async (host) => {
        const { body, headers } = modern('tools/call', callOf('echo hi', host))
        const response = await server.post(body, { ...headers, authorization: 'Bearer scopeless' })
        return [response.status, response.headers.get('www-authenticate'), await response.text()]
      }),
    )
    expect(answers[0]?.[0]).toBe(403)
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
  })

  test('to listen is completed at once, for there is nothing to tell: no stream is held', async () => {
    const server = await serve()
    const { body, headers } = modern('subscriptions/listen', { notifications: { toolsListChanged: true } })
    const text = await (await server.post(body, headers)).text()
    expect(text).toContain('notifications/subscriptions/acknowledged')
    expect(text).toContain('"resultType":"complete"')
  })
})

describe('a session of the legacy era', () => {
  test("answers its own caller only: anyone else's request is answered as for one that never was", async () => {
    const server = await serve()
    const session = await initialize(server)
    const ask = async (id: string, token: string) => {
      const response = await server.post(LIST, { 'mcp-session-id': id, authorization: `Bearer ${token}` })
      return [response.status, await response.text()]
    }
    const never = await ask('mcp_never', 'user')
    expect(never[0]).toBe(404)
    expect(await ask(session, 'other')).toEqual(never)
    // The same person's other client negotiated for itself.
    expect(await ask(session, 'user-elsewhere')).toEqual(never)
    expect((await ask(session, 'user'))[0]).toBe(200)
  })

  test('takes the rights of each request, not of the one that opened it', async () => {
    const server = await serve()
    const session = await initialize(server, 'admin')
    const call = { jsonrpc: '2.0', id: 3, method: 'tools/call', params: callOf('echo hi', 'db-server') }
    const headers = { 'mcp-session-id': session, authorization: 'Bearer admin' }
    expect((await server.post(call, headers)).status).toBe(200)
    const { admin } = PRINCIPALS
    const held = admin?.scopes as Set<string>
    held.delete('mcp:admin')
    try {
      expect((await server.post(call, headers)).status).toBe(403)
    } finally {
      held.add('mcp:admin')
    }
  })

  test('ends with DELETE, and the commands it runs end with it', async () => {
    const server = await serve()
    const session = await initialize(server)
    const call = { jsonrpc: '2.0', id: 3, method: 'tools/call', params: callOf('wait a') }
    void server.post(call, { 'mcp-session-id': session })
    await server.started('a')
    expect(
      (await server.ask('DELETE', { 'mcp-session-id': session, authorization: 'Bearer other' })).status,
    ).toBe(404)
    expect(server.edge.sessions()).toBe(1)
    expect((await server.ask('DELETE', { 'mcp-session-id': session })).status).toBe(200)
    await server.aborted('a')
    expect((await server.post(LIST, { 'mcp-session-id': session })).status).toBe(404)
    expect(server.edge.sessions()).toBe(0)
  })

  test('makes room for a new one of the same caller when nothing runs in it', async () => {
    const server = await serve({ config: { limits: { mcpSessionsPerPrincipal: 2 } } })
    const first = await initialize(server)
    const second = await initialize(server)
    await (await server.post(LIST, { 'mcp-session-id': first })).text()
    await initialize(server)
    expect((await server.post(LIST, { 'mcp-session-id': second })).status).toBe(404)
    expect((await server.post(LIST, { 'mcp-session-id': first })).status).toBe(200)
  })

  test('is refused when all of the caller, or all there may be, are running commands', async () => {
    const server = await serve({ config: { limits: { mcpSessions: 2, mcpSessionsPerPrincipal: 1 } } })
    const busy = async (token: string, name: string) => {
      const session = await initialize(server, token)
      const call = { jsonrpc: '2.0', id: 3, method: 'tools/call', params: callOf(`wait ${name}`) }
      void server.post(call, { 'mcp-session-id': session, authorization: `Bearer ${token}` })
      await server.started(name)
    }
    await busy('user', 'a')
    const own = await server.post(INITIALIZE)
    expect([own.status, own.headers.get('retry-after')]).toEqual([429, '5'])
    await busy('other', 'b')
    const any = await server.post(INITIALIZE, { authorization: 'Bearer admin' })
    expect([any.status, any.headers.get('retry-after')]).toEqual([503, '5'])
  })

  test('ends when nobody uses it for the idle time, unless its client listens', async () => {
    const clock = new ManualClock()
    const server = await serve({ clock, config: { session: { idleTimeoutMs: 60_000 } } })
    await initialize(server)
    const listening = await initialize(server)
    const stream = await server.ask('GET', { accept: 'text/event-stream', 'mcp-session-id': listening })
    expect(stream.status).toBe(200)
    await clock.advance(30_000)
    expect(server.edge.sessions()).toBe(2)
    await clock.advance(30_000)
    expect(server.edge.sessions()).toBe(1)
    await stream.body?.cancel()
    // The server hears of it a moment later.
    await expect
      .poll(async () => {
        await clock.advance(30_000)
        return server.edge.sessions()
      })
      .toBe(0)
  })

  test('is needed: a request without one says how to get one', async () => {
    const server = await serve()
    const response = await server.post(LIST)
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('initialize')
  })

  test('knows batches in revision 2025-03-26 alone', async () => {
    const server = await serve()
    const batch = [LIST, { ...LIST, id: 3 }]
    const newer = await initialize(server)
    expect((await server.post(batch, { 'mcp-session-id': newer })).status).toBe(400)
    const old = await initialize(server, 'user', '2025-03-26')
    const answer = await server.post(batch, { 'mcp-session-id': old })
    expect(answer.status).toBe(200)
    expect((await answer.text()).match(/"id":[23]/g)).toHaveLength(2)
    expect((await server.post(batch)).status).toBe(400)
  })

  test('leaves nothing behind when initialize itself is refused', async () => {
    const server = await serve()
    const refused = await server.post(INITIALIZE, { accept: 'text/plain' })
    expect([refused.status, server.edge.sessions()]).toEqual([406, 0])
    await initialize(server)
    expect(server.edge.sessions()).toBe(1)
  })

  test('refuses a revision that does not exist', async () => {
    const server = await serve()
    const session = await initialize(server)
    const headers = { 'mcp-session-id': session, 'mcp-protocol-version': '1999-01-01' }
    expect((await server.post(LIST, headers)).status).toBe(400)
  })
})
