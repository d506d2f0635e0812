import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import LibSql from 'libsql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { claimsOf, headerOf } from '../kit/authorization-server.ts'
import { connectHttp, run } from '../kit/mcp-client.ts'
import type { OAuthApplication } from '../kit/oauth-application.ts'
import { documentServer, OwnLoginBridge, REDIRECT } from '../kit/own-login.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

let sshd: Sshd
let documents: Awaited<ReturnType<typeof documentServer>>
let bridge: OwnLoginBridge

beforeAll(async () => {
  sshd = await startSshd()
  documents = await documentServer((id) => ({
    client_id: id,
    client_name: 'Described client',
    redirect_uris: ['http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    token_endpoint_auth_method: 'none',
    scope: 'something of its own',
  }))
  bridge = await OwnLoginBridge.start(sshd)
  const ca = join(bridge.home.directory, 'ca.pem')
  writeFileSync(ca, documents.ca)
  // Trusted by the program, as an operator would have it trust an authority of their own.
  await bridge.restartWith({ NODE_EXTRA_CA_CERTS: ca })
})

afterAll(async () => {
  await bridge?.close()
  await documents?.close()
  await sshd?.stop()
})

async function output(application: OAuthApplication, command = 'echo hello'): Promise<string> {
  const client = await connectHttp(bridge.mcp, application.kept?.access_token)
  try {
    return (await run(client, 'web-server', command)).output
  } finally {
    await client.close()
  }
}

function tokenForm(application: OAuthApplication, refresh_token?: string): Record<string, string> {
  return {
    grant_type: 'refresh_token',
    client_id: application.client?.client_id ?? '',
    refresh_token: refresh_token ?? application.kept?.refresh_token ?? '',
  }
}

function events(...types: string[]) {
  return bridge.home.auditRecords().filter(({ type }) => types.includes(type)) as unknown as Record<
    string,
    unknown
  >[]
}

const VERIFIER = 'v'.repeat(64)
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')

function authorizeUrl(clientId: string, changes: Record<string, string | undefined> = {}): string {
  const url = new URL(`${bridge.url}/oauth/authorize`)
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    scope: 'mcp:execute',
    resource: bridge.mcp,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  }
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}

async function newClient(): Promise<string> {
  const { body } = await bridge.register({ redirect_uris: [REDIRECT], token_endpoint_auth_method: 'none' })
  return body.client_id ?? ''
}

describe('the official client', () => {
  test('registers, has Alice sign in and allow it, and runs a first command as her', async () => {
    const application = await bridge.connect('alice')
    expect(await output(application)).toBe('hello\n')
    const token = application.kept?.access_token ?? ''
    expect(headerOf(token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' })
    expect(claimsOf(token)).toMatchObject({ iss: bridge.url, aud: bridge.mcp, email: 'alice@example.com' })
    const [started] = events('call.started')
    expect(started).toMatchObject({
      principal: { issuer: bridge.url, email: 'alice@example.com', client: application.client?.client_id },
    })
    const kinds = ['client.registered', 'sign_in.succeeded', 'consent.given', 'token.issued']
    expect(events(...kinds).map(({ type }) => type)).toEqual(kinds)
  })

  test('needs no registration with a document about itself, and its port of loopback is any', async () => {
    const redirectUrl = 'http://127.0.0.1:52345/callback'
    const application = await bridge.connect('bob', { redirectUrl, clientMetadataUrl: documents.id })
    expect(documents.asked()).toBeGreaterThan(0)
    expect(claimsOf(application.kept?.access_token ?? '')).toMatchObject({ client_id: documents.id })
    expect(await output(application)).toBe('hello\n')
    await bridge.refresh(application)
    expect(await output(application)).toBe('hello\n')
  })
})

describe('what was given lasts', () => {
  test('a refresh token and an access token work across a restart, and across kill -9', async () => {
    const application = await bridge.connect('alice')
    await bridge.stop()
    await bridge.start()
    expect(await output(application)).toBe('hello\n')
    await bridge.refresh(application)
    await bridge.stop('SIGKILL')
    await bridge.start()
    await bridge.refresh(application)
    expect(await output(application)).toBe('hello\n')
    expect(events('token.refreshed').length).toBeGreaterThanOrEqual(2)
  })

  test('a refresh token that comes a second time ends its family and no other', async () => {
    const [stolen, other] = [await bridge.connect('alice'), await bridge.connect('alice')]
    const before = tokenForm(stolen)
    await bridge.refresh(stolen)
    expect(await bridge.post('/oauth/token', before)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect(await bridge.post('/oauth/token', tokenForm(stolen))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect(events('token.reused').at(-1)).toMatchObject({
      what: 'refresh_token',
      client: stolen.client?.client_id,
    })
    await bridge.refresh(other)
    expect(await output(other)).toBe('hello\n')
  })

  test('of the same refresh token sent ten times at once, one is answered, and then the family ends', async () => {
    const application = await bridge.connect('alice')
    const form = tokenForm(application)
    const answers = await Promise.all(Array.from({ length: 10 }, () => bridge.post('/oauth/token', form)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const [given] = answers.filter(({ status }) => status === 200)
    const next = tokenForm(application, given?.body.refresh_token)
    expect(await bridge.post('/oauth/token', next)).toMatchObject({ status: 400 })
  })

  test('rotated keys end nothing: not the session, not the refresh token, not the access token', async () => {
    const application = await bridge.connect('alice')
    const { kid } = headerOf(application.kept?.access_token ?? '')
    const rotated = await bridge.command(['login', 'rotate', '--now', '--json'])
    expect(rotated).toMatchObject({ code: 0, err: expect.any(String) })
    const [made] = (JSON.parse(rotated.out) as { keys: { kid: string }[] }).keys
    await expect.poll(async () => (await publishedKeys()).includes(made?.kid ?? '')).toBe(true)
    expect(await publishedKeys()).toContain(kid)
    expect(await output(application)).toBe('hello\n')
    await bridge.refresh(application)
    expect(headerOf(application.kept?.access_token ?? '')).toMatchObject({ kid: made?.kid })
    expect(await output(application)).toBe('hello\n')
    await expect.poll(() => events('key.rotated').length).toBe(1)
  })

  test('revoked keys end access tokens, and nothing else', async () => {
    const application = await bridge.connect('alice')
    const old = application.kept?.access_token
    expect((await bridge.command(['login', 'rotate', '--revoke'])).code).toBe(0)
    await expect.poll(async () => (await ask(old)).status).toBe(401)
    await bridge.refresh(application)
    expect(await output(application)).toBe('hello\n')
  })

  test('an entry that somebody changed in the database is as good as none, and takes nothing else with it', async () => {
    const [forgotten, other] = [await newClient(), await bridge.connect('alice')]
    const database = new LibSql(join(bridge.home.directory, 'state', 'bridge.db'))
    database.exec('PRAGMA busy_timeout=5000')
    const tampered = await newClient()
    const flip = database.prepare(
      "UPDATE sealed SET box = CAST(substr(box, 1, 40) || x'00' || substr(box, 42) AS BLOB) WHERE rowid = (SELECT MAX(rowid) FROM sealed WHERE kind = 'client')",
    )
    expect(flip.run().changes).toBe(1)
    database.close()
    expect((await fetch(authorizeUrl(tampered), { redirect: 'manual' })).status).toBe(400)
    expect((await fetch(authorizeUrl(tampered), { redirect: 'manual' })).status).toBe(400)
    expect(bridge.product.stderr().match(/cannot be opened/g)).toHaveLength(1)
    expect((await fetch(authorizeUrl(forgotten), { redirect: 'manual' })).status).toBe(303)
    await bridge.refresh(other)
    expect((await bridge.command(['login', 'forget', forgotten])).code).toBe(0)
    expect((await fetch(authorizeUrl(forgotten), { redirect: 'manual' })).status).toBe(400)
    await expect.poll(() => events('client.forgotten')).toMatchObject([{ client: forgotten }])
  })
})

describe('nobody gets more than was given', () => {
  test('a code that comes a second time ends what came of the first', async () => {
    const clientId = await newClient()
    const answer = await bridge.signIn('alice', authorizeUrl(clientId))
    const form = {
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: REDIRECT,
      code: answer.searchParams.get('code') ?? '',
      code_verifier: VERIFIER,
    }
    const first = await bridge.post('/oauth/token', form)
    expect(first.status).toBe(200)
    expect(await bridge.post('/oauth/token', form)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    const next = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token: first.body.refresh_token ?? '',
    }
    expect(await bridge.post('/oauth/token', next)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect(events('token.reused').at(-1)).toMatchObject({ what: 'code', client: clientId })
  })

  test.each([
    ['no code challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['a plain code challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['an implicit answer', { response_type: 'token' }, 'unsupported_response_type'],
    ['the resource of another server', { resource: 'https://other.example.com/mcp' }, 'invalid_target'],
    ['a path of this server that is no resource', { resource: 'PATH' }, 'invalid_target'],
  ] as [string, Record<string, string | undefined>, string][])(
    'a request with %s is refused, and the client told',
    async (_case, changes, error) => {
      const resource = changes.resource === 'PATH' ? `${bridge.url}/api/v1` : changes.resource
      const url = authorizeUrl(await newClient(), { ...changes, ...(resource !== undefined && { resource }) })
      const response = await fetch(url, { redirect: 'manual' })
      const location = new URL(response.headers.get('location') ?? '', bridge.url)
      const answer = new URLSearchParams(location.search || location.hash.slice(1))
      expect([location.origin, answer.get('error'), answer.get('iss')]).toEqual([
        new URL(REDIRECT).origin,
        error,
        bridge.url,
      ])
    },
  )

  test.each(['', '/', '/mcp'])('the resource may be this server with %j behind it', async (path) => {
    const answer = await fetch(authorizeUrl(await newClient(), { resource: `${bridge.url}${path}` }), {
      redirect: 'manual',
    })
    expect(answer.headers.get('location')).toContain('/oauth/sign-in/')
  })

  test('Bob cannot give what he may not, and what he may give is narrowed to that', async () => {
    const clientId = await newClient()
    const refused = await bridge.signIn('bob', authorizeUrl(clientId, { scope: 'mcp:admin' }))
    expect(refused.searchParams.get('error')).toBe('access_denied')
    expect(events('consent.denied').at(-1)).toMatchObject({ scopes: ['mcp:admin'] })
    const answer = await bridge.signIn('bob', authorizeUrl(clientId, { scope: 'mcp:execute mcp:admin' }))
    const { body } = await bridge.post('/oauth/token', {
      grant_type: 'authorization_code',
      client_id: clientId,
      redirect_uri: REDIRECT,
      code: answer.searchParams.get('code') ?? '',
      code_verifier: VERIFIER,
    })
    expect(claimsOf(body.access_token ?? '')).toMatchObject({ scope: 'mcp:execute' })
  })

  test('a client that was given back its tokens has none', async () => {
    const application = await bridge.connect('alice')
    const { client_id, refresh_token } = tokenForm(application)
    expect(
      (await bridge.post('/oauth/revoke', { client_id: client_id ?? '', token: refresh_token ?? '' })).status,
    ).toBe(200)
    expect(await bridge.post('/oauth/token', tokenForm(application))).toMatchObject({ status: 400 })
    expect(events('token.revoked').at(-1)).toMatchObject({ client: client_id })
  })

  test('who is disabled is refused at the next request, and what runs for them ends', async () => {
    const application = await bridge.connect('bob')
    const client = await connectHttp(bridge.mcp, application.kept?.access_token)
    const running = run(client, 'web-server', 'sleep 600; echo over', { wait_seconds: 40 }).catch(String)
    await expect
      .poll(() => events('call.started').some(({ command }) => String(command).includes('sleep 600')), {
        timeout: 10_000,
      })
      .toBe(true)
    expect((await bridge.command(['users', 'disable', 'bob'])).code).toBe(0)
    try {
      expect(await running).toMatchObject({ outcome: 'cancelled', output: '' })
      expect((await ask(application.kept?.access_token)).status).toBe(401)
      expect(await bridge.post('/oauth/token', tokenForm(application))).toMatchObject({ status: 400 })
      await expect.poll(() => events('auth.denied').at(-1)).toMatchObject({ reason: 'person_removed' })
    } finally {
      await bridge.command(['users', 'enable', 'bob'])
      await client.close().catch(() => undefined)
    }
  })
})

test('what it says of itself is the same wherever a client looks, for a page of any origin', async () => {
  const places = ['oauth-authorization-server', 'openid-configuration'].flatMap((name) => [
    `/.well-known/${name}`,
    `/.well-known/${name}/mcp`,
    `/mcp/.well-known/${name}`,
  ])
  const documents = await Promise.all(
    places.map(async (path) => {
      const response = await fetch(`${bridge.url}${path}`, {
        headers: { origin: 'https://inspector.example.com' },
      })
      expect([path, response.status, response.headers.get('access-control-allow-origin')]).toEqual([
        path,
        200,
        '*',
      ])
      return response.json()
    }),
  )
  for (const document of documents) expect(document).toEqual(documents[0])
  expect(documents[0]).toMatchObject({
    issuer: bridge.url,
    authorization_endpoint: `${bridge.url}/oauth/authorize`,
    token_endpoint: `${bridge.url}/oauth/token`,
    registration_endpoint: `${bridge.url}/oauth/register`,
    revocation_endpoint: `${bridge.url}/oauth/revoke`,
    jwks_uri: `${bridge.url}/oauth/jwks`,
    code_challenge_methods_supported: ['S256'],
    response_types_supported: ['code'],
    authorization_response_iss_parameter_supported: true,
    client_id_metadata_document_supported: true,
    token_endpoint_auth_methods_supported: expect.arrayContaining(['none']),
    scopes_supported: expect.arrayContaining(['mcp:execute', 'mcp:admin', 'offline_access']),
  })
  expect(JSON.stringify(documents[0])).not.toMatch(/implicit|password|device|mcp:operate|mcp:approve/)
  const resource = await (await fetch(`${bridge.url}/.well-known/oauth-protected-resource/mcp`)).json()
  expect(resource).toMatchObject({ authorization_servers: [bridge.url], resource: bridge.mcp })
  expect(JSON.stringify(resource)).not.toContain('offline_access')
})

test('a page of this machine may ask for tokens by script, and a page from elsewhere is not heard', async () => {
  const ask = async (path: string, origin: string, method: string) => {
    const response = await fetch(`${bridge.url}${path}`, {
      method,
      headers: {
        origin,
        ...(method === 'OPTIONS' && {
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type',
        }),
      },
      ...(method === 'POST' && { body: new URLSearchParams({ grant_type: 'refresh_token' }) }),
    })
    return [response.status, response.headers.get('access-control-allow-origin')]
  }
  const inspector = 'http://localhost:6274'
  expect(await ask('/oauth/register', inspector, 'OPTIONS')).toEqual([204, inspector])
  expect(await ask('/oauth/token', inspector, 'POST')).toEqual([400, inspector])
  expect(await ask('/oauth/token', 'https://evil.example.com', 'POST')).toEqual([403, null])
  expect(await ask('/mcp', inspector, 'POST')).toEqual([403, null])
})

test('a form longer than any is refused unread', async () => {
  const { status } = await bridge.post('/oauth/token', { grant_type: 'x'.repeat(20_000) })
  expect(status).toBe(413)
})

// Last: it uses up what this address may register.
test('an answer goes only where the operator lets it go, and the 31st registration of an hour has to wait', async () => {
  for (const uri of [
    'https://evil.example.com/callback',
    'http://bridge.example.com/',
    'evil://x',
    'https://chatgpt.com.evil.example.com/',
  ])
    expect(await bridge.register({ redirect_uris: [uri] })).toMatchObject({
      status: 400,
      body: { error: 'invalid_redirect_uri', error_description: expect.stringContaining('redirect_hosts') },
    })
  const allowed = [
    'https://chatgpt.com/connector/oauth/x',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    REDIRECT,
  ]
  await bridge.stop()
  await bridge.start()
  expect((await bridge.register({ redirect_uris: allowed })).status).toBe(201)
  const answers = await Promise.all(
    Array.from({ length: 29 }, () => bridge.register({ redirect_uris: [REDIRECT] })),
  )
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  const late = await bridge.register({ redirect_uris: [REDIRECT] })
  expect(late).toMatchObject({ status: 429, body: { error_description: expect.stringContaining('Wait ') } })
  expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(60)
  expect(events('login.throttled')).toMatchObject([{ what: 'registration' }])
})

async function publishedKeys(): Promise<string[]> {
  const { keys } = (await (await fetch(`${bridge.url}/oauth/jwks`)).json()) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid)
}

function ask(token: string | undefined): Promise<Response> {
  return fetch(`${bridge.url}/api/v1/hosts`, { headers: { authorization: `Bearer ${token}` } })
}
