import { describe, expect, test } from 'vitest'
import { mountEcho, operator, testHttpApp } from '../../test/kit/http-app.ts'
import { BridgeError } from '../domain/errors.ts'

const good = { Authorization: 'Bearer good' }

function post(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): RequestInit {
  return {
    method: 'POST',
    headers: { ...good, 'Content-Type': 'application/json', ...headers },
    body,
  }
}

function echoApp(changes: Parameters<typeof testHttpApp>[0] = {}) {
  const http = testHttpApp(changes)
  mountEcho(http.app)
  return http
}

async function codeOf(response: Response): Promise<string> {
  const { error } = (await response.json()) as { error: { code: string } }
  return error.code
}

describe('who asks', () => {
  test('a good token goes on to the edge', async () => {
    const { app } = echoApp()
    const response = await app.request('http://localhost/echo', post('{"a":1}'))
    expect([response.status, await response.json()]).toEqual([200, { got: { a: 1 }, by: 'u1' }])
  })

  test.each([
    ['nothing', {}, 401, 'unauthenticated', 'no_credentials'],
    ['a bad token', { Authorization: 'Bearer bad' }, 401, 'unauthenticated', 'token_expired'],
    [
      'a token of a throttled caller',
      { Authorization: 'Bearer throttled' },
      429,
      'rate_limited',
      'too_many_failures',
    ],
    [
      'a token while the keys are away',
      { Authorization: 'Bearer idp-down' },
      503,
      'auth_unavailable',
      'keys_unavailable',
    ],
  ])('%s is refused with its status and its event', async (_, headers, status, code, reason) => {
    const { app, events } = echoApp()
    const response = await app.request('http://localhost/echo', {
      headers: headers as Record<string, string>,
    })
    expect([response.status, await codeOf(response)]).toEqual([status, code])
    expect(events).toMatchObject([{ type: 'auth.denied', edge: 'rest', reason }])
  })

  test('without credentials the challenge has no error code, but the metadata and the least scope', async () => {
    const { app } = echoApp()
    const { headers } = await app.request('http://localhost/mcp', { method: 'POST' })
    expect(headers.get('WWW-Authenticate')).toBe(
      'Bearer resource_metadata="http://localhost/.well-known/oauth-protected-resource/mcp", scope="mcp:execute"',
    )
  })

  test('the challenge outside /mcp names the document of the root', async () => {
    const { app } = echoApp()
    const { headers } = await app.request('http://localhost/echo', {
      headers: { Authorization: 'Bearer bad' },
    })
    const challenge = headers.get('WWW-Authenticate')
    expect(challenge).toContain('resource_metadata="http://localhost/.well-known/oauth-protected-resource"')
    expect(challenge).toContain('error="invalid_token"')
  })

  test('the challenge without OAuth names no metadata', async () => {
    const { app } = echoApp({ oauth: () => undefined })
    const { headers } = await app.request('http://localhost/mcp', { method: 'POST' })
    expect(headers.get('WWW-Authenticate')).toBe('Bearer realm="ssh-mcp-bridge"')
  })

  test('a throttled caller is told when to come back, and is not sent to sign in again', async () => {
    const { headers } = await echoApp().app.request('http://localhost/echo', {
      headers: { Authorization: 'Bearer throttled' },
    })
    expect([headers.get('Retry-After'), headers.get('WWW-Authenticate')]).toEqual(['2', null])
  })

  test.each(['access_token=good', 'token=good', 'api_key=good'])(
    'a token in the query (%s) is as good as none, and is in no log',
    async (query) => {
      const { app, lines } = echoApp()
      const response = await app.request(`http://localhost/echo?${query}-canary-1f9d`)
      expect(response.status).toBe(401)
      expect(lines.join()).toContain('/echo')
      expect(lines.join()).not.toContain('canary-1f9d')
    },
  )

  test('a token in a cookie or a form is as good as none', async () => {
    const { app } = echoApp()
    const cookie = await app.request('http://localhost/echo', { headers: { Cookie: 'token=good' } })
    const form = await app.request('http://localhost/echo', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'access_token=good',
    })
    expect([cookie.status, form.status]).toEqual([401, 401])
  })

  test('a refusal stays a refusal when it cannot be written to the audit', async () => {
    const audit = { append: () => Promise.reject(new Error('disk full')), problem: () => 'disk full' }
    const { app, lines } = echoApp({ audit })
    expect((await app.request('http://localhost/echo')).status).toBe(401)
    expect(lines.join()).toContain('disk full')
  })

  test('an unknown path tells a stranger nothing', async () => {
    expect((await echoApp().app.request('http://localhost/nowhere')).status).toBe(401)
  })

  test('no token is in the log or the audit', async () => {
    const { app, lines, events } = echoApp()
    await app.request('http://localhost/echo', { headers: { Authorization: 'Bearer canary-77aa' } })
    expect(JSON.stringify([lines, events])).not.toContain('canary-77aa')
  })
})

describe('what is posted', () => {
  test.each([
    ['JSON', post('{"a":"ä€𝄞"}')],
    ['JSON with a charset', post('{}', { 'Content-Type': 'application/json; charset=utf-8' })],
    ['JSON with the type in capitals', post('{}', { 'Content-Type': 'Application/JSON' })],
    ['JSON that is not encoded', post('{}', { 'Content-Encoding': 'identity' })],
    ['a body of the longest length', post(JSON.stringify({ a: 'x'.repeat(10_000 - 8) }))],
  ])('%s is accepted', async (_, init) => {
    expect((await echoApp().app.request('http://localhost/echo', init)).status).toBe(200)
  })

  test('a body is not read for a caller that is not known', async () => {
    let pulled = 0
    const pull = () => {
      pulled += 1
    }
    const body = new ReadableStream({ pull }, { highWaterMark: 0 })
    const response = await echoApp().app.request('http://localhost/echo', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      duplex: 'half',
    })
    expect([response.status, pulled]).toEqual([401, 0])
  })
})

describe('pages of other origins', () => {
  const cors = {
    origins: ['https://chatgpt.com'],
    allowCredentials: false,
    allowMethods: ['*'],
    allowHeaders: ['*'],
  }
  const settings = { cors, publicUrl: 'https://ssh-mcp.example.com' }

  test.each([
    ['a listed page', 'https://chatgpt.com'],
    ['a page of the public address', 'https://ssh-mcp.example.com'],
    ['a page of the address that was asked', 'http://localhost'],
  ])('%s may call', async (_, origin) => {
    const response = await echoApp({ settings }).app.request('http://localhost/echo', {
      headers: { ...good, Origin: origin },
    })
    expect(response.status).toBe(200)
  })

  test('a listed page can read the answer and what it needs to sign in, also from a refusal', async () => {
    const { headers, status } = await echoApp({ settings }).app.request('http://localhost/mcp', {
      headers: { Origin: 'https://chatgpt.com' },
    })
    expect([status, headers.get('Access-Control-Allow-Origin')]).toEqual([401, 'https://chatgpt.com'])
    for (const name of ['WWW-Authenticate', 'Mcp-Session-Id', 'MCP-Protocol-Version'])
      expect(headers.get('Access-Control-Expose-Headers')).toContain(name)
    expect(headers.get('Vary')).toContain('Origin')
  })

  test('the preflight of a listed page names what it may send', async () => {
    const { headers, status } = await echoApp({ settings }).app.request('http://localhost/mcp', {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://chatgpt.com',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization, mcp-protocol-version, x-mine',
      },
    })
    expect(status).toBe(204)
    expect(headers.get('Access-Control-Allow-Origin')).toBe('https://chatgpt.com')
    expect(headers.get('Access-Control-Allow-Methods')).toContain('POST')
    expect(headers.get('Access-Control-Allow-Headers')).toBe('authorization, mcp-protocol-version, x-mine')
    expect(headers.get('Access-Control-Allow-Credentials')).toBeNull()
  })

  test('without a wildcard the preflight names the headers of MCP and the configured ones', async () => {
    const narrow = { ...cors, allowHeaders: ['X-Mine', 'authorization'], allowMethods: ['POST'] }
    const { headers } = await echoApp({ settings: { cors: narrow } }).app.request('http://localhost/mcp', {
      method: 'OPTIONS',
      headers: { Origin: 'https://chatgpt.com', 'Access-Control-Request-Headers': 'x-other' },
    })
    expect(headers.get('Access-Control-Allow-Headers')).toMatch(/^Authorization, .*Mcp-Session-Id.*, X-Mine$/)
    expect(headers.get('Access-Control-Allow-Methods')).toBe('POST')
  })

  test('the preflight of an unlisted page gets no CORS header', async () => {
    const { headers } = await echoApp({ settings }).app.request('http://localhost/mcp', {
      method: 'OPTIONS',
      headers: { Origin: 'https://evil.example.net', 'Access-Control-Request-Method': 'POST' },
    })
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('with credentials the origin is named; a wildcard never goes with them', async () => {
    const origin = 'https://chatgpt.com'
    const ask = async (origins: string[]) => {
      const settings = { cors: { ...cors, origins, allowCredentials: true } }
      const { headers } = await echoApp({ settings }).app.request('http://localhost/echo', {
        headers: { ...good, Origin: origin },
      })
      return [headers.get('Access-Control-Allow-Origin'), headers.get('Access-Control-Allow-Credentials')]
    }
    expect(await ask([origin])).toEqual([origin, 'true'])
    expect(await ask(['*'])).toEqual(['*', null])
  })

  test('a wildcard does not welcome a sandboxed page', async () => {
    const response = await echoApp({ settings: { cors: { ...cors, origins: ['*'] } } }).app.request(
      'http://localhost/echo',
      { headers: { ...good, Origin: 'null' } },
    )
    expect(response.status).toBe(403)
  })

  test('any page may read the metadata and ask beforehand, with no credentials', async () => {
    const { app } = echoApp({ settings })
    const path = 'http://localhost/.well-known/oauth-protected-resource/mcp'
    const headers = { Origin: 'https://client.example.net' }
    const document = await app.request(path, { headers })
    const preflight = await app.request(path, {
      method: 'OPTIONS',
      headers: { ...headers, 'Access-Control-Request-Headers': 'mcp-protocol-version' },
    })
    expect([document.status, document.headers.get('Access-Control-Allow-Origin')]).toEqual([200, '*'])
    expect(preflight.headers.get('Access-Control-Allow-Headers')).toContain('MCP-Protocol-Version')
    expect(preflight.headers.get('Access-Control-Allow-Credentials')).toBeNull()
  })
})

describe('what needs no token', () => {
  test('/health says that the process is alive and whether calls are authenticated', async () => {
    const response = await testHttpApp().app.request('http://localhost/health')
    expect(await response.json()).toEqual({
      status: 'healthy',
      service: 'ssh-mcp-bridge',
      version: '1.2.3',
      auth_enabled: true,
    })
  })

  test('/ready is 200, and 503 with the part that fails', async () => {
    const problems = [{ part: 'audit', problem: 'the audit log cannot be written' }]
    const ready = await testHttpApp().app.request('http://localhost/ready')
    const notReady = await testHttpApp({ notReady: () => problems }).app.request('http://localhost/ready')
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }])
    expect([notReady.status, await notReady.json()]).toEqual([503, { status: 'not_ready', problems }])
  })

  test('/ready tells operators more, and nobody else: neither who shows no token nor who holds another scope', async () => {
    const { app } = testHttpApp()
    const ready = async (token?: string) => {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
      const response = await app.request('http://localhost/ready', { headers })
      return [response.status, await response.json()]
    }
    expect(await ready('operator')).toEqual([200, { status: 'ready', detail: { instance: 'inst_1' } }])
    expect(await ready('good')).toEqual([200, { status: 'ready' }])
    expect(await ready()).toEqual([200, { status: 'ready' }])
    expect((await ready('bad'))[0]).toBe(401)
  })

  test('whoever a lock names sees no detail of /ready and no figures, and others go on to', async () => {
    const { app } = testHttpApp({ isLockedOut: ({ subject }) => subject === operator.subject })
    const asked = (path: string, token: string) =>
      app.request(`http://localhost${path}`, { headers: { Authorization: `Bearer ${token}` } })
    expect(await (await asked('/ready', 'operator')).json()).toEqual({ status: 'ready' })
    expect(await (await asked('/ready', 'both')).json()).toMatchObject({ detail: { instance: 'inst_1' } })
    const refused = await asked('/metrics', 'operator')
    expect([refused.status, await refused.json()]).toEqual([
      403,
      { error: expect.objectContaining({ code: 'locked' }) },
    ])
    expect((await asked('/metrics', 'both')).status).toBe(200)
  })

  test('the metadata describes the resource of its path by the public address', async () => {
    const settings = { publicUrl: 'https://other.example.com' }
    const { app } = testHttpApp({ settings })
    for (const [path, resource] of [
      ['', 'https://other.example.com'],
      ['/mcp', 'https://other.example.com/mcp'],
    ]) {
      const response = await app.request(`http://localhost/.well-known/oauth-protected-resource${path}`)
      expect(await response.json()).toEqual({
        resource,
        authorization_servers: ['https://idp.example.com/'],
        scopes_supported: ['mcp:execute'],
        bearer_methods_supported: ['header'],
      })
    }
  })

  test('there is no metadata without OAuth', async () => {
    const { app } = testHttpApp({ oauth: () => undefined })
    expect((await app.request('http://localhost/.well-known/oauth-protected-resource')).status).toBe(404)
  })

  test('/metrics needs one when it is not asked from this machine', async () => {
    const { app } = testHttpApp()
    const without = await app.request('http://localhost/metrics')
    const withToken = await app.request('http://localhost/metrics', { headers: good })
    expect([without.status, withToken.status, await withToken.text()]).toEqual([401, 200, 'bridge_up 1\n'])
  })
})

describe('answers', () => {
  test('to an unknown path are 404, to a wrong method 405 with what is allowed', async () => {
    const { app } = echoApp()
    const unknown = await app.request('http://localhost/nowhere', { headers: good })
    const wrong = await app.request('http://localhost/echo', { method: 'DELETE', headers: good })
    expect([unknown.status, await codeOf(unknown)]).toEqual([404, 'not_found'])
    expect([wrong.status, await codeOf(wrong)]).toEqual([405, 'method_not_allowed'])
    expect(wrong.headers.get('Allow')).toBe('GET, HEAD, POST')
  })

  test('carry an id, are not stored, sniffed or framed', async () => {
    const { headers } = await echoApp().app.request('http://localhost/health')
    expect(headers.get('X-Request-Id')).toMatch(/^req_[\w-]{22}$/)
    expect(headers.get('Cache-Control')).toBe('no-store')
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
  })

  test('to a defect say the id and nothing else; the log has the rest', async () => {
    const { app, lines } = testHttpApp()
    app.get('/boom', () => {
      throw new Error('secret detail 4711')
    })
    const response = await app.request('http://localhost/boom', { headers: good })
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).not.toMatch(/4711|app\.test\.ts|at /)
    const id = response.headers.get('X-Request-Id') ?? 'none'
    expect(text).toContain(id)
    expect(lines.find((line) => line.includes(id) && line.includes('4711'))).toBeDefined()
  })

  test('to a known error have its code, status and sentence', async () => {
    const { app } = testHttpApp()
    app.get('/busy', () => {
      throw new BridgeError('audit_unavailable', 'The audit log cannot be written.', {
        detail: 'ENOSPC /var',
      })
    })
    const response = await app.request('http://localhost/busy', { headers: good })
    expect(response.status).toBe(503)
    expect(await response.json()).toEqual({
      error: { code: 'audit_unavailable', message: 'The audit log cannot be written.', retry: true },
    })
  })

  test('that stream events tell nginx not to hold them back', async () => {
    const { app } = testHttpApp()
    app.get('/events', (c) => c.body('data: 1\n\n', 200, { 'Content-Type': 'text/event-stream' }))
    const { headers } = await app.request('http://localhost/events', { headers: good })
    expect(headers.get('X-Accel-Buffering')).toBe('no')
  })

  test('are logged by path, never by query', async () => {
    const { app, lines } = echoApp()
    await app.request('http://localhost/echo?secret=4711', { headers: good })
    expect(lines).toEqual([expect.stringMatching(/^GET \/echo 200 /)])
  })
})
