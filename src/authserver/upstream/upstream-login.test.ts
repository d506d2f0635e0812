import { describe, expect, test } from 'vitest'
import { CLIENT, type FakeUpstream, fakeUpstream } from '../../../test/kit/fake-upstream.ts'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { ISSUER, loginRequest, memoryAudit, memoryState, pageOf } from '../../../test/kit/people-parts.ts'
import type { LoginAnswer, PageAnswer } from '../login.ts'
import { openUpstream } from './open-upstream.ts'
import { accountId } from './read-learnt.ts'
import type { UpstreamSettings } from './settings.ts'

const IDP = 'https://idp.example.com'
const ALICE = {
  sub: 'user-1',
  name: 'Alice Example',
  email: 'alice@example.com',
  email_verified: true,
  preferred_username: 'alice',
}

function parts(more: Partial<UpstreamSettings> = {}, fake: FakeUpstream = fakeUpstream(more.issuer ?? IDP)) {
  const settings: UpstreamSettings = {
    issuer: IDP,
    ...CLIENT,
    provider: 'generic',
    claims: {},
    groupNames: {},
    scopesOfGroups: {},
    scopesOfEverybody: ['mcp:execute'],
    ...more,
  }
  const [clock, audit, state] = [new ManualClock(), memoryAudit(), memoryState()]
  const logged: string[] = []
  const log = {
    warn: (message: string, fields?: object) => void logged.push(`${message} ${JSON.stringify(fields)}`),
  }
  const open = (current = settings) =>
    openUpstream(current, { issuer: ISSUER, fetch: fake.fetch, state, audit, clock, log, keepMs: 86_400_000 })
  const login = open()
  const begin = async (interaction = 'one', query = '') =>
    locationOf(
      await login.signIn(
        loginRequest(undefined, {
          interaction,
          url: new URL(`${ISSUER}/oauth/interaction/${interaction}${query}`),
        }),
      ),
    )
  /** The browser follows the provider's redirect, and the one that answers it. */
  const comeBack = async (search: string, interaction = 'one') => {
    const url = new URL(`${ISSUER}/oauth/upstream${search}`)
    const next = await login.page({ method: 'GET', url, form: new URLSearchParams() })
    if (next?.kind !== 'redirect') return next
    return login.signIn(loginRequest(undefined, { interaction, url: new URL(next.location, url) }))
  }
  const signIn = async (claims: object = ALICE) => comeBack(fake.signIn(await begin(), { ...claims }))
  return { settings, clock, audit, state, logged, login, open, fake, begin, comeBack, signIn }
}

function locationOf(answer: LoginAnswer | PageAnswer | undefined): string {
  if (answer?.kind === 'redirect') return answer.location
  throw new Error(`no redirect but ${JSON.stringify(answer)}`)
}

describe('beginning without an end', () => {
  test('is for one address so often in an hour; nobody else’s sign-in is pushed out, and nothing more is on record', async () => {
    const { login, begin, comeBack, fake, audit, clock } = parts()
    const back = fake.signIn(await begin('somebody'), ALICE)
    const flood = (remoteAddress = '198.51.100.1') =>
      login.signIn(
        loginRequest(undefined, {
          interaction: 'flood',
          url: new URL(`${ISSUER}/oauth/interaction/flood`),
          remoteAddress,
        }),
      )
    for (let count = 0; count < 600; count += 1) expect((await flood()).kind).toBe('redirect')
    expect(pageOf(await flood())).toMatchObject({ status: 429, retryAfterS: 6 })
    expect((await flood('198.51.100.2')).kind).toBe('redirect')
    await clock.advance(6_000)
    expect((await flood()).kind).toBe('redirect')
    expect(await comeBack(back, 'somebody')).toMatchObject({ kind: 'signed_in' })
    expect(audit.events).toMatchObject([{ type: 'sign_in.succeeded' }])
  })
})

describe('signing in at an OpenID provider', () => {
  test('asks for a code with PKCE, state and nonce, and comes back as an account that both issuers are known of', async () => {
    const { begin, signIn, audit, fake, login } = parts()
    const query = new URL(await begin()).searchParams
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: 'code',
      client_id: 'bridge',
      redirect_uri: `${ISSUER}/oauth/upstream`,
      scope: 'openid profile email',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    })
    const account = {
      id: accountId(IDP, 'user-1'),
      username: 'alice',
      name: 'Alice Example',
      email: 'alice@example.com',
      groups: [],
      scopes: ['mcp:execute'],
    }
    expect(await signIn()).toEqual({ kind: 'signed_in', account })
    expect(audit.events).toMatchObject([
      {
        type: 'sign_in.succeeded',
        subject: account.id,
        by: 'upstream',
        upstream: { issuer: IDP, subject: 'user-1' },
      },
    ])
    expect(await login.find(account.id)).toEqual(account)
    expect(fake.asked.filter((one) => one.includes('openid-configuration'))).toHaveLength(1)
  })

  test('what the ID token does not say is asked for; what it says wins', async () => {
    const { signIn } = parts(
      { scopesOfGroups: { ops: ['mcp:admin'] } },
      fakeUpstream(IDP, { ...ALICE, name: 'Other', groups: ['ops'] }),
    )
    expect(await signIn({ sub: 'user-1', name: 'Alice' })).toMatchObject({
      kind: 'signed_in',
      account: {
        name: 'Alice',
        email: 'alice@example.com',
        groups: ['ops'],
        scopes: ['mcp:execute', 'mcp:admin'],
      },
    })
  })

  test('a UserInfo answer about somebody else is not believed', async () => {
    const { signIn } = parts({}, fakeUpstream(IDP, { ...ALICE, sub: 'user-2' }))
    expect(pageOf(await signIn({ sub: 'user-1' })).status).toBe(502)
  })

  test.each([
    ['in the form', ['client_secret_basic', 'client_secret_post']],
    ['in the header', ['client_secret_basic']],
    ['in the header', undefined],
  ])('the secret is given %s to a provider that takes %j', async (where, methods) => {
    const fake = fakeUpstream(IDP, {}, { token_endpoint_auth_methods_supported: methods })
    const bodies: string[] = []
    const watched = async (url: string | URL, init?: RequestInit) => {
      bodies.push(String(init?.body))
      return fake.fetch(url, init)
    }
    expect(await parts({}, { ...fake, fetch: watched }).signIn()).toMatchObject({ kind: 'signed_in' })
    expect(bodies.some((body) => body.includes('client_secret='))).toBe(where === 'in the form')
  })
})

describe('whose answer it is', () => {
  test('an answer that another browser brings is not taken, and nothing of it is used', async () => {
    const { begin, fake, comeBack, audit } = parts()
    // Login CSRF: the attacker began 'one' and has the victim open the link that came back.
    const search = fake.signIn(await begin('one'), ALICE)
    expect(pageOf(await comeBack(search, 'two')).status).toBe(400)
    expect(fake.asked.some((one) => one.includes('/token'))).toBe(false)
    expect(audit.events).toEqual([])
    // The legal twin: the browser that began.
    expect(await comeBack(search, 'one')).toMatchObject({ kind: 'signed_in' })
  })

  test('an answer is good once, and for ten minutes', async () => {
    const { begin, fake, comeBack, clock } = parts()
    const search = fake.signIn(await begin(), ALICE)
    expect(await comeBack(search)).toMatchObject({ kind: 'signed_in' })
    expect(pageOf(await comeBack(search)).status).toBe(400)
    const late = fake.signIn(await begin(), ALICE)
    await clock.advance(600_000)
    expect(pageOf(await comeBack(late)).status).toBe(400)
  })

  test('an answer that another instance has taken in this moment is not taken again', async () => {
    const { begin, fake, comeBack, state, audit } = parts()
    const search = fake.signIn(await begin(), ALICE)
    Object.assign(state, { remove: async () => false })
    expect(pageOf(await comeBack(search)).status).toBe(400)
    expect(audit.events).toEqual([])
  })

  test.each(['', '?state=', '?state=x&code=y', '?code=y', '?error=access_denied'])(
    '%j is nobody’s answer',
    async (search) => {
      const { comeBack, begin } = parts()
      await begin()
      expect(pageOf(await comeBack(search)).status).toBe(400)
    },
  )

  test('another page is not its', async () => {
    const { login } = parts()
    const url = new URL(`${ISSUER}/oauth/upstream/more`)
    expect(await login.page({ method: 'GET', url, form: new URLSearchParams() })).toBeUndefined()
  })
})

describe('what a provider says that is not to be believed', () => {
  test.each([
    ['another nonce', { idToken: { nonce: 'x' } }],
    ['another audience', { idToken: { aud: 'somebody else' } }],
    ['another issuer', { idToken: { iss: 'https://evil.example.com' } }],
    ['a signature of another key', { isForged: true }],
  ])('%s signs nobody in', async (_, faults) => {
    const { signIn, fake, audit } = parts()
    Object.assign(fake.faults, faults)
    expect(pageOf(await signIn()).status).toBe(502)
    expect(audit.events).toMatchObject([{ type: 'sign_in.refused', reason: 'upstream_answer_invalid' }])
  })

  test.each([
    ['?', 'upstream_answer_invalid'],
    ['https://evil.example.com', 'upstream_answer_invalid'],
  ])('with `iss` announced (RFC 9207), an answer with %j is not taken', async (iss) => {
    const fake = fakeUpstream(IDP, {}, { authorization_response_iss_parameter_supported: true })
    const { begin, comeBack } = parts({}, fake)
    const search = new URLSearchParams(fake.signIn(await begin(), ALICE))
    if (iss === '?') search.delete('iss')
    else search.set('iss', iss)
    expect(pageOf(await comeBack(`?${search}`)).status).toBe(502)
    // The legal twin.
    expect(await comeBack(fake.signIn(await begin(), ALICE))).toMatchObject({ kind: 'signed_in' })
  })
})

describe('what goes wrong is told with what to do', () => {
  test.each([
    [{ down: true }, 503, 'upstream_unreachable', 'cannot be reached'],
    [{ status: 500 }, 503, 'upstream_unreachable', 'cannot be reached'],
    [{ status: 404 }, 502, 'upstream_misconfigured', 'openid-configuration'],
    [{ metadata: { issuer: `${IDP}/other` } }, 502, 'upstream_misconfigured', 'final slash'],
  ])('%j at the beginning', async (faults, status, reason, what) => {
    const { login, fake, audit, logged, begin } = parts()
    Object.assign(fake.faults, faults)
    const answer = pageOf(await login.signIn(loginRequest()))
    expect(answer).toMatchObject({ status, html: expect.stringContaining(what) })
    expect(answer.retryAfterS).toBe(status === 503 ? 30 : undefined)
    expect(audit.events).toMatchObject([{ type: 'sign_in.refused', reason }])
    expect(logged.join()).toContain(reason)
    // It is asked again as soon as somebody tries again.
    fake.faults = {}
    expect(await begin()).toContain('code_challenge')
  })

  test.each([
    ['invalid_client', 502, 'upstream_refused_client', 'client_secret'],
    ['invalid_grant', 502, 'upstream_refused', 'invalid_grant'],
    ['<script>', 502, 'upstream_refused', 'unknown error'],
  ])('%s where the code is exchanged', async (tokenError, status, reason, what) => {
    const { signIn, fake, audit, logged } = parts()
    fake.faults.tokenError = tokenError
    const answer = pageOf(await signIn())
    expect(answer).toMatchObject({ status, html: expect.stringContaining(what) })
    expect(answer.html + logged.join()).not.toContain('<script>')
    expect(audit.events).toMatchObject([{ reason }])
  })

  test.each([
    ['access_denied', 403, 'declined'],
    ['invalid_scope', 502, 'upstream_misconfigured'],
    ['server_error', 502, 'upstream_refused'],
  ])('%s that the browser brings', async (error, status, reason) => {
    const { begin, comeBack, audit } = parts()
    const state = new URL(await begin()).searchParams.get('state') ?? ''
    const search = new URLSearchParams({ error, state, error_description: 'call 555-0100 now' })
    const answer = pageOf(await comeBack(`?${search}`))
    expect(answer.status).toBe(status)
    expect(answer.html).not.toContain('555-0100')
    expect(answer.html).toContain('href="?again=1"')
    expect(audit.events).toMatchObject([{ reason }])
  })

  test('who tries again is asked who they are', async () => {
    expect(new URL(await parts().begin('one', '?again=1')).searchParams.get('prompt')).toBe('login')
    expect(new URL(await parts().begin('one')).searchParams.has('prompt')).toBe(false)
  })

  test('no secret is in a page, a log line or a record', async () => {
    const { signIn, fake, audit, logged } = parts()
    fake.faults.tokenError = 'invalid_client'
    const told = [pageOf(await signIn()).html, ...logged, JSON.stringify(audit.events)].join('\n')
    for (const secret of [CLIENT.clientSecret, 'code_verifier', 'state=']) expect(told).not.toContain(secret)
  })
})

describe('what is kept of somebody', () => {
  test('is asked anew with the configuration of now', async () => {
    const { signIn, open, settings } = parts()
    await signIn({ ...ALICE, groups: ['g-1'] })
    const id = accountId(IDP, 'user-1')
    const changed = open({
      ...settings,
      groupNames: { 'g-1': 'ops' },
      scopesOfGroups: { ops: ['mcp:admin'] },
    })
    expect(await changed.find(id)).toMatchObject({ groups: ['ops'], scopes: ['mcp:execute', 'mcp:admin'] })
    expect(await open({ ...settings, allowedDomains: ['other.example.com'] }).find(id)).toBeUndefined()
    expect(await open().find('up_nobody')).toBeUndefined()
  })

  test('what an older version wrote, or somebody else’s, is not read', async () => {
    const { state, login } = parts()
    await state.save('person', 'up_x', { learnt: { id: 'up_x' }, usedAtMs: 0 })
    await state.save('person', 'up_y', {
      learnt: { id: 'up_z', issuer: '', subject: '', username: '', groups: [], tenants: [] },
    })
    expect([await login.find('up_x'), await login.find('up_y')]).toEqual([undefined, undefined])
  })
})
