import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { createAuthenticator } from '../../src/oauth/authenticator.ts'
import { ownResources } from '../../src/oauth/metadata.ts'
import {
  ALICE,
  BOB,
  startTestAuthorizationServer,
  type TestAuthorizationServer,
} from '../kit/authorization-server.ts'
import { SILENT } from '../kit/fake-issuer.ts'
import { toLoopback } from '../kit/to-loopback.ts'

const RESOURCE = 'http://127.0.0.1:8080'

let server: TestAuthorizationServer

beforeAll(async () => {
  server = await startTestAuthorizationServer({ resource: [RESOURCE, 'http://127.0.0.1:9999'] })
})

afterAll(() => server.close())

/** The bridge's door as a person configures it: the issuer and nothing else. */
function authenticate(token: string, resources: readonly string[] = ownResources(RESOURCE)) {
  const oauth = {
    issuers: [{ issuer: server.issuer, audience: [], provider: 'generic', claims: {} }],
    scopesSupported: ['mcp:execute', 'mcp:admin'],
  } as const
  const door = createAuthenticator({ oauth, apiKeys: [] }, resources, {
    clock: systemClock,
    log: SILENT,
    fetch: toLoopback(systemClock),
  })
  return door.authenticate({ authorization: [`Bearer ${token}`] })
}

test('who signs in at a real authorization server is let in with the scopes that were granted', async () => {
  const token = await server.tokenFor(ALICE, { scopes: ['mcp:execute', 'mcp:admin'] })
  expect(await authenticate(token)).toMatchObject({
    kind: 'accepted',
    expiresAt: expect.any(Date),
    principal: {
      issuer: server.issuer,
      method: 'oauth',
      clientId: expect.any(String),
      scopes: new Set(['mcp:execute', 'mcp:admin']),
    },
  })
})

test('two people are two principals, and one who may do less holds less', async () => {
  const [alice, bob] = [
    await authenticate(await server.tokenFor(ALICE)),
    await authenticate(await server.tokenFor(BOB)),
  ]
  if (alice.kind !== 'accepted' || bob.kind !== 'accepted') throw new Error('both signed in')
  expect(alice.principal.subject).not.toBe(bob.principal.subject)
  expect(bob.principal.scopes).toEqual(new Set(['mcp:execute']))
})

test('a token for another server of the same authorization server is refused', async () => {
  const token = await server.tokenFor(ALICE, { resource: 'http://127.0.0.1:9999' })
  expect(await authenticate(token)).toMatchObject({ kind: 'refused', reason: 'wrong_audience' })
  expect(await authenticate(token, ownResources('http://127.0.0.1:9999'))).toMatchObject({ kind: 'accepted' })
})

test('a token that was changed on the way is refused', async () => {
  const [header = '', payload = '', signature = ''] = (await server.tokenFor(BOB)).split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
  const more = Buffer.from(JSON.stringify({ ...claims, scope: 'mcp:execute mcp:admin' })).toString(
    'base64url',
  )
  expect(await authenticate(`${header}.${payload}.${signature}`)).toMatchObject({ kind: 'accepted' })
  expect(await authenticate(`${header}.${more}.${signature}`)).toMatchObject({ reason: 'bad_signature' })
})
