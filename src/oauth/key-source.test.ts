import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeIssuer, SILENT } from '../../test/kit/fake-issuer.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { toLoopback } from '../../test/kit/to-loopback.ts'
import { KeySource } from './key-source.ts'

let issuer: FakeIssuer
let clock: ManualClock

beforeEach(async () => {
  issuer = await FakeIssuer.start()
  issuer.addKey('one', 'ES256')
  clock = new ManualClock()
})

afterEach(() => issuer.close())

const UNKNOWN = { kind: 'no_key', reason: 'unknown_key' }
const MINUTE_MS = 60_000

function source(withAddress = true, log = SILENT): KeySource {
  const address = withAddress ? { jwksUri: issuer.jwksUri } : {}
  return new KeySource({ issuer: issuer.url, ...address }, { clock, log, fetch: toLoopback(clock) })
}

async function kindOf(keys: KeySource, kid = 'one'): Promise<string> {
  return (await keys.find('ES256', kid)).kind
}

/** Lets `attempt` run into its time-out: time passes once the request has arrived. */
async function untilTimeout<T>(attempt: Promise<T>): Promise<T> {
  const before = issuer.requests.length
  await vi.waitUntil(() => issuer.requests.length > before)
  await clock.advance(5_000)
  return attempt
}

describe('the keys of the issuer', () => {
  test('are fetched once, when the first token comes, for all that come meanwhile', async () => {
    const keys = source()
    expect(issuer.fetches).toBe(0)
    const answers = await Promise.all(Array.from({ length: 50 }, () => kindOf(keys)))
    expect(new Set(answers)).toEqual(new Set(['key']))
    expect(issuer.fetches).toBe(1)
  })

  test('are fetched at most twice for 10,000 random key ids', async () => {
    const keys = source()
    await kindOf(keys)
    for (let round = 0; round < 100; round++) {
      const answers = Array.from({ length: 100 }, (_, at) => keys.find('ES256', `random-${round}-${at}`))
      for (const answer of await Promise.all(answers)) expect(answer).toEqual(UNKNOWN)
      await clock.advance(310)
    }
    expect(issuer.fetches).toBe(2)
    expect(await kindOf(keys)).toBe('key')
  })

  test('are fetched anew for a key id that is not there, so that a rotated key works', async () => {
    const keys = source()
    await kindOf(keys)
    issuer.addKey('two', 'ES256')
    expect(await keys.find('ES256', 'two')).toEqual(UNKNOWN)
    await clock.advance(30_000)
    expect(await kindOf(keys, 'two')).toBe('key')
  })

  test('are fetched anew after ten minutes, so that a removed key does not', async () => {
    const keys = source()
    await kindOf(keys)
    issuer.keys.length = 0
    expect(await kindOf(keys)).toBe('key')
    await clock.advance(10 * MINUTE_MS)
    expect(await keys.find('ES256', 'one')).toEqual(UNKNOWN)
  })

  test('are renewed in the background, so that no request waits for a slow issuer', async () => {
    const keys = source()
    await kindOf(keys)
    issuer.answer = { kind: 'hang' }
    await clock.advance(5 * MINUTE_MS)
    expect(await kindOf(keys)).toBe('key')
    await vi.waitUntil(() => issuer.fetches === 2)
    expect(await kindOf(keys)).toBe('key')
  })

  test('fit the algorithm of the token, not only the id', async () => {
    issuer.addKey('rsa', 'RS256')
    expect(await source().find('RS256', 'one')).toEqual(UNKNOWN)
    expect(await source().find('ES384', 'one')).toEqual(UNKNOWN)
    expect((await source().find('PS512', 'rsa')).kind).toBe('key')
  })

  test('with the same id twice are not chosen between', async () => {
    issuer.addKey('one', 'ES256')
    expect(await source().find('ES256', 'one')).toEqual({ kind: 'no_key', reason: 'ambiguous_key' })
  })
})

describe('while the issuer is down', () => {
  test('its cached keys serve, at once, and then no longer', async () => {
    const keys = source()
    await kindOf(keys)
    issuer.answer = { kind: 'status', status: 503 }
    await clock.advance(59 * MINUTE_MS)
    expect(await kindOf(keys)).toBe('key')
    await clock.advance(MINUTE_MS)
    expect(await keys.find('ES256', 'one')).toEqual({ kind: 'unavailable', retryAfterMs: 5_000 })
  })

  test('nobody waits for it while cached keys serve', async () => {
    const keys = source()
    await kindOf(keys)
    issuer.answer = { kind: 'status', status: 503 }
    await clock.advance(10 * MINUTE_MS)
    expect(await kindOf(keys)).toBe('key')
    issuer.answer = { kind: 'hang' }
    await clock.advance(30_000)
    // No time passes from here on: waiting for the answer would never end.
    expect(await kindOf(keys)).toBe('key')
    await vi.waitUntil(() => issuer.fetches === 3)
  })

  test('a token with a key that is not cached is not called bad', async () => {
    const keys = source()
    await kindOf(keys)
    issuer.answer = { kind: 'status', status: 500 }
    await clock.advance(30_000)
    expect(await keys.find('ES256', 'new')).toEqual({ kind: 'unavailable', retryAfterMs: 30_000 })
  })

  test('it is not asked for every request, and is believed again when it is back', async () => {
    issuer.answer = { kind: 'status', status: 503 }
    const keys = source()
    for (let round = 0; round < 100; round++) expect(await kindOf(keys)).toBe('unavailable')
    expect(issuer.fetches).toBe(1)
    issuer.answer = { kind: 'keys' }
    await clock.advance(5_000)
    expect(await kindOf(keys)).toBe('key')
  })

  test('the operator reads why in the log', async () => {
    const warn = vi.fn()
    issuer.answer = { kind: 'status', status: 418 }
    await kindOf(source(true, { ...SILENT, warn }))
    expect(warn).toHaveBeenCalledWith(
      'The keys of the identity provider cannot be fetched.',
      expect.objectContaining({ issuer: issuer.url, cause: expect.stringContaining('status 418') }),
    )
  })
})

describe('keys are not taken', () => {
  test.each([
    ['from a redirect', () => ({ kind: 'redirect', to: `${issuer.origin}/jwks-moved` }) as const],
    ['from a redirect to another host', () => ({ kind: 'redirect', to: 'http://192.0.2.10/jwks' }) as const],
    ['from an error page', () => ({ kind: 'status', status: 404 }) as const],
    ['from a page that is not JSON', () => ({ kind: 'garbage' }) as const],
    ['from a document larger than 512 KiB', () => ({ kind: 'huge' }) as const],
    ['from a document that grows when it is unpacked', () => ({ kind: 'huge_by_gzip' }) as const],
  ])('%s', async (_, answer) => {
    issuer.answer = answer()
    const keys = source()
    expect(await kindOf(keys)).toBe('unavailable')
    expect(issuer.requests).toEqual(['/jwks'])
    issuer.answer = { kind: 'keys' }
    await clock.advance(5_000)
    expect(await kindOf(keys)).toBe('key')
  })

  test.each(['hang', 'drip'] as const)(
    'from an issuer that does not finish within 5 s (%s)',
    async (kind) => {
      issuer.answer = { kind }
      expect((await untilTimeout(source().find('ES256', 'one'))).kind).toBe('unavailable')
    },
  )
})

describe('without jwks_uri', () => {
  test('it is discovered at the OpenID Connect address, once', async () => {
    const keys = source(false)
    expect(await Promise.all([kindOf(keys), kindOf(keys)])).toEqual(['key', 'key'])
    await clock.advance(10 * MINUTE_MS)
    await kindOf(keys)
    expect(issuer.requests).toEqual(['/realm/.well-known/openid-configuration', '/jwks', '/jwks'])
  })

  test('or at the RFC 8414 address', async () => {
    issuer.discoveryPath = '/.well-known/oauth-authorization-server/realm'
    expect(await kindOf(source(false))).toBe('key')
  })

  test('and again when the keys are not there any more', async () => {
    const keys = source(false)
    await kindOf(keys)
    issuer.answer = { kind: 'status', status: 410 }
    await clock.advance(10 * MINUTE_MS)
    await kindOf(keys)
    issuer.answer = { kind: 'keys' }
    issuer.metadata = { jwks_uri: `${issuer.origin}/jwks-new` }
    await clock.advance(MINUTE_MS)
    await kindOf(keys)
    await vi.waitUntil(() => issuer.requests.includes('/jwks-new'))
  })

  test.each([
    ['another issuer', { issuer: 'https://evil.example.com' }],
    ['no issuer', { issuer: undefined }],
    ['no jwks_uri', { jwks_uri: undefined }],
    ['a jwks_uri that is no address', { jwks_uri: 'keys' }],
    ['a jwks_uri that is a file', { jwks_uri: 'file:///etc/passwd' }],
  ])('a document that names %s is not believed', async (_, metadata) => {
    issuer.metadata = metadata
    expect(await kindOf(source(false))).toBe('unavailable')
    expect(issuer.fetches).toBe(0)
  })

  test('an issuer that differs by a slash is named to the operator, and not believed either', async () => {
    const warn = vi.fn()
    issuer.metadata = { issuer: `${issuer.url}/` }
    expect(await kindOf(source(false, { ...SILENT, warn }))).toBe('unavailable')
    expect(warn).toHaveBeenCalledWith(expect.stringContaining(`${issuer.url}/`), { issuer: issuer.url })
  })

  test('the address of an issuer with a slash at its end has no second one', async () => {
    const slash = await FakeIssuer.start('/realm/')
    slash.addKey('one', 'ES256')
    const keys = new KeySource({ issuer: slash.url }, { clock, log: SILENT, fetch: toLoopback(clock) })
    expect(await kindOf(keys)).toBe('key')
    await slash.close()
  })
})
