import { expect, test } from 'vitest'
import {
  authorizePath,
  ISSUER,
  openAuthServer,
  REDIRECT,
  type Shown,
  VERIFIER,
} from '../../test/kit/auth-server.ts'
import { claimsOf, headerOf } from '../../test/kit/authorization-server.ts'

function codeForm(clientId: string, answer: URL): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: REDIRECT,
    code: answer.searchParams.get('code') ?? '',
    code_verifier: VERIFIER,
  }
}

async function connected(changes: Parameters<typeof openAuthServer>[0] = {}) {
  const opened = await openAuthServer(changes)
  const clientId = await opened.register()
  const browser = opened.browser()
  const answer = await browser.authorize(authorizePath(clientId), 'alice')
  const { body } = await opened.token(codeForm(clientId, answer))
  const refresh = (refresh_token: string) =>
    opened.token({ grant_type: 'refresh_token', client_id: clientId, refresh_token })
  return { ...opened, clientId, browser, answer, body, refresh }
}

test('behind a proxy everything is at the public address with its path, and cookies are for https alone', async () => {
  const { send, browser, answer, body } = await connected()
  const metadata = (await (await send('/.well-known/openid-configuration')).json()) as Record<string, unknown>
  for (const [name, value] of Object.entries(metadata))
    if (name.endsWith('_endpoint') || name === 'jwks_uri') expect(String(value)).toMatch(`${ISSUER}/oauth/`)
  expect(metadata.issuer).toBe(ISSUER)
  expect(answer.searchParams.get('iss')).toBe(ISSUER)
  expect(claimsOf(body.access_token ?? '')).toMatchObject({ iss: ISSUER, aud: ISSUER, groups: ['operators'] })
  expect(browser.set.length).toBeGreaterThan(3)
  for (const cookie of browser.set) expect(cookie).toMatch(/; path=\/bridge\/oauth.*; secure; httponly/i)
  for (const cookie of browser.set) expect(cookie).toMatch(/samesite=lax/i)
})

test.each(['RS256', 'ES256'] as const)(
  'access tokens are signed with %s where that is configured',
  async (tokenAlgorithm) => {
    const { server, body } = await connected({ tokenAlgorithm })
    const { alg, kid, typ } = headerOf(body.access_token ?? '')
    expect([alg, typ]).toEqual([tokenAlgorithm, 'at+jwt'])
    expect(server.publicKeys()).toContainEqual(expect.objectContaining({ kid, alg: tokenAlgorithm }))
  },
)

test('what a request says of where it came from changes nothing', async () => {
  const { send } = await openAuthServer()
  const headers = {
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'evil.example.com',
    host: 'evil.example.com',
  }
  const metadata = await (await send('/.well-known/oauth-authorization-server', { headers })).json()
  expect(JSON.stringify(metadata)).not.toContain('evil')
})

test('who is signed in is asked for consent again, and not for a password', async () => {
  const { browser, clientId } = await connected()
  const shown = (await browser.open(authorizePath(clientId))) as Shown
  expect(shown.html).toContain('value="allow"')
  expect(shown.html).toContain('<strong>alice</strong>')
  expect(shown.headers.get('content-security-policy')).toContain(
    `form-action 'self' https: http://127.0.0.1:4711;`,
  )
})

test('another person can sign in in the same browser, without a script', async () => {
  const { browser, clientId, token } = await connected()
  const asked = (await browser.open(authorizePath(clientId, { prompt: 'login' }))) as Shown
  expect(asked.html).toContain('name="password"')
  const consent = (await browser.open(asked.path, {
    action: 'login',
    username: 'bob',
    password: 'x',
  })) as Shown
  expect(consent.html).toContain('<strong>bob</strong>')
  const answer = (await browser.open(consent.path, { action: 'allow' })) as URL
  const { body } = await token(codeForm(clientId, answer))
  expect(claimsOf(body.access_token ?? '')).toMatchObject({ sub: 'bob' })
})

test('who may not any more has to sign in, and gets nothing more for what was given', async () => {
  const { browser, clientId, people, body, refresh } = await connected()
  people.delete('alice')
  const shown = (await browser.open(authorizePath(clientId))) as Shown
  expect(shown.html).toContain('name="password"')
  expect(await refresh(body.refresh_token ?? '')).toMatchObject({
    status: 400,
    body: { error: 'invalid_grant' },
  })
})

test('a password that was set anew ends the sessions and refresh tokens of before', async () => {
  const { browser, clientId, people, body, refresh } = await connected()
  const alice = people.get('alice')
  if (alice === undefined) throw new Error('alice is there')
  people.set('alice', { ...alice, notBefore: new Date(Date.now() - 60_000) })
  const next = await refresh(body.refresh_token ?? '')
  expect(next.status).toBe(200)
  people.set('alice', { ...alice, notBefore: new Date(Date.now() + 60_000) })
  expect(await refresh(next.body.refresh_token ?? '')).toMatchObject({ status: 400 })
  expect(((await browser.open(authorizePath(clientId))) as Shown).html).toContain('name="password"')
})

test('what somebody may not give any more is not in the next token', async () => {
  const { browser, clientId, token, people, refresh } = await connected()
  const answer = await browser.authorize(authorizePath(clientId, { scope: 'mcp:execute mcp:admin' }), 'alice')
  const first = await token(codeForm(clientId, answer))
  expect(claimsOf(first.body.access_token ?? '')).toMatchObject({ scope: 'mcp:execute mcp:admin' })
  const alice = people.get('alice')
  if (alice !== undefined) people.set('alice', { ...alice, scopes: ['mcp:execute'] })
  const { body } = await refresh(first.body.refresh_token ?? '')
  expect(claimsOf(body.access_token ?? '')).toMatchObject({ scope: 'mcp:execute' })
})

test('a client that asks for no scope gets the first that is offered; one of operators only who asks for it', async () => {
  const { browser, clientId, people, token } = await connected()
  const plain = await token(
    codeForm(clientId, await browser.authorize(authorizePath(clientId, { scope: undefined }), 'alice')),
  )
  expect(claimsOf(plain.body.access_token ?? '')).toMatchObject({ scope: 'mcp:execute' })
  const alice = people.get('alice')
  if (alice !== undefined) people.set('alice', { ...alice, scopes: ['mcp:operate'] })
  const operator = await browser.authorize(authorizePath(clientId, { scope: 'mcp:operate' }), 'alice')
  const { body } = await token(codeForm(clientId, operator))
  expect(claimsOf(body.access_token ?? '')).toMatchObject({ scope: 'mcp:operate' })
})

test('a consent that was denied leads back with the reason, and is on record', async () => {
  const { browser, clientId, events } = await connected()
  const answer = await browser.authorize(authorizePath(clientId), 'alice', 'deny')
  expect(answer.searchParams.get('error')).toBe('access_denied')
  expect(answer.searchParams.get('iss')).toBe(ISSUER)
  expect(events.at(-1)).toMatchObject({ type: 'consent.denied', subject: 'alice', scopes: ['mcp:execute'] })
})

test('every step is on record, with the client and where it came from, and without what was given', async () => {
  const { events, body, answer } = await connected()
  expect(events.map(({ type }) => type)).toEqual(['client.registered', 'consent.given', 'token.issued'])
  for (const event of events)
    expect(event).toMatchObject({ client: expect.any(String), remoteAddress: '192.0.2.7' })
  const secrets = [body.access_token, body.refresh_token, answer.searchParams.get('code')]
  for (const secret of secrets) expect(JSON.stringify(events)).not.toContain(secret)
})

test('the page of one request does not answer another, and an answer by script or fragment is not given', async () => {
  const { browser, clientId, send } = await connected()
  const shown = (await browser.open(authorizePath(clientId))) as Shown
  expect(
    (await send(shown.path, { method: 'POST', body: new URLSearchParams({ action: 'allow' }) })).status,
  ).toBe(400)
  expect(((await browser.open(`${shown.path}x`, { action: 'allow' })) as Shown).status).toBe(400)
  for (const response_mode of ['fragment', 'form_post'])
    expect((await send(authorizePath(clientId, { response_mode }))).status).toBe(400)
})

test('a refresh token of long ago ends the family, whatever scope is asked for', async () => {
  const { body, refresh, token, clientId } = await connected()
  let last = body.refresh_token ?? ''
  for (let count = 0; count < 5; count += 1) last = (await refresh(last)).body.refresh_token ?? ''
  const old = { grant_type: 'refresh_token', client_id: clientId, refresh_token: body.refresh_token ?? '' }
  expect(await token({ ...old, scope: 'mcp:execute' })).toMatchObject({ status: 400 })
  expect(await refresh(last)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
})

test('a refresh token of another client, or one that was never given, ends nothing', async () => {
  const { body, refresh, token, register } = await connected()
  const used = body.refresh_token ?? ''
  const next = (await refresh(used)).body.refresh_token ?? ''
  const other = await register()
  expect(await token({ grant_type: 'refresh_token', client_id: other, refresh_token: used })).toMatchObject({
    status: 400,
  })
  const [, random = ''] = used.split('.')
  const forged = `${'A'.repeat(43)}.${random}`
  expect(await refresh(forged)).toMatchObject({ status: 400 })
  expect((await refresh(next)).status).toBe(200)
})

test('nothing is answered that was not asked of an authorization server', async () => {
  const { send } = await openAuthServer()
  for (const path of [
    '/oauth/',
    '/oauth/device',
    '/oauth/introspect',
    '/oauth/end',
    '/oauth/userinfo',
    '/session/end',
  ])
    expect([path, (await send(path)).status]).toEqual([path, 404])
})

test('who may give nothing of what is asked for is not asked, and the client is told', async () => {
  const { browser, register, events } = await openAuthServer()
  const page = browser()
  const answer = await page.authorize(authorizePath(await register(), { scope: 'mcp:admin' }), 'bob')
  expect(answer.searchParams.get('error')).toBe('access_denied')
  expect(events.at(-1)).toMatchObject({ type: 'consent.denied', subject: 'bob', scopes: ['mcp:admin'] })
})

test('one address registers so many clients in an hour', async () => {
  const rules = { enabled: true, redirectHosts: [], keepMs: 86_400_000 }
  const { register, send, events } = await openAuthServer({ registration: { ...rules, perHour: 2 } })
  expect([await register(), await register(), await register(), await register()]).toEqual([
    expect.any(String),
    expect.any(String),
    undefined,
    undefined,
  ])
  const late = await send('/oauth/register', { method: 'POST', body: '{}' })
  expect([late.status, late.headers.get('retry-after')]).toEqual([429, '1800'])
  expect(events.filter(({ type }) => type === 'login.throttled')).toHaveLength(1)
})

test('clients that may not register are told whom to ask', async () => {
  const rules = { redirectHosts: [], keepMs: 86_400_000, perHour: 2 }
  const { send } = await openAuthServer({ registration: { ...rules, enabled: false } })
  const answer = await send('/oauth/register', { method: 'POST', body: '{}' })
  expect([answer.status, await answer.json()]).toMatchObject([
    403,
    { error_description: expect.stringContaining('operator') },
  ])
  const metadata = await (await send('/.well-known/openid-configuration')).json()
  expect(metadata).not.toHaveProperty('registration_endpoint')
})

test('of one refresh token sent ten times at once, one is answered', async () => {
  const { body, refresh } = await connected()
  const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(body.refresh_token ?? '')))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
})

test('a refresh token that comes again ends its own consent, and no other of the same browser', async () => {
  const { browser, clientId, token, body, refresh } = await connected()
  const second = await token(codeForm(clientId, await browser.authorize(authorizePath(clientId), 'alice')))
  await refresh(body.refresh_token ?? '')
  expect(await refresh(body.refresh_token ?? '')).toMatchObject({ status: 400 })
  expect((await refresh(second.body.refresh_token ?? '')).status).toBe(200)
})

test('one refresh token sent ten times at once, each with another code beside it, ends its family and is on record once', async () => {
  const { body, clientId, token, refresh, events } = await connected()
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, count) =>
      token({
        grant_type: 'refresh_token',
        client_id: clientId,
        refresh_token: body.refresh_token ?? '',
        code: `beside-${count}`,
      }),
    ),
  )
  const given = answers.filter(({ status }) => status === 200)
  expect(given).toHaveLength(1)
  expect(events.filter(({ type }) => type === 'token.reused')).toMatchObject([{ what: 'refresh_token' }])
  expect((await refresh(given[0]?.body.refresh_token ?? '')).status).toBe(400)
})

test('a consent that ended while a token was given under it stays ended', async () => {
  const { state, body, refresh } = await connected()
  const save = state.save.bind(state)
  // Another instance meets the same token in this moment, and ends the family.
  state.save = async (kind, ...row) => {
    if (kind === 'refresh_token')
      for (const { id } of await state.list('grant')) await state.remove('grant', id)
    return save(kind, ...row)
  }
  const { body: late } = await refresh(body.refresh_token ?? '')
  expect(await state.list('grant')).toEqual([])
  expect((await refresh(late.refresh_token ?? '')).status).toBe(400)
})

test('a consent that nobody ended lasts as long as its tokens are used', async () => {
  const { state, body, refresh } = await connected()
  const [before] = await state.list('grant')
  for (let token = body.refresh_token, count = 0; count < 3; count += 1) {
    const { status, body: next } = await refresh(token ?? '')
    expect(status).toBe(200)
    token = next.refresh_token
  }
  expect(await state.list('grant')).toMatchObject([{ id: before?.id }])
})

test('when what is kept cannot be read, the person in front of the page is told that it is not their fault', async () => {
  const { state, send, register, lines } = await openAuthServer()
  const clientId = await register()
  const find = state.find.bind(state)
  state.find = () => Promise.reject(new Error('the database is away'))
  const ask = () => send(authorizePath(clientId), { headers: { accept: 'text/html' } })
  const away = await ask()
  expect(away.status).toBe(500)
  expect(await away.text()).toContain('Something went wrong at this server, not with you.')
  expect(lines.join()).toContain('the database is away')
  state.find = find
  expect((await ask()).status).toBe(303)
})

test('while the database is away, the person in front of a form is told so on a page, and the form goes on later', async () => {
  const { state, people, register, browser, lines } = await openAuthServer()
  const window = browser()
  const form = (await window.open(authorizePath(await register()))) as Shown
  const send = async () =>
    (await window.open(form.path, { action: 'login', username: 'alice', password: 'x' })) as Shown
  const failing = (fault: Error) => () => {
    throw fault
  }
  const away = failing(Object.assign(new Error('database: gone'), { code: 'DATABASE_AWAY' }))
  const { find } = state
  for (const part of ['people', 'state']) {
    if (part === 'people') people.get = away
    else state.find = async () => away()
    const told = await send()
    expect([part, told.status, told.headers.get('retry-after')]).toEqual([part, 503, '30'])
    expect(told.headers.get('content-type')).toContain('text/html')
    expect(told.html).toContain('load this page again')
    expect(told.html).not.toContain('gone')
    people.get = Map.prototype.get
    state.find = find
  }
  expect(lines.join()).toContain('database: gone')
  people.get = failing(new Error('a defect'))
  const defect = await send()
  expect([defect.status, defect.html]).toEqual([500, expect.stringContaining('Something went wrong')])
  people.get = Map.prototype.get
  expect((await send()).html).toContain('value="allow"')
})
