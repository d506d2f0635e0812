import { describe, expect, test } from 'vitest'
import { CLIENT, fakeUpstream, json } from '../../../test/kit/fake-upstream.ts'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { ISSUER, loginRequest, memoryAudit, memoryState, pageOf } from '../../../test/kit/people-parts.ts'
import type { Fetch } from '../../outbound/fetch.ts'
import type { LoginAnswer } from '../login.ts'
import { openUpstream } from './open-upstream.ts'
import { accountId } from './read-learnt.ts'
import type { UpstreamProvider, UpstreamSettings } from './settings.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'

/** Each provider's address, and the claims of an ID token as it makes them. */
const SHAPES = {
  entra: {
    issuer: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    claims: {
      sub: 'pairwise-subject',
      tid: TENANT,
      oid: 'AAAAAAAA-0000-0000-0000-000000000001',
      name: 'Alice Example',
      preferred_username: 'alice@example.com',
      email: 'alice@example.com',
      groups: ['0f0f0f0f-0000-0000-0000-000000000001'],
      ver: '2.0',
    },
  },
  google: {
    issuer: 'https://accounts.google.com',
    claims: {
      sub: '1234567890',
      hd: 'example.com',
      email: 'alice@example.com',
      email_verified: true,
      name: 'Alice Example',
    },
  },
  auth0: {
    issuer: 'https://tenant.auth0.com/',
    claims: {
      sub: 'auth0|abc',
      nickname: 'alice',
      name: 'Alice Example',
      email: 'alice@example.com',
      email_verified: true,
      org_id: 'org_1',
      'https://ssh-mcp.example.com/groups': ['ops'],
    },
  },
  okta: {
    issuer: 'https://dev-1.okta.com',
    claims: {
      sub: '00u1',
      name: 'Alice Example',
      preferred_username: 'alice@example.com',
      email: 'alice@example.com',
      email_verified: true,
      groups: ['Everyone', 'ops'],
    },
  },
  keycloak: {
    issuer: 'https://sso.example.com/realms/main',
    claims: {
      sub: 'f3b0c442-98fc-4c14-9afb-f4c8996fb924',
      preferred_username: 'alice',
      name: 'Alice Example',
      email: 'alice@example.com',
      email_verified: true,
      realm_access: { roles: ['ops'] },
    },
  },
} as const

function signInAt(
  provider: keyof typeof SHAPES,
  {
    claims = {},
    settings = {},
    userInfo = {},
    issuer = SHAPES[provider].issuer as string,
    own = issuer,
  } = {} as {
    claims?: Readonly<Record<string, unknown>>
    settings?: Partial<UpstreamSettings>
    userInfo?: Readonly<Record<string, unknown>>
    issuer?: string
    own?: string
  },
) {
  const fake = fakeUpstream(own, userInfo)
  // The common endpoint of Entra ID answers for every tenant, below its own address.
  const fetch: Fetch = (url, init) => fake.fetch(String(url).replace(issuer, own), init)
  return walk(provider, issuer, settings, fetch, (location) =>
    fake.signIn(location, { ...SHAPES[provider].claims, ...claims }),
  )
}

async function walk(
  provider: UpstreamProvider,
  issuer: string,
  more: Partial<UpstreamSettings>,
  fetch: Fetch,
  browse: (location: string) => string,
) {
  const settings: UpstreamSettings = {
    issuer,
    ...CLIENT,
    provider,
    claims: {},
    groupNames: {},
    scopesOfGroups: {},
    scopesOfEverybody: [],
    ...more,
  }
  const audit = memoryAudit()
  const rest = {
    audit,
    clock: new ManualClock(),
    state: memoryState(),
    log: { warn: () => undefined },
    keepMs: 1,
  }
  const login = openUpstream(settings, { issuer: ISSUER, fetch, ...rest })
  const begun = await login.signIn(loginRequest())
  if (begun.kind !== 'redirect') return { answer: begun, audit, location: '' }
  const url = new URL(`${ISSUER}/oauth/interaction/one${browse(begun.location)}`)
  return { answer: await login.signIn(loginRequest(undefined, { url })), audit, location: begun.location }
}

function reasonOf(audit: ReturnType<typeof memoryAudit>): unknown {
  const [event] = audit.events
  return event?.type === 'sign_in.refused' ? event.reason : undefined
}

function accountOf(answer: LoginAnswer) {
  if (answer.kind === 'signed_in') return answer.account
  throw new Error(
    answer.kind === 'page' ? answer.html.replace(/<style>.*<\/style>|<[^>]+>/g, ' ') : answer.kind,
  )
}

describe('who somebody is', () => {
  test.each([
    [
      'entra',
      accountId('https://login.microsoftonline.com', `${TENANT}:aaaaaaaa-0000-0000-0000-000000000001`),
    ],
    ['google', accountId('https://accounts.google.com', '1234567890')],
    ['auth0', accountId('https://tenant.auth0.com/', 'auth0|abc')],
    ['okta', accountId('https://dev-1.okta.com', '00u1')],
    ['keycloak', accountId('https://sso.example.com/realms/main', 'f3b0c442-98fc-4c14-9afb-f4c8996fb924')],
  ] as const)('at %s is its stable id, and the name people know', async (provider, id) => {
    const { answer } = await signInAt(provider)
    expect(accountOf(answer)).toMatchObject({ id, name: 'Alice Example' })
  })

  test('the same subject at two providers is two people', () => {
    expect(accountId('https://a.example.com', 'x')).not.toBe(accountId('https://b.example.com', 'x'))
    expect(accountId('https://a.example.com', 'x')).not.toBe(accountId('https://a.example.comx', ''))
  })

  test('at Entra ID is the same by every address of the tenant, and asked for with tenant and object id', async () => {
    const [direct, common] = [
      await signInAt('entra'),
      await signInAt('entra', {
        issuer: 'https://login.microsoftonline.com/common/v2.0',
        own: SHAPES.entra.issuer,
        settings: { allowedTenants: [TENANT] },
      }),
    ]
    expect(accountOf(common.answer).id).toBe(accountOf(direct.answer).id)
    const without = await signInAt('entra', { claims: { oid: undefined } })
    expect(reasonOf(without.audit)).toBe('upstream_no_subject')
  })
})

describe('an e-mail address', () => {
  test.each(['google', 'auth0', 'okta', 'keycloak'] as const)(
    'of %s counts when it is verified there, and only then',
    async (provider) => {
      expect(accountOf((await signInAt(provider)).answer).email).toBe('alice@example.com')
      for (const email_verified of [false, 'false', undefined, null, 1]) {
        const { answer } = await signInAt(provider, { claims: { email_verified } })
        expect(accountOf(answer).email).toBeUndefined()
      }
    },
  )

  test('of Entra ID counts when the tenant owns its domain: whoever has a tenant writes any address into it', async () => {
    expect(accountOf((await signInAt('entra')).answer).email).toBeUndefined()
    for (const xms_edov of [true, 1, '1', 'true'])
      expect(accountOf((await signInAt('entra', { claims: { xms_edov } })).answer).email).toBe(
        'alice@example.com',
      )
    expect(accountOf((await signInAt('entra', { claims: { xms_edov: false } })).answer).email).toBeUndefined()
  })
})

describe('groups', () => {
  test.each([
    ['okta', {}, ['Everyone', 'ops']],
    ['entra', {}, ['0f0f0f0f-0000-0000-0000-000000000001']],
    ['auth0', { groups: 'https://ssh-mcp.example.com/groups' }, ['ops']],
    ['keycloak', { groups: 'realm_access.roles' }, ['ops']],
    ['google', {}, []],
  ] as const)('of %s are where %j says', async (provider, claims, groups) => {
    const { answer } = await signInAt(provider, { settings: { claims } })
    expect(accountOf(answer).groups).toEqual(groups)
  })

  test('are called as the configuration says, and give scopes by that name', async () => {
    const { answer } = await signInAt('entra', {
      settings: {
        groupNames: { '0f0f0f0f-0000-0000-0000-000000000001': 'ops' },
        scopesOfGroups: { ops: ['mcp:execute', 'mcp:admin'], db: ['mcp:db'] },
        scopesOfEverybody: ['mcp:execute'],
      },
    })
    expect(accountOf(answer)).toMatchObject({ groups: ['ops'], scopes: ['mcp:execute', 'mcp:admin'] })
  })

  test('are asked for at Okta only where something is made of them', async () => {
    const scope = async (settings: Partial<UpstreamSettings>) =>
      new URL((await signInAt('okta', { settings })).location).searchParams.get('scope')
    expect(await scope({})).toBe('openid profile email')
    expect(await scope({ groupNames: { a: 'b' } })).toBe('openid profile email groups')
    expect(await scope({ scopes: ['profile'] })).toBe('openid profile')
  })

  test.each([
    ['of more than a token holds', { groups: undefined, _claim_names: { groups: 'src1' } }],
    ['of more than a token holds, as the implicit flow says it', { groups: undefined, hasgroups: true }],
  ])('%s are not none: nobody is signed in, and the page says what to change', async (_, claims) => {
    const { answer, audit } = await signInAt('entra', { claims })
    expect(pageOf(answer)).toMatchObject({
      status: 403,
      html: expect.stringContaining('Token configuration'),
    })
    expect(audit.events).toMatchObject([
      { reason: 'groups_overage', upstream: { subject: expect.stringContaining(TENANT) } },
    ])
  })

  test.each([[{ a: 1 }], [[1]], [true]])('%j are none that anybody understands', async (groups) => {
    const { audit } = await signInAt('okta', { claims: { groups } })
    expect(reasonOf(audit)).toBe('malformed_claim')
  })
})

describe('who may sign in', () => {
  test.each([
    ['entra', [TENANT.toUpperCase()], { tid: '99999999-2222-3333-4444-555555555555' }],
    ['google', ['example.com'], { hd: 'other.example.com' }],
    ['google', ['example.com'], { hd: undefined }],
    ['auth0', ['org_1'], { org_id: 'org_2' }],
  ] as const)('at %s: those of tenant %j, and not %j', async (provider, allowedTenants, claims) => {
    const settings = { allowedTenants }
    expect((await signInAt(provider, { settings })).answer.kind).toBe('signed_in')
    const refused = await signInAt(provider, { settings, claims })
    expect(refused.answer.kind).toBe('page')
    expect(reasonOf(refused.audit)).toBe('wrong_tenant')
  })

  test('a provider without tenants has none that is allowed', async () => {
    expect(reasonOf((await signInAt('keycloak', { settings: { allowedTenants: ['main'] } })).audit)).toBe(
      'wrong_tenant',
    )
  })

  test.each([
    ['alice@example.com', true, undefined],
    ['alice@EXAMPLE.com', true, undefined],
    ['alice@evil-example.com', true, 'wrong_address'],
    ['alice@sub.example.com', true, 'wrong_address'],
    ['alice@example.com', false, 'email_not_verified'],
  ])('by domain: %s, verified: %s', async (email, email_verified, reason) => {
    const { audit } = await signInAt('google', {
      settings: { allowedDomains: ['example.com'] },
      claims: { email, email_verified },
    })
    expect(reasonOf(audit)).toBe(reason)
  })

  test('by address, where people are named', async () => {
    const reason = async (settings: Partial<UpstreamSettings>) =>
      reasonOf((await signInAt('google', { settings })).audit)
    expect(await reason({ allowedPeople: ['Alice@example.com'] })).toBeUndefined()
    expect(await reason({ allowedPeople: ['bob@example.com'] })).toBe('wrong_address')
    expect(
      await reason({ allowedPeople: ['bob@example.net'], allowedDomains: ['example.com'] }),
    ).toBeUndefined()
  })

  test('by domain at Entra ID, the page names the claim that is missing', async () => {
    const { answer } = await signInAt('entra', { settings: { allowedDomains: ['example.com'] } })
    expect(pageOf(answer).html).toContain('xms_edov')
  })
})

describe('GitHub', () => {
  const USER = { id: 583_231, login: 'alice', name: 'Alice Example', email: 'shown@example.com' }
  const EMAILS = [
    { email: 'old@example.com', primary: false, verified: true },
    { email: 'alice@example.com', primary: true, verified: true },
  ]

  function signInThere(
    more: {
      settings?: Partial<UpstreamSettings>
      user?: unknown
      emails?: unknown
      token?: unknown
      status?: number
      issuer?: string
    } = {},
  ) {
    const { issuer = 'https://github.com' } = more
    const api = issuer === 'https://github.com' ? 'https://api.github.com' : `${issuer}/api/v3`
    const asked: string[] = []
    const fetch: Fetch = async (address, init) => {
      const url = new URL(address)
      asked.push(url.href)
      if (url.href === `${issuer}/login/oauth/access_token`)
        return json(
          more.token ?? { access_token: 'gho_x', token_type: 'bearer', scope: 'read:user,user:email' },
        )
      if (new Headers(init?.headers).get('authorization') !== 'Bearer gho_x') return json({}, 401)
      if (more.status !== undefined) return json({}, more.status)
      if (url.href === `${api}/user`) return json(more.user ?? USER)
      if (url.href === `${api}/user/emails`) return json(more.emails ?? EMAILS)
      const page = url.searchParams.get('page')
      const full = Array.from({ length: 100 }, (_, number) => ({ login: `org-${number}` }))
      return json(page === '1' ? full : [{ login: 'Example-Inc' }])
    }
    const browse = (location: string) => `?code=c&state=${new URL(location).searchParams.get('state')}`
    return { asked, walked: walk('github', issuer, more.settings ?? {}, fetch, browse) }
  }

  test('says by its API who somebody is: the number, and the verified primary address', async () => {
    const { asked, walked } = signInThere()
    const { answer, location } = await walked
    expect(accountOf(answer)).toEqual({
      id: accountId('https://github.com', '583231'),
      username: 'alice',
      name: 'Alice Example',
      email: 'alice@example.com',
      groups: [],
      scopes: [],
    })
    expect(location).toMatch(/^https:\/\/github\.com\/login\/oauth\/authorize\?.*code_challenge_method=S256/)
    expect(new URL(location).searchParams.get('scope')).toBe('read:user user:email')
    expect(asked.some((url) => url.includes('/orgs'))).toBe(false)
  })

  test('organisations are groups and tenants, all pages of them', async () => {
    const settings = { allowedTenants: ['example-inc'], scopesOfGroups: { 'Example-Inc': ['mcp:admin'] } }
    const { answer, location } = await signInThere({ settings }).walked
    expect(accountOf(answer).scopes).toEqual(['mcp:admin'])
    expect(accountOf(answer).groups).toHaveLength(101)
    expect(new URL(location).searchParams.get('scope')).toBe('read:user user:email read:org')
    expect(reasonOf((await signInThere({ settings: { allowedTenants: ['other'] } }).walked).audit)).toBe(
      'wrong_tenant',
    )
  })

  test('an Enterprise server has its API below its own address', async () => {
    const { answer } = await signInThere({ issuer: 'https://github.example.com' }).walked
    expect(accountOf(answer).id).toBe(accountId('https://github.example.com', '583231'))
  })

  test.each([
    [
      'the shown address is not taken for a verified one',
      { emails: [{ email: 'x@example.com', primary: true, verified: false }] },
    ],
    ['no address at all', { emails: [] }],
  ])('%s', async (_, more) => {
    expect(accountOf((await signInThere(more).walked).answer).email).toBeUndefined()
  })

  test.each([
    [{ token: { error: 'incorrect_client_credentials' } }, 'upstream_refused_client'],
    [{ token: { error: 'redirect_uri_mismatch' } }, 'upstream_refused_client'],
    [{ token: { error: 'bad_verification_code' } }, 'upstream_refused'],
    [{ status: 403 }, 'upstream_refused'],
    [{ status: 500 }, 'upstream_unreachable'],
    [{ user: { login: 'alice' } }, 'upstream_no_subject'],
    [{ user: { id: '1', login: 'alice' } }, 'upstream_no_subject'],
  ])('%j is told as %s', async (more, reason) => {
    const { answer, audit } = await signInThere(more).walked
    expect(answer.kind).toBe('page')
    expect(reasonOf(audit)).toBe(reason)
  })
})
