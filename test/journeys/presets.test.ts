import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { REFUSALS } from '../../src/oauth/refusals.ts'
import { type Door, headerOf, openDoor } from '../kit/door.ts'
import { challengeOf, expectDenied, expectNowhere, expectRan } from '../kit/door-verdicts.ts'
import { CLIENT, RESOURCE, SHAPES, type ShapedProvider, startShapedProvider } from '../kit/shaped-provider.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

// Real authorization servers, whose tokens have the shape of those that people use, all trusted by one bridge.

type Shape = keyof typeof SHAPES
const PRESET = {
  auth0: 'auth0',
  entra_v2: 'entra',
  entra_v1: 'entra',
  okta: 'okta',
  keycloak: 'keycloak',
  standard: 'generic',
} as const satisfies Record<Shape, string>

let sshd: Sshd
let door: Door
const providers = new Map<string, ShapedProvider>()
let opaque: ShapedProvider

beforeAll(async () => {
  sshd = await startSshd()
  for (const [name, shape] of Object.entries(SHAPES)) providers.set(name, await startShapedProvider(shape))
  opaque = await startShapedProvider({ ...SHAPES.standard, path: '/opaque' }, 'opaque')
  const [first, ...others] = [...providers].map(
    ([name, { issuer }]) =>
      `issuer: "${issuer}", audience: "${RESOURCE}", provider: ${PRESET[name as Shape]}, allowed_clients: [${CLIENT}]`,
  )
  const introspection = `issuer: "${opaque.issuer}", audience: "${RESOURCE}", introspection: {client_id: bridge, client_secret: secret-of-the-client}`
  const issuers = [...others, introspection].map((one) => `{${one}}`).join(', ')
  door = await openDoor(sshd, `  oauth: {enabled: true, ${first}, issuers: [${issuers}]}`)
})

afterAll(async () => {
  await door?.close()
  for (const provider of [...providers.values(), opaque]) await provider?.close()
  await sshd?.stop()
})

function provider(name: Shape): ShapedProvider {
  const found = providers.get(name)
  if (found === undefined) throw new Error(`${name} was not started`)
  return found
}

const GUID = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'
const TENANT = '11111111-2222-3333-4444-555555555555'

describe('with a token of the shape of each provider', () => {
  test.each<[Shape, Record<string, string>]>([
    ['auth0', { subject: 'auth0|65f' }],
    ['entra_v2', { subject: `${TENANT}/${GUID}`, email: 'alice@example.com', name: 'Alice Example' }],
    ['entra_v1', { subject: `${TENANT}/${GUID}`, email: 'alice@example.com' }],
    ['okta', { subject: '00u1', email: 'alice@example.com' }],
    ['keycloak', { subject: 'f-1', email: 'alice@example.com', name: 'alice' }],
    ['standard', { subject: 'alice' }],
  ])('a person runs the command: %s', async (name, who) => {
    const { issuer, tokenOfPerson } = provider(name)
    const happening = await door.present(await tokenOfPerson('mcp:execute'))
    expectRan(happening)
    for (const { principal } of happening.records)
      expect(principal).toMatchObject({ issuer, method: 'oauth', client: CLIENT, ...who })
  })

  test.each<[Shape, string]>([
    ['auth0', `${CLIENT}@clients`],
    ['entra_v2', `${TENANT}/${GUID}`],
    ['entra_v1', `${TENANT}/${GUID}`],
    ['okta', CLIENT],
    ['keycloak', 'f-2'],
    ['standard', CLIENT],
  ])('a client runs it in its own name, by client credentials: %s', async (name, subject) => {
    const { issuer, tokenOfMachine } = provider(name)
    const happening = await door.present(await tokenOfMachine('mcp:execute'))
    expectRan(happening)
    for (const { principal } of happening.records)
      expect(principal).toMatchObject({ issuer, subject, name: CLIENT, client: CLIENT })
  })

  test.each<[string, Shape, keyof typeof REFUSALS, Record<string, unknown>]>([
    ['Keycloak without an Audience mapper', 'keycloak', 'no_audience_mapper', { aud: 'account' }],
    ['Keycloak, its own audience in a list', 'keycloak', 'no_audience_mapper', { aud: ['account'] }],
    ['Entra with more groups than fit', 'entra_v2', 'groups_overage', { _claim_names: { groups: 'src1' } }],
    ['Entra of another tenant', 'entra_v2', 'wrong_tenant', { tid: GUID }],
    ['an ID token of Okta', 'okta', 'id_token', { cid: undefined, scp: undefined }],
    ['another client', 'auth0', 'client_not_allowed', { azp: 'client-2' }],
  ])('it is refused, and the challenge says what to do: %s', async (_, name, reason, changes) => {
    const token = await provider(name).tokenOfPerson('mcp:execute', changes)
    const happening = await door.present(token)
    expect(happening.status).toBe(401)
    expect(headerOf(happening, 'www-authenticate')).toBe(challengeOf(door, reason))
    expectDenied(happening, reason)
    expectNowhere(door, happening, token)
  })

  test('permissions of Auth0 do not stand in for scopes that were not asked for', async () => {
    const { tokenOfPerson } = provider('auth0')
    const permissions = ['mcp:execute', 'mcp:admin']
    expect((await door.present(await tokenOfPerson('openid', { permissions }))).status).toBe(403)
    expectRan(await door.present(await tokenOfPerson('openid mcp:execute', { permissions })))
  })
})

describe('an opaque token of a real server', () => {
  test('runs the command, and is on record by what the server says of it', async () => {
    const token = await opaque.tokenOfPerson('mcp:execute')
    expect(token).not.toContain('.')
    const happening = await door.present(token)
    expectRan(happening)
    for (const { principal } of happening.records)
      expect(principal).toMatchObject({ issuer: opaque.issuer, subject: 'alice', client: CLIENT })
    expectNowhere(door, happening, token)
  })

  test('of a client alone is that client', async () => {
    const happening = await door.present(await opaque.tokenOfMachine('mcp:execute'))
    expectRan(happening)
    for (const { principal } of happening.records)
      expect(principal).toMatchObject({ subject: CLIENT, name: CLIENT })
  })

  test.each<[string, () => Promise<string>]>([
    [
      'one that was revoked',
      async () => {
        const token = await opaque.tokenOfPerson('mcp:execute')
        await opaque.revoke(token)
        return token
      },
    ],
    ['one that was never issued', async () => 'h4xSr0pAqU3h4xSr0pAqU3'],
  ])('is refused: %s', async (_, make) => {
    const token = await make()
    const happening = await door.present(token)
    expect(headerOf(happening, 'www-authenticate')).toBe(challengeOf(door, 'token_inactive'))
    expectDenied(happening, 'token_inactive')
    expectNowhere(door, happening, token)
  })

  test('without the scope gets 403', async () => {
    expect((await door.present(await opaque.tokenOfPerson('openid'))).status).toBe(403)
  })
})
