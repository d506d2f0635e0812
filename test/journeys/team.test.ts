import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ALICE,
  BOB,
  startTestAuthorizationServer,
  type TestAuthorizationServer,
} from '../kit/authorization-server.ts'
import { freePort } from '../kit/free-port.ts'
import { connectHttp, ERAS, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

let sshd: Sshd
let home: Home
let issuer: TestAuthorizationServer
let product: Product
let alice: string
let bob: string

beforeAll(async () => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  sshd = await startSshd()
  home = await makeHome()
  issuer = await startTestAuthorizationServer({ resource: [url, `${url}/mcp`] })
  home.configure(`
server:
  host: 127.0.0.1
  port: ${port}
  public_url: ${url}
  oauth: {enabled: true, issuer: "${issuer.issuer}", audience: "${url}"}
hosts:
${hostYaml('web-server', sshd, { execution_mode: 'shell' })}${hostYaml('vault', sshd, { required_scopes: '[mcp:execute, mcp:admin]' })}`)
  product = await startProduct(home, { port })
  alice = await issuer.tokenFor(ALICE, { scopes: ['mcp:execute', 'mcp:admin'] })
  bob = await issuer.tokenFor(BOB, { scopes: ['mcp:execute'] })
})

afterAll(async () => {
  await product?.stop()
  await issuer?.close()
  await sshd?.stop()
  await home?.remove()
})

describe.each(ERAS)('two people on one shell host (%s client)', (era) => {
  test('directory, variables, functions and aliases persist for each and never cross', async () => {
    const [a, b] = await Promise.all([
      connectHttp(`${product.url}/mcp`, alice, era),
      connectHttp(product.url, bob, era),
    ])
    await run(
      a,
      'web-server',
      "cd /usr/lib; NAME=alice; export SEEN=yes; greet() { echo hi from $NAME; }; alias who='echo alice'; umask 027",
    )
    await run(b, 'web-server', 'cd /tmp; NAME=bob')
    const [mine, theirs] = await Promise.all([
      run(a, 'web-server', 'pwd; greet; who; umask; sh -c "echo $SEEN"'),
      run(b, 'web-server', 'pwd; echo $NAME; greet; echo "[$SEEN]"'),
    ])
    expect(mine.stdout).toBe('/usr/lib\nhi from alice\nalice\n0027\nyes\n')
    expect(theirs).toMatchObject({ stdout: '/tmp\nbob\n[]\n', exit_status: 0 })
    expect(theirs.stderr).toContain('greet')
    await Promise.all([a.close(), b.close()])
  })

  test("one person's session handle means nothing to another", async () => {
    const [a, b] = await Promise.all([
      connectHttp(product.url, alice, era),
      connectHttp(product.url, bob, era),
    ])
    const opened = await a.callTool({
      name: 'open_session',
      arguments: { host: 'web-server', name: 'deploy' },
    })
    const { session } = opened.structuredContent as { session: string }
    await run(a, 'web-server', 'X=secret', { session })
    expect(await run(a, 'web-server', 'echo $X', { session })).toMatchObject({ stdout: 'secret\n' })
    const foreign = await b.callTool({
      name: 'execute_command',
      arguments: { host: 'web-server', command: 'echo $X', session },
    })
    const unknown = await b.callTool({
      name: 'execute_command',
      arguments: { host: 'web-server', command: 'echo $X', session: session.replace(/.{6}$/, 'AAAAAA') },
    })
    expect(foreign.isError).toBe(true)
    expect(JSON.stringify(foreign).replaceAll(session, '')).toBe(
      JSON.stringify(unknown).replaceAll(/ses_[\w-]+/g, ''),
    )
    await Promise.all([a.close(), b.close()])
  })
})

describe('a team behind an identity provider, with curl in hand', () => {
  test('the metadata document says where to sign in', async () => {
    for (const path of ['', '/mcp']) {
      const response = await fetch(`${product.url}/.well-known/oauth-protected-resource${path}`, {
        headers: { Origin: 'https://any.example.com' },
      })
      expect(response.status).toBe(200)
      expect(response.headers.get('access-control-allow-origin')).toBe('*')
      expect(await response.json()).toEqual({
        resource: product.url,
        authorization_servers: [issuer.issuer],
        scopes_supported: ['mcp:execute', 'mcp:admin'],
        bearer_methods_supported: ['header'],
      })
    }
  })

  test('without a token: 401 and the challenge that leads there', async () => {
    const response = await post('/mcp', undefined, { jsonrpc: '2.0', id: 1, method: 'tools/list' })
    expect(response.status).toBe(401)
    const challenge = response.headers.get('www-authenticate') ?? ''
    expect(challenge).toContain(`resource_metadata="${product.url}/.well-known/oauth-protected-resource/mcp"`)
    expect(challenge).toContain('scope="mcp:execute"')
    expect(challenge).not.toContain('error=')
  })

  test('a host that asks for more: 403 with every scope it needs, over MCP and REST, and nothing reaches the host', async () => {
    const seen = sshd.authenticationAttempts()
    const call = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'execute_command', arguments: { host: 'vault', command: 'id' } },
    }
    const session = await initialized(bob)
    const answers = [
      await post('/mcp', bob, call, { 'Mcp-Session-Id': session, 'MCP-Protocol-Version': '2025-06-18' }),
      await post('/api/v1/execute', bob, { host: 'vault', command: 'id' }),
    ]
    for (const response of answers) {
      expect(response.status).toBe(403)
      const challenge = response.headers.get('www-authenticate') ?? ''
      expect(challenge).toContain('error="insufficient_scope"')
      expect(challenge).toContain('scope="mcp:execute mcp:admin"')
    }
    expect(sshd.authenticationAttempts()).toBe(seen)
    const allowed = await post('/api/v1/execute', alice, { host: 'vault', command: 'echo in' })
    expect(await allowed.json()).toMatchObject({
      host: 'vault',
      command: 'echo in',
      output: 'in\n',
      success: true,
      exit_status: 0,
    })
  })

  test('REST does what the original did, and says no alike for unknown hosts', async () => {
    const authorization = { Authorization: `Bearer ${bob}` }
    const hosts = await fetch(`${product.url}/api/v1/hosts`, { headers: authorization })
    expect(await hosts.json()).toMatchObject({
      hosts: [
        { name: 'vault', may_run: false },
        { name: 'web-server', may_run: true },
      ],
    })
    const unknown = await post('/api/v1/execute', bob, { host: 'nowhere', command: 'id' })
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ error: { code: 'host_not_found' } })
    const health = await fetch(`${product.url}/health`)
    expect(await health.json()).toMatchObject({
      status: 'healthy',
      service: 'ssh-mcp-bridge',
      auth_enabled: true,
    })
  })

  test('the log line and every record name the person', async () => {
    await post('/api/v1/execute', alice, { host: 'web-server', command: 'uptime' })
    expect(product.stderr()).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d INFO User: alice@example\.com executed on web-server: uptime$/m,
    )
    const records = home.auditRecords().filter(({ command }) => command === 'uptime')
    expect(records.map(({ type }) => type)).toEqual([
      'call.received',
      'call.decided',
      'call.started',
      'call.finished',
    ])
    for (const { principal } of records)
      expect(principal).toMatchObject({ issuer: issuer.issuer, email: 'alice@example.com' })
  })
})

async function post(
  path: string,
  token: string | undefined,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  const authorization: Record<string, string> =
    token === undefined ? {} : { Authorization: `Bearer ${token}` }
  return fetch(`${product.url}${path}`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      ...authorization,
      ...headers,
    },
    body: JSON.stringify(body),
  })
}

async function initialized(token: string): Promise<string> {
  const clientInfo = { name: 'curl', version: '1' }
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }
  const response = await post('/mcp', token, { jsonrpc: '2.0', id: 0, method: 'initialize', params })
  await response.text()
  return response.headers.get('mcp-session-id') ?? ''
}
