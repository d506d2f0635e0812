import { createPublicKey, type JsonWebKey, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  ALICE,
  BOB,
  claimsOf,
  headerOf,
  REDIRECT_URI,
  startTestAuthorizationServer,
  type TestAuthorizationServer,
} from '../../test/kit/authorization-server.ts'
import { authorize, exchangeCode, fetchServerMetadata, registerClient } from '../cli/demo/oauth-client.ts'
import { consentPage } from './consent-page.ts'

const RESOURCE = 'https://bridge.example.com/mcp'
const MACHINE = { clientId: 'nightly', clientSecret: 'a-secret-of-the-nightly-job', scopes: ['mcp:execute'] }
const alice = { username: ALICE.username, password: ALICE.password, consent: 'allow' } as const
let server: TestAuthorizationServer

beforeAll(async () => {
  server = await startTestAuthorizationServer({ resource: RESOURCE, machineClients: [MACHINE] })
})
afterAll(() => server.close())

async function client() {
  const metadata = await fetchServerMetadata(server.issuer)
  return { metadata, registered: await registerClient(metadata, REDIRECT_URI) }
}

async function register(fields: Record<string, unknown>): Promise<Record<string, string>> {
  const response = await fetch(`${server.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: [REDIRECT_URI], ...fields }),
  })
  expect(response.status).toBe(201)
  return (await response.json()) as Record<string, string>
}

/** Where an authorization request leads: to the sign-in page, or back with an error. */
async function authorizationError(
  registration: Record<string, unknown>,
  parameters: Record<string, string>,
): Promise<string | null> {
  const { client_id = '' } = await register(registration)
  const url = new URL(`${server.issuer}/oauth/authorize`)
  const base = { response_type: 'code', client_id, redirect_uri: REDIRECT_URI }
  url.search = new URLSearchParams({
    ...base,
    scope: 'mcp:execute',
    resource: RESOURCE,
    ...parameters,
  }).toString()
  const response = await fetch(url, { redirect: 'manual' })
  return new URL(response.headers.get('location') ?? '', url).searchParams.get('error')
}

describe('the embedded authorization server', () => {
  test('says in its metadata what a client looks for before it trusts it', async () => {
    const metadata = await fetchServerMetadata(server.issuer)
    expect(metadata).toMatchObject({
      issuer: server.issuer,
      code_challenge_methods_supported: ['S256'],
      response_types_supported: ['code'],
      authorization_response_iss_parameter_supported: true,
    })
    expect(metadata).toHaveProperty('scopes_supported', expect.arrayContaining(['mcp:execute', 'mcp:admin']))
    const openid = await fetch(`${server.issuer}/.well-known/openid-configuration`)
    expect(await openid.json()).toMatchObject({
      issuer: server.issuer,
      jwks_uri: `${server.issuer}/oauth/jwks`,
    })
  })

  test('gives a signed access token that is bound to the resource and names the human', async () => {
    const token = await server.tokenFor(ALICE, { scopes: ['mcp:execute', 'mcp:admin'] })
    expect(headerOf(token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt', kid: expect.any(String) })
    expect(claimsOf(token)).toMatchObject({
      iss: server.issuer,
      aud: RESOURCE,
      sub: 'alice',
      scope: 'mcp:execute mcp:admin',
      email: 'alice@example.com',
      name: 'Alice Example',
      client_id: expect.any(String),
      jti: expect.any(String),
    })

    const keys = (await (await fetch(`${server.issuer}/oauth/jwks`)).json()) as {
      keys: (JsonWebKey & { kid: string })[]
    }
    const key = keys.keys.find(({ kid }) => kid === headerOf(token).kid)
    const [header, payload, signature = ''] = token.split('.')
    const signed = Buffer.from(`${header}.${payload}`)
    const publicKey = createPublicKey({ key: key ?? {}, format: 'jwk' })
    expect(verify('RSA-SHA256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(key).not.toHaveProperty('d')
  })

  test('binds the token to the resource also when the client ends its address in a slash', async () => {
    expect(claimsOf(await server.tokenFor(ALICE, { resource: `${RESOURCE}/` })).aud).toBe(RESOURCE)
  })

  test('gives a user no scope beyond what that user may give', async () => {
    const token = await server.tokenFor(BOB, { scopes: ['mcp:execute', 'mcp:admin'] })
    expect(claimsOf(token)).toMatchObject({ sub: 'bob', scope: 'mcp:execute' })
  })

  describe.each([
    ['a public client', { token_endpoint_auth_method: 'none' }],
    ['a client with a secret', { token_endpoint_auth_method: 'client_secret_basic' }],
  ])('to %s', (_client, registration) => {
    test.each([
      ['no code challenge', {}],
      ['a plain code challenge', { code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }],
      ['a code challenge of no named method', { code_challenge: 'a'.repeat(43) }],
    ])('refuses an authorization request with %s', async (_case, parameters) => {
      expect(await authorizationError(registration, parameters)).toBe('invalid_request')
    })

    test('shows the sign-in page when the code challenge is S256', async () => {
      const parameters = { code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' }
      expect(await authorizationError(registration, parameters)).toBeNull()
    })
  })

  test('refuses a code with another verifier than the one it was asked with', async () => {
    const { metadata, registered } = await client()
    const wanted = { scopes: ['mcp:execute'], resource: RESOURCE }
    const code = await authorize(metadata, registered, alice, wanted)
    const stolen = { ...code, verifier: 'b'.repeat(64) }
    await expect(exchangeCode(metadata, registered, stolen, RESOURCE)).rejects.toThrow('invalid_grant')
  })

  test('gives no token for a resource it does not know', async () => {
    await expect(server.tokenFor(ALICE, { resource: 'https://other.example.com/mcp' })).rejects.toThrow(
      'invalid_target',
    )
  })

  test('lets nobody in with a wrong password or an unknown name', async () => {
    await expect(server.tokenFor({ ...ALICE, password: 'wrong' })).rejects.toThrow('are not known here')
    for (const password of [ALICE.password, '']) {
      const mallory = { ...ALICE, username: 'mallory', password }
      await expect(server.tokenFor(mallory)).rejects.toThrow('are not known here')
    }
  })

  test('tells the client when the person says no', async () => {
    const { metadata, registered } = await client()
    const wanted = { scopes: ['mcp:execute'], resource: RESOURCE }
    await expect(authorize(metadata, registered, { ...alice, consent: 'deny' }, wanted)).rejects.toThrow(
      'access_denied',
    )
  })

  test('gives a machine client its scopes, and a registered client none without a user', async () => {
    const ask = async (id: string, secret: string) => {
      const response = await fetch(`${server.issuer}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          scope: 'mcp:execute',
          resource: RESOURCE,
        }),
      })
      return (await response.json()) as Record<string, string>
    }
    const { access_token = '' } = await ask(MACHINE.clientId, MACHINE.clientSecret)
    expect(claimsOf(access_token)).toMatchObject({
      sub: 'nightly',
      client_id: 'nightly',
      scope: 'mcp:execute',
    })

    const registered = await register({})
    const refused = await ask(registered.client_id ?? '', registered.client_secret ?? '')
    expect(refused).toMatchObject({ error: 'invalid_request' })
  })
})

test('what a client calls itself is shown as text', () => {
  const question = {
    username: 'alice',
    redirectUri: 'http://127.0.0.1/callback',
    resource: RESOURCE,
    scopes: ['mcp:execute'],
  }
  expect(consentPage({ ...question, clientName: 'Inspector' })).toContain('<strong>Inspector</strong>')
  const hostile = consentPage({ ...question, clientName: '<script>alert(1)</script>' })
  expect(hostile).toContain('&lt;script&gt;')
  expect(hostile).not.toContain('<script>')
})

test('a page on this machine may read the answers, a page from elsewhere may not', async () => {
  const ask = async (origin: string) => {
    const { client_id = '' } = await register({ token_endpoint_auth_method: 'none' })
    const body = new URLSearchParams({ grant_type: 'authorization_code', client_id, code: 'none' })
    const response = await fetch(`${server.issuer}/oauth/token`, {
      method: 'POST',
      headers: { origin },
      body,
    })
    return response.headers.get('access-control-allow-origin')
  }
  expect(await ask('http://localhost:6274')).toBe('http://localhost:6274')
  expect(await ask('https://evil.example.com')).toBeNull()
})

test('a form longer than any sign-in is not read to its end', async () => {
  const { metadata, registered } = await client()
  const url = new URL(metadata.authorization_endpoint)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: registered.clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'mcp:execute',
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
  }).toString()
  const started = await fetch(url, { redirect: 'manual' })
  const page = new URL(started.headers.get('location') ?? '', url)
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  const post = async (password: string) => {
    const body = new URLSearchParams({ action: 'login', username: 'alice', password })
    return (await fetch(page, { method: 'POST', headers: { cookie }, body, redirect: 'manual' })).status
  }
  expect(await post('a'.repeat(20_000))).toBe(413)
  expect(await post(ALICE.password)).toBe(303)
})

test('a sign-in page without the cookie of the browser that began is not answered', async () => {
  const response = await fetch(`${server.issuer}/oauth/sign-in/unknown`, { method: 'POST' })
  expect(response.status).toBe(400)
  expect(await response.text()).toContain('has expired')
})

test('a token of negative lifetime has expired when it is given', async () => {
  const short = await startTestAuthorizationServer({ resource: RESOURCE, accessTokenSeconds: -120 })
  try {
    const { iat, exp } = claimsOf(await short.tokenFor(ALICE))
    expect(Number(exp)).toBe(Number(iat) - 120)
  } finally {
    await short.close()
  }
})

test('starting it writes nothing to the console', async () => {
  const { spawnSync } = await import('node:child_process')
  const script = `
    const { startAuthorizationServer } = await import('./src/authserver/embedded.ts')
    const server = await startAuthorizationServer({ resource: 'https://a.example.com', scopes: ['mcp:execute'], users: [] })
    await fetch(server.issuer + '/.well-known/openid-configuration')
    await server.close()`
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    external: ['oidc-provider'],
  })
  const code = outputFiles[0]?.text ?? ''
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
  expect({ status: run.status, stdout: run.stdout, stderr: run.stderr }).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  })
})
