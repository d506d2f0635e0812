import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { authorize, fetchServerMetadata, type ServerMetadata } from './oauth-client.ts'

const REDIRECT_URI = 'http://127.0.0.1/callback'
const person = { username: 'user', password: 'secret', consent: 'allow' } as const
const wanted = { scopes: ['mcp:execute'], resource: 'https://bridge.example.com' }
let server: Server
let issuer: string
/** What the server changes in an answer that would be right. */
let change: Record<string, string>

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer)
    if (pathname === '/.well-known/oauth-authorization-server') {
      response.end(JSON.stringify({ issuer, ...change }))
      return
    }
    const right = { code: 'the-code', iss: issuer, state: searchParams.get('state') ?? '' }
    response
      .writeHead(303, { location: `${REDIRECT_URI}?${new URLSearchParams({ ...right, ...change })}` })
      .end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
})
beforeEach(() => {
  change = {}
})

function signIn() {
  const metadata: ServerMetadata = {
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    registration_endpoint: `${issuer}/reg`,
    code_challenge_methods_supported: ['S256'],
  }
  return authorize(metadata, { clientId: 'demo', redirectUri: REDIRECT_URI }, person, wanted)
}

test('a code that comes with the right state and issuer is taken', async () => {
  expect(await signIn()).toEqual({ code: 'the-code', verifier: expect.stringMatching(/^[0-9a-f]{64}$/) })
})

test('a code of another issuer is not taken', async () => {
  change = { iss: 'https://other.example.com' }
  await expect(signIn()).rejects.toThrow('RFC 9207')
})

test('a code for another request is not taken', async () => {
  change = { state: 'of somebody else' }
  await expect(signIn()).rejects.toThrow('another state')
})

test('an error of the server is told in its own words', async () => {
  change = { error: 'access_denied', error_description: 'not today' }
  await expect(signIn()).rejects.toThrow('access_denied: not today')
})

test('metadata that names another issuer is not believed', async () => {
  expect((await fetchServerMetadata(issuer)).issuer).toBe(issuer)
  change = { issuer: 'https://other.example.com' }
  await expect(fetchServerMetadata(issuer)).rejects.toThrow('names the issuer https://other.example.com')
})
