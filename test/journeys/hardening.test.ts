import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import type { REFUSALS } from '../../src/oauth/refusals.ts'
import { ACCEPTED_TOKENS } from '../kit/accepted-tokens.ts'
import { CI, KEYS, MASTER, OLD, READER, WRONG } from '../kit/api-keys.ts'
import { type Door, EXECUTE, type Happening, headerOf, openDoor } from '../kit/door.ts'
import {
  challengeOf,
  expectDenied,
  expectNowhere,
  expectRan,
  expectRefused,
  expectScopeMissing,
} from '../kit/door-verdicts.ts'
import { encode, FakeIssuer, type IssuerKey, signToken } from '../kit/fake-issuer.ts'
import { freePort } from '../kit/free-port.ts'
import { callOf, INITIALIZE, modern } from '../kit/mcp-http.ts'
import { type RawAnswer, sendRaw } from '../kit/raw-http.ts'
import {
  ACCEPTED_CREDENTIALS,
  REFUSED_CREDENTIALS,
  secretsIn,
  UNREADABLE_CREDENTIALS,
  withToken,
} from '../kit/refused-credentials.ts'
import {
  ACCEPTED_REQUESTS,
  BAD_BODIES,
  BAD_MESSAGES,
  BROKEN_HTTP,
  FOREIGN_ADDRESSES,
  LIMIT,
  requestOf,
} from '../kit/refused-requests.ts'
import { REFUSED_TOKENS } from '../kit/refused-tokens.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { CONFIGURED_AUDIENCE, TokenForge } from '../kit/token-forge.ts'

// Everything that must not get in, by one table for each family, against running bridges: its status, its challenge, what is on record,
// and that no host was connected to. Each table has its legal twins.

const TENANT = '11111111-2222-3333-4444-555555555555'
const ENTRA = `https://login.microsoftonline.com/${TENANT}/v2.0`

let sshd: Sshd
let forge: TokenForge
/** A second issuer, whose key has the same id. */
let partner: FakeIssuer
let partnerKey: IssuerKey
/** Two issuers. */
let door: Door
let entra: Door
/** OAuth and keys. */
let both: Door
/** A limit for bodies, a listed page, a rule that takes the word of the requester. */
let wire: Door
/** Begun at once, because they take long. */
let slow: Promise<readonly RawAnswer[]>

beforeAll(async () => {
  sshd = await startSshd()
  const ports = [await freePort(), await freePort(), await freePort()] as const
  forge = await TokenForge.start({
    resource: `http://127.0.0.1:${ports[0]}`,
    clock: systemClock,
    marginS: 20,
  })
  partner = await FakeIssuer.start('/partner')
  partnerKey = partner.addKey('rsa-1', 'RS256')
  const { issuer, resource } = forge
  const oauth = (more = '') =>
    `  oauth: {enabled: true, issuer: "${issuer.url}", audience: ["${resource}", "${CONFIGURED_AUDIENCE}"], jwks_uri: "${issuer.jwksUri}"${more}}`
  const second = `, issuers: [{issuer: "${partner.url}", audience: "api://partner", jwks_uri: "${partner.jwksUri}"}]`
  door = await openDoor(sshd, oauth(second), ports[0])
  entra = await openDoor(
    sshd,
    `  oauth: {enabled: true, issuer: "${ENTRA}", audience: "${CONFIGURED_AUDIENCE}", jwks_uri: "${issuer.jwksUri}"}`,
  )
  both = await openDoor(sshd, `${oauth()}\n${KEYS}`, ports[1])
  wire = await openDoor(
    sshd,
    `${oauth()}\n  cors_origins: ["https://chatgpt.com"]`,
    ports[2],
    `limits: {body_bytes: ${LIMIT}}
rules:
  - {name: own-word, actions: [read, run], commands: ["echo confirmed", "echo swapped"], effect: approve, self_approve: true}
  - {name: rest, actions: [read, run, session], effect: allow}`,
  )
  const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer ${forge.good()}\r\n`
  const body = 'Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{'
  slow = Promise.all([sendRaw(wire.port, `${head}X-Slow: `), sendRaw(wire.port, head + body)])
})

afterAll(async () => {
  for (const one of [door, entra, both, wire]) await one?.close()
  await partner?.close()
  await forge?.close()
  await sshd?.stop()
})

/** A header cannot carry a line break, so Node refuses that one before the bridge sees it: see `UNREADABLE_CREDENTIALS`. */
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

describe('of two issuers each has its own', () => {
  const theirs = (changes: Record<string, unknown> = {}) =>
    forge.claims({ iss: partner.url, aud: 'api://partner', ...changes })

  test('people: the same subject is somebody else', async () => {
    const [here, there] = [
      await door.present(forge.good()),
      await door.present(signToken(theirs(), partnerKey)),
    ]
    expectRan(here)
    expectRan(there)
    const who = [here, there].map(({ records }) => records[0]?.principal)
    expect(who.map((one) => one?.subject)).toEqual(['user-1', 'user-1'])
    expect(who.map((one) => one?.issuer)).toEqual([forge.issuer.url, partner.url])
  })

  test.each<[string, keyof typeof REFUSALS, () => string]>([
    ['keys, though their ids are the same', 'bad_signature', () => signToken(theirs(), forge.keys.rsa)],
    ['keys, the other way round', 'bad_signature', () => signToken(forge.claims(), partnerKey)],
    ['key ids', 'unknown_key', () => signToken(theirs(), forge.keys.ec)],
    ['audiences', 'wrong_audience', () => signToken(theirs({ aud: CONFIGURED_AUDIENCE }), partnerKey)],
    ['audiences, the other way round', 'wrong_audience', () => forge.having({ aud: 'api://partner' })],
  ])('%s', async (_, reason, make) => {
    const happening = await door.present(make())
    expect(headerOf(happening, 'www-authenticate')).toBe(challengeOf(door, reason))
    expectDenied(happening, reason)
  })

  test('outages: one that is down stops nobody of the other', async () => {
    partner.answer = { kind: 'status', status: 503 }
    const cold = await openDoor(
      sshd,
      `  oauth: {enabled: true, issuer: "${partner.url}", audience: "api://partner", jwks_uri: "${partner.jwksUri}", issuers: [{issuer: "${forge.issuer.url}", audience: "${CONFIGURED_AUDIENCE}", jwks_uri: "${forge.issuer.jwksUri}"}]}`,
    )
    try {
      const down = await cold.present(signToken(theirs(), partnerKey))
      expect(down.status).toBe(503)
      expectDenied(down, 'keys_unavailable')
      expectRan(await cold.present(forge.having({ aud: CONFIGURED_AUDIENCE })))
    } finally {
      partner.answer = { kind: 'keys' }
      await cold.close()
    }
  })

  test('and the metadata names both', async () => {
    for (const path of ['', '/mcp']) {
      const asked = { method: 'GET', path: `/.well-known/oauth-protected-resource${path}` }
      expect(JSON.parse((await door.ask(asked)).body).authorization_servers).toEqual([
        forge.issuer.url,
        partner.url,
      ])
    }
  })
})

describe('while the issuer is down', () => {
  test('or at a private address, the operator reads once what to write, and nobody is let in', async () => {
    const issuer = 'https://10.255.255.1/realm'
    const inside = await openDoor(
      sshd,
      `  oauth: {enabled: true, issuer: "${issuer}", audience: "${CONFIGURED_AUDIENCE}"}`,
    )
    try {
      const token = signToken(forge.claims({ iss: issuer, aud: CONFIGURED_AUDIENCE }), forge.keys.rsa)
      const happenings = [await inside.present(token), await inside.present(token)]
      expect(happenings.map(({ status }) => status)).toEqual([503, 503])
      for (const happening of happenings) expectDenied(happening, 'keys_unavailable')
      const told = 'A configured address cannot be used: 10.255.255.1 is not at a public address'
      expect(inside.log().split(told)).toHaveLength(2)
      expect(inside.log()).toContain('outbound: {private_addresses: [10.255.255.1]}')
    } finally {
      await inside.close()
    }
  })

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
      await expect.poll(async () => (await cold.present(token)).status, { interval: 250 }).toBe(200)
    } finally {
      forge.issuer.answer = { kind: 'keys' }
      await cold.close()
    }
  })
})

describe('a credential in the wrong form or place is refused with its status, challenge and one record', () => {
  test.each(REFUSED_CREDENTIALS)('%s: %i', async (_, status, reason, asked) => {
    const token = forge.good()
    const happening = await both.ask(withToken(asked, token))
    expect(happening.status).toBe(status)
    expect(headerOf(happening, 'www-authenticate')).toBe(challengeOf(both, reason))
    expectDenied(happening, reason)
    for (const secret of [token, ...secretsIn(asked)]) expectNowhere(both, happening, secret)
  })

  test.each(UNREADABLE_CREDENTIALS)(
    'what is no HTTP is answered before anybody asks who it is: %s',
    async (_, status, line) => {
      const token = forge.good()
      const happening = await both.ask(withToken({ headers: [line] }, token))
      expect(happening).toMatchObject({ status, records: [], connections: 0 })
      expectNowhere(both, happening, token)
    },
  )

  test('and the metrics hold none of it either', async () => {
    const { status, body } = await both.ask({ method: 'GET', path: '/metrics' })
    expect(status).toBe(200)
    for (const secret of [MASTER, CI, READER, OLD, WRONG]) expect(body).not.toContain(secret)
  })
})

describe('a credential in an unusual form that is right runs the command', () => {
  test.each(ACCEPTED_CREDENTIALS)('%s', async (_, asked) => {
    const token = forge.good()
    const happening = await both.ask(withToken(asked, token))
    expectRan(happening)
    for (const secret of [token, MASTER, CI, WRONG]) expectNowhere(both, happening, secret)
  })

  test('and the record says which key it was, not the key', async () => {
    const { records } = await both.present(CI)
    for (const { principal } of records)
      expect(principal).toMatchObject({ issuer: 'api-key', subject: 'ci', method: 'api_key' })
  })
})

/** The bytes, with a token that would be let in. */
const at = () => ({ port: wire.port, token: forge.good() })

describe.each([
  ['names and pages that are not this server’s', FOREIGN_ADDRESSES],
  ['what is no HTTP', BROKEN_HTTP],
  ['bodies that no edge gets to see', BAD_BODIES],
  ['messages that the protocol forbids', BAD_MESSAGES],
] as const)('refused by itself, whoever asks, before anything is on record: %s', (_, table) => {
  test.each(table)('%s: %i', async (_, status, says, make) => {
    expectRefused(await wire.send(make(at())), status, says)
  })
})

test('a preflight of an unlisted page is told nothing that lets it go on', async () => {
  const preflight = (page: string) =>
    wire.ask({
      method: 'OPTIONS',
      headers: [`Origin: ${page}`, 'Access-Control-Request-Method: POST'],
      body: '',
    })
  const names = [
    'access-control-allow-origin',
    'access-control-allow-methods',
    'access-control-allow-headers',
  ]
  const refused = await preflight('https://evil.example.net')
  expect(names.map((name) => headerOf(refused, name))).toEqual([undefined, undefined, undefined])
  expect(headerOf(await preflight('https://chatgpt.com'), 'access-control-allow-origin')).toBe(
    'https://chatgpt.com',
  )
})

describe('a request in an unusual form that is right runs the command', () => {
  test.each(ACCEPTED_REQUESTS)('%s', async (_, make) => {
    expectRan(await wire.send(make(at())))
  })
})

describe('a session of the legacy era is answered like one that never was', () => {
  const as = (sub: string, azp: string) => forge.having({ sub, azp })
  const legacy = (token: string, body: unknown, headers: readonly string[] = []) =>
    wire.present(token, {
      body: JSON.stringify(body),
      headers: ['mcp-protocol-version: 2025-11-25', ...headers],
    })
  const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: callOf('echo in') }
  const open = async (token: string) => {
    const opened = await legacy(token, INITIALIZE)
    expect(opened.status).toBe(200)
    return `mcp-session-id: ${headerOf(opened, 'mcp-session-id')}`
  }
  const gone = (happening: Happening) => {
    expect(happening.status).toBe(404)
    expect(happening.body).toContain('-32001')
    expect([happening.records, happening.connections]).toEqual([[], 0])
  }

  test('its own caller runs the command', async () => {
    const alice = as('alice', 'desktop')
    expectRan(await legacy(alice, call, [await open(alice)]))
  })

  test('to another person', async () => {
    const session = await open(as('alice', 'desktop'))
    gone(await legacy(as('bob', 'desktop'), call, [session]))
  })

  test('to another client of the same person', async () => {
    const session = await open(as('alice', 'desktop'))
    gone(await legacy(as('alice', 'phone'), call, [session]))
  })

  test('to another person who would end it, and it goes on', async () => {
    const alice = as('alice', 'desktop')
    const session = await open(alice)
    gone(await wire.present(as('bob', 'desktop'), { method: 'DELETE', headers: [session], body: '' }))
    expectRan(await legacy(alice, call, [session]))
  })

  test('to another person who would listen to it', async () => {
    const session = await open(as('alice', 'desktop'))
    gone(await wire.present(as('bob', 'desktop'), { method: 'GET', headers: [session], body: '' }))
  })

  test('once it was ended', async () => {
    const alice = as('alice', 'desktop')
    const session = await open(alice)
    const ended = await wire.present(alice, { method: 'DELETE', headers: [session], body: '' })
    expect(ended.status).toBe(200)
    gone(await legacy(alice, call, [session]))
  })

  test('with its id in other letters', async () => {
    const alice = as('alice', 'desktop')
    const session = await open(alice)
    gone(await legacy(alice, call, [session.toUpperCase()]))
  })

  test('in a batch, which its revision does not know, nothing is run', async () => {
    const alice = as('alice', 'desktop')
    const batch = await legacy(alice, [call, call], [await open(alice)])
    expectRefused(batch, 400, -32600)
  })
})

describe('what a client brings back with its answer', () => {
  const COMMAND = 'echo confirmed'
  const run = async (sub: string, command: string, more: Record<string, unknown> = {}) => {
    const { body, headers } = modern('tools/call', callOf(command))
    const { params } = body as { params: { _meta: object } }
    const _meta = {
      ...params._meta,
      'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
    }
    return wire.present(forge.having({ sub }), {
      body: JSON.stringify({ ...body, params: { ...params, _meta, ...more } }),
      headers: Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    })
  }
  const resultOf = ({ body }: RawAnswer) => JSON.parse(/\{.*\}/.exec(body)?.[0] ?? '{}')
  const yes = (requestState: string) => ({
    requestState,
    inputResponses: { confirm: { action: 'accept', content: { confirm: true } } },
  })
  const asked = async (command = COMMAND): Promise<string> => {
    const { result } = resultOf(await run('alice', command))
    expect(result).toMatchObject({ resultType: 'input_required' })
    return result.requestState
  }
  const notRun = ({ records, connections }: Happening) => {
    const started = records.filter(({ type, command }) => type === 'call.started' && command !== undefined)
    expect([started, connections]).toEqual([[], 0])
  }

  test.each<[string, string, (state: string) => string]>([
    ['somebody else’s', 'bob', (state) => state],
    ['one with its last letter changed', 'alice', (state) => state.replace(/.$/, other)],
    ['one with its first letter changed', 'alice', (state) => state.replace(/^./, other)],
    [
      'one with a letter in the middle changed',
      'alice',
      (state) => state.slice(0, 40) + other(state.charAt(40)) + state.slice(41),
    ],
    ['half of one', 'alice', (state) => state.slice(0, state.length / 2)],
    ['one and more', 'alice', (state) => `${state}A`],
    ['one twice', 'alice', (state) => state + state],
    ['a text', 'alice', () => 'approved'],
    ['the empty one', 'alice', () => ''],
    ['what it would hold, unsigned', 'alice', () => encode(JSON.stringify({ command: 'cmd_x', asked: 'x' }))],
  ])('is refused, and nothing is run: %s', async (_, who, change) => {
    const state = await asked()
    const happening = await run(who, COMMAND, yes(change(state)))
    expect([happening.status, resultOf(happening).error?.code]).toEqual([200, -32602])
    expect([happening.records, happening.connections]).toEqual([[], 0])
  })

  test('is for what was asked: other arguments are asked anew', async () => {
    const swapped = await run('alice', 'echo swapped', yes(await asked()))
    expect(resultOf(swapped).result).toMatchObject({ resultType: 'input_required' })
    notRun(swapped)
  })

  test('runs the command, once', async () => {
    const state = await asked()
    const first = await run('alice', COMMAND, yes(state))
    expect(resultOf(first).result).toMatchObject({ structuredContent: { state: 'completed' } })
    const again = await run('alice', COMMAND, yes(state))
    expect(resultOf(again).result).toMatchObject({ isError: true })
    notRun(again)
  })
})

describe('who takes long', () => {
  test('10,000 invented key ids make the issuer be asked at most twice', async () => {
    const before = forge.issuer.fetches
    const [, claims, signature] = forge.good().split('.')
    const ask = (id: number) => {
      const token = [encode(forge.header({ kid: `invented-${id}` })), claims, signature].join('.')
      return `GET /api/v1/hosts HTTP/1.1\r\nHost: 127.0.0.1:${door.port}\r\nAuthorization: Bearer ${token}\r\n\r\n`
    }
    /** A thousand on one connection, one behind the other. */
    const flood = (first: number) =>
      new Promise<number>((resolve, reject) => {
        let answers = ''
        const socket = connect(door.port, '127.0.0.1').setEncoding('latin1')
        socket.on('data', (text) => {
          answers += text
          const refused = answers.split('HTTP/1.1 401').length - 1
          if (refused === 1_000) resolve(socket.destroy() && refused)
        })
        socket.on('error', reject).on('close', () => resolve(answers.split('HTTP/1.1 401').length - 1))
        socket.write(Array.from({ length: 1_000 }, (_, one) => ask(first + one)).join(''))
      })
    const refused = await Promise.all(Array.from({ length: 10 }, (_, ten) => flood(ten * 1_000)))
    expect(refused).toEqual(Array(10).fill(1_000))
    expect(forge.issuer.fetches - before).toBeLessThanOrEqual(2)
    expectRan(await door.present(forge.good()))
  })

  test('clients that never read keep nobody else waiting', async () => {
    const list = requestOf(at(), { method: 'GET', target: '/openapi.json', body: '' }).toString('latin1')
    const asking = list.replace('Connection: close', 'Connection: keep-alive').repeat(5)
    const deaf = Array.from({ length: 10 }, () => {
      const socket = connect(wire.port, '127.0.0.1').pause()
      socket.on('error', () => undefined).write(asking)
      return socket
    })
    expectRan(await wire.send(requestOf(at())))
    for (const socket of deaf) socket.destroy()
    expectRan(await wire.send(requestOf(at())))
  })

  test('with chunks that never end is cut at the limit', async () => {
    const socket = connect(wire.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (data) => {
      answer += data
    })
    socket.on('error', () => undefined)
    socket.write(requestOf(at(), { length: 'Transfer-Encoding: chunked', body: '' }))
    const drip = () => {
      if (!socket.destroyed) socket.write('190\r\n'.concat('x'.repeat(400), '\r\n'), drip)
    }
    drip()
    await new Promise((resolve) => socket.once('close', resolve))
    expect(answer).toContain('413')
  })

  test('with headers or a body that never ends is cut with 408', async () => {
    expect((await slow).map(({ status }) => status)).toEqual([408, 408])
  })
})

/** With its highest bit changed: the lowest of the last letter of base64url may mean nothing. */
function other(letter: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return letters.charAt((letters.indexOf(letter) + 32) % 64)
}
