import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import type { REFUSALS } from '../../src/oauth/refusals.ts'
import { ACCEPTED_TOKENS } from '../kit/accepted-tokens.ts'
import { type Door, EXECUTE, headerOf, openDoor } from '../kit/door.ts'
import {
  challengeOf,
  expectDenied,
  expectNowhere,
  expectRan,
  expectScopeMissing,
} from '../kit/door-verdicts.ts'
import { signToken } from '../kit/fake-issuer.ts'
import { freePort } from '../kit/free-port.ts'
import { REFUSED_TOKENS } from '../kit/refused-tokens.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { CONFIGURED_AUDIENCE, TokenForge } from '../kit/token-forge.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const ENTRA = `https://login.microsoftonline.com/${TENANT}/v2.0`

let sshd: Sshd
let forge: TokenForge
let door: Door
let entra: Door

beforeAll(async () => {
  sshd = await startSshd()
  const port = await freePort()
  forge = await TokenForge.start({
    resource: `http://127.0.0.1:${port}`,
    clock: systemClock,
    marginS: 20,
  })
  const { issuer, resource } = forge
  door = await openDoor(
    sshd,
    `  oauth: {enabled: true, issuer: "${issuer.url}", audience: ["${resource}", "${CONFIGURED_AUDIENCE}"], jwks_uri: "${issuer.jwksUri}"}`,
    port,
  )
  entra = await openDoor(
    sshd,
    `  oauth: {enabled: true, issuer: "${ENTRA}", audience: "${CONFIGURED_AUDIENCE}", jwks_uri: "${issuer.jwksUri}"}`,
  )
})

afterAll(async () => {
  await door?.close()
  await entra?.close()
  await forge?.close()
  await sshd?.stop()
})

/** A header cannot carry a line break, so Node refuses that one before the bridge sees it: see journeys/bearer.test.ts. */
const SENDABLE = REFUSED_TOKENS.filter(([title]) => title !== 'a line break inside')

describe('a token that is no proof is refused at the door with 401, the way to sign in, and one record', () => {
  test.each(SENDABLE)('%s: %s', async (_, reason, make) => {
    const token = make(forge)
    const happening = await door.present(token)
    expect(happening.status).toBe(401)
    expect(headerOf(happening, 'www-authenticate')).toBe(challengeOf(door, reason))
    expectDenied(happening, reason)
    expectNowhere(door, happening, token)
  })

  test('and the log knows of each, so that it is the right log in which no token was found', () => {
    expect(door.log().split('POST /mcp 401')).toHaveLength(SENDABLE.length + 1)
  })

  test.each([
    ['the bare address', '/', undefined, 'mcp_http', ''],
    ['REST', EXECUTE.path, EXECUTE.body, 'rest', ''],
    ['the list of hosts', '/api/v1/hosts', undefined, 'rest', ''],
    ['a path that does not exist', '/admin', undefined, 'rest', ''],
  ] as const)('at every other door too: %s', async (_, path, body, edge, metadata) => {
    const method = path === '/api/v1/hosts' ? 'GET' : 'POST'
    const asked = { path, method, ...(body !== undefined && { body }) }
    const happening = await door.present(forge.having({ exp: 1 }), asked)
    expect(happening.status).toBe(401)
    expect(headerOf(happening, 'www-authenticate')).toBe(challengeOf(door, 'token_expired', metadata))
    expectDenied(happening, 'token_expired', { edge })
  })

  test('and keys are never looked for where a token says', () => {
    expect(forge.foreign.requests).toEqual([])
  })

  test('and nobody was connected to meanwhile', () => {
    // The one connection is the question of the kit whether sshd answers.
    expect(sshd.log().match(/Connection from/g)).toHaveLength(1)
  })
})

describe('a token that differs in what may differ runs the command on the host', () => {
  test.each(ACCEPTED_TOKENS)('%s', async (_, make) => {
    const token = make(forge)
    const happening = await door.present(token)
    expectRan(happening)
    for (const { principal } of happening.records) expect(principal?.issuer).toBe(forge.issuer.url)
    expectNowhere(door, happening, token)
  })

  test('over REST as well', async () => {
    expectRan(await door.present(forge.good(), EXECUTE))
  })

  test('by a connection that sshd has seen', () => {
    expect(sshd.log().match(/Connection from/g)?.length).toBeGreaterThan(1)
    expect(sshd.log()).toContain('Accepted publickey')
  })
})

describe('a token that is good but may not run commands gets 403 with the scope to ask for, and no connection', () => {
  test.each<[string, Record<string, unknown>]>([
    ['no scope', { scope: undefined }],
    ['an empty scope', { scope: '' }],
    ['mcp:execute2', { scope: 'mcp:execute2' }],
    ['mcp:execut', { scope: 'mcp:execut' }],
    ['MCP:EXECUTE', { scope: 'MCP:EXECUTE' }],
    ['mcp: execute', { scope: 'mcp: execute' }],
    ['scopes joined by a tab', { scope: 'openid\tmcp:execute' }],
    ['scopes joined by a comma', { scope: 'openid,mcp:execute' }],
    ['a list whose word holds a space', { scope: undefined, scp: ['openid mcp:execute'] }],
    ['permissions, which are not configured', { scope: undefined, permissions: ['mcp:execute'] }],
    ['a role of that name', { scope: 'openid', roles: ['mcp:execute'] }],
    ['a group of that name', { scope: 'openid', groups: ['mcp:execute'] }],
  ])('%s', async (title, changes) => {
    const token = forge.having({ sub: `limited ${title}`, ...changes })
    expectScopeMissing(door, await door.present(token), '/mcp')
    const happening = await door.present(token, EXECUTE)
    expectScopeMissing(door, happening, '')
    for (const { principal } of happening.records) expect(principal?.subject).toBe(`limited ${title}`)
    expectNowhere(door, happening, token)
  })

  test.each<[string, Record<string, unknown>]>([
    ['among others', { scope: 'openid mcp:execute profile' }],
    ['as a list in scope', { scope: ['mcp:execute'] }],
    ['as a string in scp', { scope: undefined, scp: 'openid mcp:execute' }],
    ['as a list in scp', { scope: undefined, scp: ['openid', 'mcp:execute'] }],
  ])('where the same scope is held it runs: %s', async (_, changes) => {
    expectRan(await door.present(forge.having(changes)))
  })
})

describe('a token of Entra ID', () => {
  const claims = (changes: Record<string, unknown>) =>
    signToken(
      forge.claims({
        iss: ENTRA,
        aud: CONFIGURED_AUDIENCE,
        tid: TENANT,
        oid: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
        azp: 'client-1',
        scope: undefined,
        scp: 'mcp:execute',
        ...changes,
      }),
      forge.keys.rsa,
    )

  test.each<[string, Record<string, unknown>, keyof typeof REFUSALS]>([
    ['another tenant', { tid: '99999999-2222-3333-4444-555555555555' }, 'wrong_tenant'],
    ['no tenant', { tid: undefined }, 'wrong_tenant'],
    ['no object id', { oid: undefined }, 'bad_subject'],
    ['too many groups', { _claim_names: { groups: 'src1' } }, 'groups_overage'],
    ['too many groups, implicit flow', { hasgroups: true }, 'groups_overage'],
    ['an ID token', { azp: undefined, scp: undefined, nonce: 'n' }, 'id_token'],
  ])('is refused: %s', async (_, changes, reason) => {
    const token = claims(changes)
    const happening = await entra.present(token)
    expect(happening.status).toBe(401)
    expect(headerOf(happening, 'www-authenticate')).toMatch(
      new RegExp(`^Bearer resource_metadata="${entra.url}/.*", error="invalid_token"`),
    )
    expectDenied(happening, reason)
    expectNowhere(entra, happening, token)
  })

  test('is taken, with its groups', async () => {
    expectRan(await entra.present(claims({ groups: ['g-1'] })))
  })
})

describe('while the issuer is down', () => {
  test('its cached keys serve; a bridge that has none says 503 and later, never yes, and then yes by itself', async () => {
    forge.issuer.answer = { kind: 'status', status: 503 }
    const port = await freePort()
    const cold = await openDoor(
      sshd,
      `  oauth: {enabled: true, issuer: "${forge.issuer.url}", audience: "${forge.resource}", jwks_uri: "${forge.issuer.jwksUri}"}`,
      port,
    )
    try {
      expectRan(await door.present(forge.good()))
      const token = forge.good()
      const happening = await cold.present(token)
      expect(happening.status).toBe(503)
      expect(Number(headerOf(happening, 'retry-after'))).toBeGreaterThan(0)
      expect(headerOf(happening, 'www-authenticate')).toBeUndefined()
      expectDenied(happening, 'keys_unavailable')
      expectNowhere(cold, happening, token)
      // What is wrong in itself is told so without any key.
      expect((await cold.present(forge.having({ exp: 1 }))).status).toBe(401)

      forge.issuer.answer = { kind: 'keys' }
      await expect
        .poll(async () => (await cold.present(token)).status, { timeout: 10_000, interval: 250 })
        .toBe(200)
    } finally {
      forge.issuer.answer = { kind: 'keys' }
      await cold.close()
    }
  })

  test('a flood of invented key ids makes it be asked at most once more', async () => {
    const before = forge.issuer.fetches
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, at) => door.present(forge.good({ kid: `invented-${at}` }))),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
    expect(forge.issuer.fetches - before).toBeLessThanOrEqual(1)
    expectRan(await door.present(forge.good()))
  })
})
