import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { sha256 } from '../../test/kit/api-keys.ts'
import { FakeIssuer, SILENT } from '../../test/kit/fake-issuer.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { toLoopback } from '../../test/kit/to-loopback.ts'
import type { Authentication } from '../domain/authentication.ts'
import { createAuthenticator } from './authenticator.ts'
import type { ApiKeySettings, IssuerSettings } from './settings.ts'

const RESOURCE = 'https://bridge.example.com'

let issuer: FakeIssuer
let clock: ManualClock
/** What the issuer says of each token. */
let facts: Record<string, unknown>

beforeEach(async () => {
  issuer = await FakeIssuer.start()
  clock = new ManualClock()
  facts = {
    active: true,
    sub: 'user-1',
    client_id: 'client-1',
    aud: RESOURCE,
    scope: 'mcp:execute',
    exp: clock.now().getTime() / 1000 + 300,
  }
  issuer.introspect = () => ({ body: JSON.stringify(facts) })
})

afterEach(() => issuer.close())

function door(
  changes: Partial<{ [Key in keyof IssuerSettings]: IssuerSettings[Key] | undefined }> = {},
  apiKeys: readonly ApiKeySettings[] = [],
  log = SILENT,
): (token: string, address?: string) => Promise<Authentication> {
  const one = {
    issuer: issuer.url,
    audience: [],
    provider: 'generic',
    claims: {},
    introspection: { clientId: 'the bridge', clientSecret: 's3cret/+:' },
    ...changes,
  }
  const oauth = { issuers: [one as IssuerSettings], scopesSupported: ['mcp:execute'] }
  const around = { clock, log, fetch: toLoopback(clock) }
  const authenticator = createAuthenticator({ oauth, apiKeys }, [RESOURCE], around)
  return (token, remoteAddress = '192.0.2.10') =>
    authenticator.authenticate({ authorization: [`Bearer ${token}`], remoteAddress })
}

const asked = () => issuer.introspected.length

describe('a token that is no JWT is asked about', () => {
  test('at the endpoint of the metadata, as the client that the bridge is, in the form of RFC 6749 §2.3.1', async () => {
    expect(await door()('opaque-1')).toEqual({
      kind: 'accepted',
      expiresAt: new Date(Number(facts.exp) * 1000),
      principal: {
        issuer: issuer.url,
        subject: 'user-1',
        method: 'oauth',
        clientId: 'client-1',
        groups: [],
        roles: [],
        scopes: new Set(['mcp:execute']),
      },
    })
    const credentials = Buffer.from('the+bridge:s3cret%2F%2B%3A').toString('base64')
    expect(issuer.introspected).toEqual([{ token: 'opaque-1', authorization: `Basic ${credentials}` }])
  })

  test('at the configured endpoint, and the metadata is not asked', async () => {
    const introspection = { endpoint: issuer.introspectionEndpoint, clientId: 'a', clientSecret: 'b' }
    expect(await door({ introspection })('opaque-1')).toMatchObject({ kind: 'accepted' })
    expect(issuer.requests).toEqual(['/introspect'])
  })

  test('and is the client itself where no person is behind it', async () => {
    facts = { ...facts, sub: undefined }
    expect(await door()('opaque-1')).toMatchObject({ principal: { subject: 'client-1', isMachine: true } })
    facts = { ...facts, username: 'alice' }
    expect(await door()('opaque-2')).toMatchObject({ kind: 'refused', reason: 'bad_subject' })
  })

  test('a JWT never is', async () => {
    await door()('eyJhbGciOiJub25lIn0.e30.AA')
    expect(asked()).toBe(0)
  })
})

describe('what the issuer says is held to the rules of a JWT', () => {
  test.each<[string, string, Record<string, unknown>, Partial<IssuerSettings>]>([
    ['a token that is not active any more', 'token_inactive', { active: false }, {}],
    ['another issuer', 'wrong_issuer', { iss: 'https://evil.example.com' }, {}],
    ['a list of issuers', 'wrong_issuer', { iss: [] }, {}],
    ['no audience', 'no_audience', { aud: undefined }, {}],
    ['another audience', 'wrong_audience', { aud: 'https://other.example.com' }, {}],
    ['no expiry', 'no_expiry', { exp: undefined }, {}],
    ['an expiry as text', 'no_expiry', { exp: '9999999999' }, {}],
    ['expired', 'token_expired', { exp: 1 }, {}],
    ['not valid yet', 'not_yet_valid', { nbf: 9_999_999_999 }, {}],
    ['a refresh token', 'wrong_token_type', { typ: 'Refresh' }, {}],
    ['bound to a key', 'sender_constrained', { cnf: { jkt: 'x' } }, {}],
    ['a client that may not', 'client_not_allowed', {}, { allowedClients: ['client-2'] }],
    ['a tenant that may not', 'tenant_not_allowed', { org_id: 'b' }, { allowedTenants: ['a'] }],
    ['a lifetime that is too long', 'lifetime_too_long', { iat: 1 }, { maxLifetimeMs: 600_000 }],
    ['an empty subject', 'bad_subject', { sub: '' }, {}],
  ])('%s: %s', async (_, reason, changes, settings) => {
    facts = { ...facts, ...changes }
    expect(await door(settings)('opaque-1')).toMatchObject({
      kind: 'refused',
      code: 'unauthenticated',
      error: 'invalid_token',
      reason,
    })
  })

  test('and its own name may be there', async () => {
    facts = { ...facts, iss: issuer.url }
    expect(await door()('opaque-1')).toMatchObject({ kind: 'accepted' })
  })
})

describe('while the issuer cannot be asked nobody is let in', () => {
  const down = { kind: 'refused', code: 'auth_unavailable', reason: 'introspection_unavailable' }

  test.each<[string, { status?: number; body: string }]>([
    ['an error', { status: 500, body: '{"active":true}' }],
    ['a refusal of the bridge itself', { status: 401, body: '{"active":true}' }],
    ['a redirect', { status: 302, body: '' }],
    ['something else than JSON', { body: '<html>' }],
    ['a list', { body: '[{"active":true}]' }],
    ['active as text', { body: '{"active":"true"}' }],
    ['active as a number', { body: '{"active":1}' }],
    ['nothing about active', { body: '{"sub":"user-1"}' }],
    ['active twice', { body: '{"active":false,"active":true}' }],
    ['a JWT instead', { body: 'eyJhbGciOiJub25lIn0.e30.AA' }],
    ['600 KB', { body: JSON.stringify({ active: true, pad: 'x'.repeat(600_000) }) }],
  ])('it answers with %s', async (_, answer) => {
    const warn = vi.fn()
    issuer.introspect = () => answer
    const ask = door({}, [], { ...SILENT, warn })
    expect(await ask('opaque-1')).toMatchObject(down)
    expect(await ask('opaque-2')).toMatchObject(down)
    expect(warn).toHaveBeenCalledTimes(1)
    expect(JSON.stringify(warn.mock.calls)).not.toMatch(/opaque-1|s3cret/)
    issuer.introspect = () => ({ body: JSON.stringify(facts) })
    expect(await ask('opaque-1')).toMatchObject({ kind: 'accepted' })
  })

  test('it gives no answer at all', async () => {
    issuer.introspect = () => undefined
    const answer = door()('opaque-1')
    await vi.waitUntil(() => asked() === 1)
    await clock.advance(5_000)
    expect(await answer).toMatchObject(down)
  })
})

describe('answers are remembered', () => {
  test('a good one for 30 s', async () => {
    const ask = door()
    for (let at = 0; at < 20; at++) expect(await ask('opaque-1')).toMatchObject({ kind: 'accepted' })
    expect(asked()).toBe(1)
    facts = { active: false }
    await clock.advance(29_999)
    expect(await ask('opaque-1')).toMatchObject({ kind: 'accepted' })
    await clock.advance(1)
    expect(await ask('opaque-1')).toMatchObject({ reason: 'token_inactive' })
  })

  test('and not beyond its own end', async () => {
    facts = { ...facts, exp: clock.now().getTime() / 1000 + 10 }
    const ask = door()
    await ask('opaque-1')
    await clock.advance(10_000)
    await ask('opaque-1')
    expect(asked()).toBe(2)
  })

  test('a bad one for 5 s', async () => {
    facts = { active: false }
    const ask = door()
    for (let at = 0; at < 20; at++) await ask('opaque-1')
    expect(asked()).toBe(1)
    await clock.advance(5_000)
    await ask('opaque-1')
    expect(asked()).toBe(2)
  })

  test('of one token nothing for another', async () => {
    issuer.introspect = (token) => ({ body: JSON.stringify({ ...facts, active: token === 'opaque-1' }) })
    const ask = door()
    expect(await ask('opaque-1')).toMatchObject({ kind: 'accepted' })
    expect(await ask('opaque-2')).toMatchObject({ reason: 'token_inactive' })
    expect(await ask('opaque-1 ')).toMatchObject({ kind: 'accepted' })
  })

  test('a thousand of them, and the oldest is forgotten first', async () => {
    facts = { active: false }
    const ask = door()
    for (let at = 0; at <= 1_000; at++) await ask(`opaque-${at}`, `192.0.2.${at % 10}`)
    const before = asked()
    await ask('opaque-1000')
    expect(asked()).toBe(before)
    await ask('opaque-0')
    expect(asked()).toBe(before + 1)
  })

  test('one token is asked about once at a time, and 16 tokens at most', async () => {
    issuer.introspect = () => undefined
    const ask = door()
    const same = Array.from({ length: 50 }, () => ask('opaque-0'))
    const others = Array.from({ length: 50 }, (_, at) => ask(`opaque-${at + 1}`))
    await vi.waitUntil(() => asked() === 16)
    expect(new Set(issuer.introspected.map(({ token }) => token)).size).toBe(16)
    await clock.advance(5_000)
    for (const answer of await Promise.all([...same, ...others]))
      expect(answer).toMatchObject({ reason: 'introspection_unavailable' })
    expect(asked()).toBe(16)
  })
})

describe('without API keys', () => {
  test('an address that shows one bad token after the other has the issuer asked so often in a minute, and no more', async () => {
    issuer.introspect = (token) => ({ body: JSON.stringify({ ...facts, active: token.startsWith('good') }) })
    const ask = door()
    await ask('good-1')
    for (let at = 0; at < 310; at++) await ask(`bad-${at}`)
    expect(asked()).toBe(301)
    expect(await ask('bad-again')).toMatchObject({ code: 'rate_limited', retryAfterMs: 200 })
    // Who was known before goes on, and so does everybody elsewhere; the others once they have waited.
    expect(await ask('good-1')).toMatchObject({ kind: 'accepted' })
    expect(await ask('good-2', '192.0.2.11')).toMatchObject({ kind: 'accepted' })
    await clock.advance(200)
    expect(await ask('good-3')).toMatchObject({ kind: 'accepted' })
  })

  test('good tokens, however many, and those that ended, shown again and again, count for nothing', async () => {
    const ask = door()
    for (let at = 0; at < 301; at++) expect(await ask(`good-${at}`)).toMatchObject({ kind: 'accepted' })
    issuer.introspect = () => ({ body: '{"active": false}' })
    for (let at = 0; at < 320; at++) expect(await ask('ended')).toMatchObject({ reason: 'token_inactive' })
    issuer.introspect = () => ({ body: JSON.stringify(facts) })
    expect(await ask('good-after')).toMatchObject({ kind: 'accepted' })
  })
})

describe('beside API keys', () => {
  const keys = [
    { name: 'ci', sha256: sha256('ci-key'), scopes: 'all', roles: [] },
    { name: 'old', sha256: sha256('old-key'), scopes: 'all', roles: [], expiresAt: new Date(0) },
  ] as const

  test('a key is never shown to the issuer, an expired one neither', async () => {
    const ask = door({}, keys)
    expect(await ask('ci-key')).toMatchObject({ principal: { method: 'api_key' } })
    expect(await ask('old-key')).toMatchObject({ reason: 'api_key_expired' })
    expect(asked()).toBe(0)
    expect(await ask('opaque-1')).toMatchObject({ principal: { method: 'oauth' } })
  })

  test('guessing is slowed down all the same, and whoever holds a good token goes on', async () => {
    issuer.introspect = (token) => ({ body: JSON.stringify({ ...facts, active: token === 'opaque-1' }) })
    const ask = door({}, keys)
    await ask('opaque-1')
    for (let at = 0; at < 30; at++) await ask(`guess-${at}`)
    expect(asked()).toBe(21)
    expect(await ask('ci-key')).toMatchObject({ reason: 'too_many_failures' })
    expect(await ask('opaque-1')).toMatchObject({ kind: 'accepted' })
    expect(await ask('ci-key', '192.0.2.11')).toMatchObject({ kind: 'accepted' })
  })

  test('an issuer that is down is nobody’s failure', async () => {
    issuer.introspect = () => ({ status: 500, body: '' })
    const ask = door({}, keys)
    for (let at = 0; at < 30; at++) await ask(`opaque-${at}`)
    expect(await ask('ci-key')).toMatchObject({ kind: 'accepted' })
  })
})

test('without introspection a token of Google is told what it is, with keys and without', async () => {
  for (const apiKeys of [[], [{ name: 'ci', sha256: sha256('ci-key'), scopes: 'all', roles: [] }]] as const) {
    const ask = door({ introspection: undefined }, apiKeys)
    expect(await ask('ya29.a0AfB_byC')).toMatchObject({ reason: 'google_token', error: 'invalid_token' })
  }
})
