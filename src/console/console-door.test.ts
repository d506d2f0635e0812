import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { MemoryState } from '../authserver/memory-state.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Authentication } from '../domain/authentication.ts'
import type { Denial } from '../http/denial-record.ts'
import { errorHandler } from '../http/errors.ts'
import type { HttpEnv } from '../http/http-env.ts'
import type { Bridge } from '../pipeline/bridge.ts'
import type { ConsoleDeps } from './console-deps.ts'
import { ConsoleSessions } from './console-sessions.ts'
import { mountConsole } from './mount-console.ts'

const ISSUER = 'https://login.example.com'
const BASE = 'https://ssh.example.com'

/** The door with a provider that gives a token for a minute, and a refresh token whose use waits for `refreshed`. */
function openDoor() {
  const clock = new ManualClock()
  const state = new MemoryState(clock)
  const denied: Denial[] = []
  const events: AuditEvent[] = []
  const refreshed = gate()
  const asked = gate()
  const settings = {
    signIn: { issuer: ISSUER, clientId: 'console', scopes: ['openid'], parameters: {} },
    baseUrl: BASE,
    hasApiKeys: true,
    authEnabled: true,
    sessionMs: 3_600_000,
  }
  const audit = { append: async (...more: AuditEvent[]) => void events.push(...more) }
  const deps: Partial<ConsoleDeps> = {
    bridge: { audit } as unknown as Bridge,
    authenticator: { authenticate: async ({ authorization: [value] }) => whoShows(value) },
    denials: { add: async (denial) => void denied.push(denial) },
    state,
    clock,
    settings: () => settings,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    assets: 'nowhere',
    async fetch(address, options) {
      const form = new URLSearchParams(String(options.body))
      if (form.get('grant_type') === 'refresh_token') {
        asked.resolve()
        await refreshed.promise
      }
      return new URL(address).pathname === '/token'
        ? Response.json({
            access_token: 'good',
            token_type: 'bearer',
            expires_in: 60,
            refresh_token: 'again',
          })
        : Response.json({
            issuer: ISSUER,
            authorization_endpoint: `${ISSUER}/authorize`,
            token_endpoint: `${ISSUER}/token`,
          })
    },
  }
  const app = new Hono<HttpEnv>()
  app.onError(errorHandler({ debug() {}, info() {}, warn() {}, error() {} }))
  app.use(async (c, next) => {
    c.set('publicUrl', BASE)
    c.set('seenUrl', BASE)
    c.set('remoteAddress', c.req.header('X-From') ?? '192.0.2.7')
    return next()
  })
  mountConsole(app, deps as ConsoleDeps)
  const send = (
    path: string,
    init: RequestInit & { readonly cookie?: string; readonly from?: string } = {},
  ) =>
    app.request(`${BASE}${path}`, {
      ...init,
      headers: {
        'X-Console': '1',
        ...(init.cookie !== undefined && { cookie: init.cookie }),
        ...(init.from !== undefined && { 'X-From': init.from }),
      },
    })
  const isIn = async (cookie: string) => {
    const { signed_in } = (await (await send('/console/ways-in', { cookie })).json()) as {
      signed_in: boolean
    }
    return signed_in
  }
  const signInWithKey = (key: string) =>
    send('/console/sign-in', { method: 'POST', body: JSON.stringify({ key }) })
  return { send, isIn, signInWithKey, state, clock, denied, events, asked, refreshed }
}

function gate() {
  let open: () => void = () => undefined
  const promise = new Promise<void>((resolve) => {
    open = resolve
  })
  return { promise, resolve: () => open() }
}

function whoShows(value: string | undefined): Authentication {
  return value === 'Bearer good'
    ? {
        kind: 'accepted',
        principal: { issuer: ISSUER, subject: 'olga', method: 'oauth', groups: [], roles: [], scopes: 'all' },
      }
    : { kind: 'refused', code: 'unauthenticated', reason: 'unknown_api_key', description: 'Not accepted.' }
}

/** Of the cookies that an answer sets, the one of that name. */
function cookieOf(answer: Response, name: string): string {
  const set = answer.headers.getSetCookie().find((one) => one.startsWith(`__Host-${name}=`)) ?? ''
  return set.split(';')[0] ?? ''
}

async function signIn({ send }: ReturnType<typeof openDoor>): Promise<string> {
  const begun = await send('/console/sign-in')
  const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state')
  const answer = await send(`/console/callback?code=a-code&state=${state}`, {
    cookie: cookieOf(begun, 'console_sign_in'),
  })
  return cookieOf(answer, 'console')
}

test('a key that is refused is on record with where it came from, and signs nobody in', async () => {
  const { signInWithKey, denied, events } = openDoor()
  const answer = await signInWithKey('wrong')
  expect([answer.status, cookieOf(answer, 'console')]).toEqual([401, ''])
  expect(denied).toEqual([{ edge: 'console', reason: 'unknown_api_key', remoteAddress: '192.0.2.7' }])
  expect(events).toEqual([])
})

test('a key that is right signs in, on record as that and as nothing else', async () => {
  const { signInWithKey, isIn, denied, events } = openDoor()
  const answer = await signInWithKey('good')
  expect(answer.status).toBe(204)
  expect(await isIn(cookieOf(answer, 'console'))).toBe(true)
  expect(denied).toEqual([])
  expect(events).toMatchObject([{ type: 'console.signed_in', principal: { subject: 'olga' } }])
})

test('while sessions cannot be looked up nobody is in, and that is no defect', async () => {
  const door = openDoor()
  const cookie = cookieOf(await door.signInWithKey('good'), 'console')
  const asked = () => door.send('/console/ways-in', { cookie })
  door.state.find = () => Promise.reject(new Error('the database is away'))
  const away = await asked()
  expect([away.status, await away.json()]).toMatchObject([503, { error: { code: 'auth_unavailable' } }])
  // Who shows no cookie is looked up nowhere.
  expect((await door.send('/console/ways-in')).status).toBe(200)
})

test('who signs out while the token is renewed stays signed out', async () => {
  const door = openDoor()
  const { send, isIn, clock, asked, refreshed } = door
  const cookie = await signIn(door)
  await clock.advance(45_000)
  const meanwhile = isIn(cookie)
  await asked.promise
  expect((await send('/console/sign-out', { method: 'POST', cookie })).status).toBe(204)
  refreshed.resolve()
  expect(await meanwhile).toBe(false)
  expect(await isIn(cookie)).toBe(false)
})

test('who does not sign out stays signed in with a token that is renewed', async () => {
  const door = openDoor()
  const cookie = await signIn(door)
  await door.clock.advance(45_000)
  door.refreshed.resolve()
  expect([await door.isIn(cookie), await door.isIn(cookie)]).toEqual([true, true])
})

test('however often somebody signs in, the sessions take no more room than that of five thousand', async () => {
  const clock = new ManualClock()
  const state = new MemoryState(clock)
  const sessions = new ConsoleSessions(state, clock)
  const session = { authorization: 'Bearer good', endsAtMs: clock.now().getTime() + 60_000 }
  for (let begun = 0; begun < 5_010; begun += 1) await sessions.begin(session)
  expect(await state.count('console_session')).toBe(5_000)
  expect(await sessions.find(await sessions.begin(session))).toEqual(session)
})

test('one address begins so many sign-ins in a minute, and others begin theirs', async () => {
  const { send, clock } = openDoor()
  const whereTo = async (from?: string) =>
    (await send('/console/sign-in', from === undefined ? {} : { from })).headers.get('location')
  for (let count = 0; count < 60; count += 1) expect(await whereTo()).toContain(`${ISSUER}/authorize`)
  expect(await whereTo()).toBe(`${BASE}/console/?problem=too_often`)
  expect(await whereTo('192.0.2.8')).toContain(`${ISSUER}/authorize`)
  await clock.advance(1_000)
  expect(await whereTo()).toContain(`${ISSUER}/authorize`)
})
