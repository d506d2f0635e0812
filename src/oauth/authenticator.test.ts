import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FakeIssuer, SILENT, signToken } from '../../test/kit/fake-issuer.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { toLoopback } from '../../test/kit/to-loopback.ts'
import type { Authentication, Authenticator } from '../domain/authentication.ts'
import { createAuthenticator } from './authenticator.ts'
import type { ApiKeySettings, AuthSettings } from './settings.ts'

const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex')
const start = new ManualClock().now().getTime()

const KEYS: readonly ApiKeySettings[] = [
  { name: 'api_key', sha256: sha256('the-one-key'), scopes: 'all', roles: [] },
  { name: 'ci', sha256: sha256('ci-key'), scopes: ['mcp:execute'], roles: ['deployer'] },
  { name: 'old', sha256: sha256('old-key'), scopes: 'all', roles: [], expiresAt: new Date(start) },
  { name: 'new', sha256: sha256('new-key'), scopes: 'all', roles: [], expiresAt: new Date(start + 1) },
  { name: 'broken', sha256: '', scopes: 'all', roles: [] },
]

let issuer: FakeIssuer
let clock: ManualClock

beforeAll(async () => {
  issuer = await FakeIssuer.start()
  issuer.addKey('one', 'ES256')
})

afterAll(() => issuer.close())

function oauth(): NonNullable<AuthSettings['oauth']> {
  return {
    issuers: [{ issuer: issuer.url, audience: [], provider: 'generic', claims: {} }],
    scopesSupported: ['mcp:execute'],
  }
}

function bridge(settings: AuthSettings): Authenticator {
  clock = new ManualClock()
  return createAuthenticator(settings, ['https://bridge.example.com'], {
    clock,
    log: SILENT,
    fetch: toLoopback(clock),
  })
}

function ask(door: Authenticator, token: string, remoteAddress = '192.0.2.10'): Promise<Authentication> {
  return door.authenticate({ authorization: [`Bearer ${token}`], remoteAddress })
}

function jwt(changes: Record<string, unknown> = {}): string {
  const [key] = issuer.keys
  if (key === undefined) throw new Error('it has no key')
  const exp = start / 1000 + 300
  return signToken(
    { iss: issuer.url, aud: 'https://bridge.example.com', sub: 'user-1', exp, ...changes },
    key,
  )
}

const WRONG = { kind: 'refused', code: 'unauthenticated', error: 'invalid_token', reason: 'unknown_api_key' }

describe('an API key', () => {
  test('makes a principal of its name, with its scopes and roles', async () => {
    expect(await ask(bridge({ apiKeys: KEYS }), 'ci-key')).toEqual({
      kind: 'accepted',
      principal: {
        issuer: 'api-key',
        subject: 'ci',
        name: 'ci',
        method: 'api_key',
        groups: [],
        roles: ['deployer'],
        scopes: new Set(['mcp:execute']),
      },
    })
  })

  test('that is the one api_key holds all scopes', async () => {
    const answer = await ask(bridge({ apiKeys: KEYS }), 'the-one-key')
    expect(answer).toMatchObject({ kind: 'accepted', principal: { subject: 'api_key', scopes: 'all' } })
  })

  test('is good until it expires', async () => {
    const door = bridge({ apiKeys: KEYS })
    const until = new Date(start + 1)
    expect(await ask(door, 'new-key')).toMatchObject({ kind: 'accepted', expiresAt: until })
    const expired = {
      kind: 'refused',
      code: 'unauthenticated',
      error: 'invalid_token',
      reason: 'api_key_expired',
    }
    expect(await ask(door, 'old-key')).toMatchObject(expired)
    await clock.advance(1)
    expect(await ask(door, 'new-key')).toMatchObject(expired)
  })

  test('that is not configured any more is wrong', async () => {
    expect(await ask(bridge({ apiKeys: KEYS.slice(1) }), 'the-one-key')).toMatchObject(WRONG)
  })

  test.each([
    ['another', 'guess'],
    ['a prefix', 'the-one-ke'],
    ['a longer one', 'the-one-keyx'],
    ['another case', 'THE-ONE-KEY'],
    ['the hash itself', sha256('the-one-key')],
    ['the name', 'ci'],
    ['a signed token where there is no OAuth', 'eyJhbGciOiJub25lIn0.e30.AA'],
  ])('is refused: %s', async (_, key) => {
    expect(await ask(bridge({ apiKeys: KEYS }), key)).toMatchObject(WRONG)
  })
})

describe('guessing keys', () => {
  async function guess(door: Authenticator, times: number, address?: string): Promise<Authentication[]> {
    const answers: Authentication[] = []
    for (let at = 0; at < times; at++) answers.push(await ask(door, `guess-${at}`, address))
    return answers
  }

  test('is slowed down after 20 wrong ones in a minute, and the right one is not told apart', async () => {
    const door = bridge({ apiKeys: KEYS })
    const answers = await guess(door, 100)
    expect(
      answers.filter((answer) => answer.kind === 'refused' && answer.code === 'unauthenticated'),
    ).toHaveLength(20)
    const throttled = {
      kind: 'refused',
      code: 'rate_limited',
      reason: 'too_many_failures',
      retryAfterMs: 3_000,
    }
    expect(answers.at(-1)).toMatchObject(throttled)
    expect(await ask(door, 'the-one-key')).toMatchObject(throttled)
  })

  test('goes on at 20 a minute', async () => {
    const door = bridge({ apiKeys: KEYS })
    await guess(door, 20)
    await clock.advance(2_999)
    expect(await ask(door, 'the-one-key')).toMatchObject({ code: 'rate_limited', retryAfterMs: 1 })
    await clock.advance(1)
    expect(await ask(door, 'the-one-key')).toMatchObject({ kind: 'accepted' })
    await guess(door, 1)
    expect(await ask(door, 'the-one-key')).toMatchObject({ code: 'rate_limited' })
  })

  test('does not touch other addresses', async () => {
    const door = bridge({ apiKeys: KEYS })
    await guess(door, 100, '192.0.2.10')
    expect(await ask(door, 'ci-key', '192.0.2.11')).toMatchObject({ kind: 'accepted' })
  })

  test('does not touch signed tokens from the same address', async () => {
    const door = bridge({ apiKeys: KEYS, oauth: oauth() })
    await guess(door, 100)
    expect(await ask(door, jwt())).toMatchObject({ kind: 'accepted', principal: { subject: 'user-1' } })
  })

  test('is not what a good key, an expired key or a bad token does', async () => {
    const door = bridge({ apiKeys: KEYS, oauth: oauth() })
    for (let at = 0; at < 50; at++) {
      await ask(door, 'ci-key')
      await ask(door, 'old-key')
      await ask(door, jwt({ exp: 1 }))
    }
    expect(await ask(door, 'ci-key')).toMatchObject({ kind: 'accepted' })
  })
})

describe('which way a credential goes', () => {
  test('with both configured, JWTs to the issuer and the rest to the keys', async () => {
    const door = bridge({ apiKeys: KEYS, oauth: oauth() })
    expect(await ask(door, jwt())).toMatchObject({ kind: 'accepted', principal: { method: 'oauth' } })
    expect(await ask(door, 'ci-key')).toMatchObject({ kind: 'accepted', principal: { method: 'api_key' } })
    expect(await ask(door, jwt({ exp: 1 }))).toMatchObject({ reason: 'token_expired' })
    expect(await ask(door, 'opaque')).toMatchObject(WRONG)
  })

  test('with OAuth alone, an opaque token is told what to ask for', async () => {
    const answer = await ask(bridge({ apiKeys: [], oauth: oauth() }), 'opaque')
    expect(answer).toMatchObject({ code: 'unauthenticated', error: 'invalid_token', reason: 'opaque_token' })
  })

  test('with nothing configured, everyone on loopback is the same anonymous principal', async () => {
    const anonymous = { issuer: 'none', subject: 'anonymous', method: 'none', scopes: 'all' }
    for (const authorization of [[], ['Bearer x'], ['Basic x']])
      expect(await bridge({ apiKeys: [] }).authenticate({ authorization })).toMatchObject({
        kind: 'accepted',
        principal: anonymous,
      })
  })

  test('without credentials nobody is let in as soon as anything is configured', async () => {
    const nothing = { kind: 'refused', code: 'unauthenticated', reason: 'no_credentials' }
    for (const settings of [{ apiKeys: KEYS }, { apiKeys: [], oauth: oauth() }])
      expect(await bridge(settings).authenticate({ authorization: [] })).toMatchObject(nothing)
  })

  test('two headers are refused even when one of them holds a good key', async () => {
    const answer = await bridge({ apiKeys: KEYS }).authenticate({
      authorization: ['Bearer ci-key', 'Bearer x'],
    })
    expect(answer).toMatchObject({
      code: 'bad_request',
      error: 'invalid_request',
      reason: 'several_credentials',
    })
  })

  test('an issuer that cannot be reached is not the fault of the token', async () => {
    issuer.answer = { kind: 'status', status: 503 }
    const answer = await ask(bridge({ apiKeys: [], oauth: oauth() }), jwt())
    issuer.answer = { kind: 'keys' }
    expect(answer).toMatchObject({
      code: 'auth_unavailable',
      reason: 'keys_unavailable',
      retryAfterMs: 5_000,
    })
    expect(answer).not.toHaveProperty('error')
  })
})
