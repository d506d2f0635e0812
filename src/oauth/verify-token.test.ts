import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCEPTED_TOKENS } from '../../test/kit/accepted-tokens.ts'
import { type FakeIssuer, SILENT, signToken } from '../../test/kit/fake-issuer.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { REFUSED_TOKENS } from '../../test/kit/refused-tokens.ts'
import { withRoom } from '../../test/kit/room.ts'
import { toLoopback } from '../../test/kit/to-loopback.ts'
import { CONFIGURED_AUDIENCE, TokenForge } from '../../test/kit/token-forge.ts'
import { principalKey } from '../domain/principal.ts'
import { KeySource } from './key-source.ts'
import { acceptedAudiences, ownResources } from './metadata.ts'
import type { IssuerSettings } from './settings.ts'
import { type TokenRules, verifyToken } from './verify-token.ts'

const RESOURCE = 'https://bridge.example.com'
const clock = new ManualClock()

let forge: TokenForge

beforeAll(async () => {
  forge = await TokenForge.start({ resource: RESOURCE, clock, marginS: 1 })
})

afterAll(() => forge.close())

function rulesFor(
  one: FakeIssuer = forge.issuer,
  changes: Partial<IssuerSettings> = {},
): Parameters<typeof verifyToken>[1] {
  const settings: IssuerSettings = {
    issuer: one.url,
    audience: [RESOURCE, CONFIGURED_AUDIENCE],
    jwksUri: one.jwksUri,
    provider: 'generic',
    claims: {},
    ...changes,
  }
  const rules: TokenRules = {
    settings,
    audiences: acceptedAudiences(settings.audience, ownResources(RESOURCE)),
    keys: new KeySource(settings, { clock, log: SILENT, fetch: toLoopback(clock) }),
    clock,
  }
  return new Map([[one.url, rules]])
}

describe('an access token is taken', () => {
  test.each(ACCEPTED_TOKENS)('%s', async (_, make) => {
    expect(await verifyToken(make(forge), rulesFor())).toMatchObject({
      kind: 'accepted',
      principal: { issuer: forge.issuer.url, method: 'oauth' },
    })
  })

  test('with the person, the scopes and the time at which it ends', async () => {
    expect(await verifyToken(forge.good(), rulesFor())).toEqual({
      kind: 'accepted',
      expiresAt: new Date((forge.nowS + 300) * 1000),
      principal: {
        issuer: forge.issuer.url,
        subject: 'user-1',
        method: 'oauth',
        groups: [],
        roles: [],
        scopes: new Set(['mcp:execute']),
      },
    })
  })
})

describe('a token is refused as invalid_token, with the reason for the audit', () => {
  test.each(REFUSED_TOKENS)('%s: %s', async (_, reason, make) => {
    expect(await verifyToken(make(forge), rulesFor())).toEqual({
      kind: 'refused',
      code: 'unauthenticated',
      error: 'invalid_token',
      reason,
      description: expect.stringMatching(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{10,160}$/),
    })
  })

  test('and addresses of keys inside it are never asked', async () => {
    for (const name of ['jku', 'x5u'])
      await verifyToken(
        signToken(forge.claims(), forge.foreignKey, { [name]: forge.foreign.jwksUri }),
        rulesFor(),
      )
    expect(forge.foreign.requests).toEqual([])
  })

  test('before any key is fetched, when its form or its claims are wrong', async () => {
    const before = forge.issuer.fetches
    const rules = rulesFor()
    for (const token of [
      forge.unsigned('none'),
      forge.having({ exp: 1 }),
      forge.having({ iss: 'x' }),
      forge.having({ aud: 'x' }),
    ])
      await verifyToken(token, rules)
    expect(forge.issuer.fetches).toBe(before)
  })
})

describe('where the configuration asks for more', () => {
  const answer = async (settings: Partial<IssuerSettings>, changes: Record<string, unknown>) => {
    const answer = await verifyToken(forge.having(changes), rulesFor(forge.issuer, settings))
    return answer.kind === 'refused' ? answer.reason : answer.kind
  }
  const hour = { maxLifetimeMs: 3_600_000 }

  test.each<[string, string, Partial<IssuerSettings>, (nowS: number) => Record<string, unknown>]>([
    ['exactly the longest lifetime', 'accepted', hour, (nowS) => ({ iat: nowS, exp: nowS + 3_600 })],
    ['a second more', 'lifetime_too_long', hour, (nowS) => ({ iat: nowS, exp: nowS + 3_601 })],
    ['a long one that is almost over', 'lifetime_too_long', hour, (nowS) => ({ iat: 1, exp: nowS + 1 })],
    ['no time of issue', 'no_issue_time', hour, () => ({ iat: undefined })],
    ['the client', 'accepted', { allowedClients: ['c-1'] }, () => ({ azp: 'c-1' })],
    ['another client', 'client_not_allowed', { allowedClients: ['c-1'] }, () => ({ azp: 'c-2' })],
    ['another tenant', 'tenant_not_allowed', { allowedTenants: ['t'] }, () => ({ tid: 'u' })],
    ['Keycloak, no audience', 'no_audience_mapper', { provider: 'keycloak' }, () => ({ aud: undefined })],
    ['Keycloak, its own', 'no_audience_mapper', { provider: 'keycloak' }, () => ({ aud: 'account' })],
    [
      'Keycloak, its own in a list',
      'no_audience_mapper',
      { provider: 'keycloak' },
      () => ({ aud: ['account'] }),
    ],
    ['Keycloak, mapped', 'accepted', { provider: 'keycloak' }, () => ({ aud: ['account', RESOURCE] })],
    ['Keycloak, for another', 'wrong_audience', { provider: 'keycloak' }, () => ({ aud: ['account', 'x'] })],
  ])('%s: %s', async (_, expected, settings, changes) => {
    expect(await answer(settings, changes(forge.nowS))).toBe(expected)
  })
})

test('the same subject from two issuers is two principals', async () => {
  const here = await verifyToken(forge.good(), rulesFor())
  const there = await verifyToken(
    signToken(forge.claims({ iss: forge.foreign.url }), forge.foreignKey),
    rulesFor(forge.foreign),
  )
  if (here.kind !== 'accepted' || there.kind !== 'accepted') throw new Error('both are good')
  expect(here.principal.subject).toBe(there.principal.subject)
  expect(principalKey(here.principal)).not.toBe(principalKey(there.principal))
})

test('a token is verified within 2 ms, every time anew', async () => {
  const rules = rulesFor()
  const token = forge.good({ typ: 'at+jwt' })
  for (let warm = 0; warm < 50; warm++) await verifyToken(token, rules)
  const started = process.hrtime.bigint()
  for (let round = 0; round < 200; round++) await verifyToken(token, rules)
  const eachMs = Number(process.hrtime.bigint() - started) / 1e6 / 200
  expect(eachMs).toBeLessThan(withRoom(2))
})
