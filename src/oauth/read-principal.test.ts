import { describe, expect, test } from 'vitest'
import { missingScopes } from '../domain/principal.ts'
import { omittedClaims } from './providers.ts'
import { readPrincipal } from './read-principal.ts'
import type { IssuerSettings, Provider } from './settings.ts'

const TENANT = '11111111-2222-3333-4444-555555555555'
const OTHER_TENANT = '99999999-2222-3333-4444-555555555555'
const OBJECT = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'

const ISSUERS: Record<Provider, string> = {
  auth0: 'https://tenant.auth0.example.com/',
  entra: `https://login.microsoftonline.com/${TENANT}/v2.0`,
  okta: 'https://org.okta.example.com/oauth2/default',
  keycloak: 'https://keycloak.example.com/realms/r',
  generic: 'https://issuer.example.com',
}

type Claims = Record<string, unknown>

function read(provider: Provider, claims: Claims, settings: Partial<IssuerSettings> = {}) {
  const all: IssuerSettings = {
    issuer: ISSUERS[provider],
    audience: ['bridge'],
    provider,
    claims: {},
    ...settings,
  }
  return readPrincipal(claims, all, new Set(['bridge', 'https://bridge.example.com/mcp']))
}

/** What each provider really sends, as its reference pages show it. */
const people: [string, Provider, Claims, Claims][] = [
  [
    'Auth0',
    'auth0',
    {
      sub: 'auth0|65f',
      azp: 'client-1',
      scope: 'openid mcp:execute',
      permissions: ['mcp:admin'],
      email: 'user@example.com',
    },
    {
      subject: 'auth0|65f',
      email: 'user@example.com',
      clientId: 'client-1',
      scopes: new Set(['openid', 'mcp:execute']),
    },
  ],
  [
    'Entra, version 2',
    'entra',
    {
      tid: TENANT,
      oid: OBJECT,
      sub: 'pairwise',
      azp: 'client-1',
      scp: 'mcp:execute mcp:admin',
      preferred_username: 'user@example.com',
      email: 'set-by-anyone@evil.example.com',
      name: 'User Example',
      groups: ['g-1', 'g-2'],
      roles: ['Operator'],
    },
    {
      subject: `${TENANT}/${OBJECT}`,
      email: 'user@example.com',
      name: 'User Example',
      clientId: 'client-1',
      groups: ['g-1', 'g-2'],
      roles: ['Operator'],
      scopes: new Set(['mcp:execute', 'mcp:admin']),
    },
  ],
  [
    'Entra, version 1',
    'entra',
    {
      tid: TENANT,
      oid: OBJECT,
      appid: 'client-1',
      scp: 'mcp:execute',
      upn: 'user@example.com',
      unique_name: 'x',
    },
    { subject: `${TENANT}/${OBJECT}`, email: 'user@example.com', clientId: 'client-1' },
  ],
  [
    'Okta',
    'okta',
    {
      sub: 'user@example.com',
      uid: '00u1',
      cid: 'client-1',
      scp: ['openid', 'mcp:execute'],
      groups: ['ops'],
    },
    {
      subject: '00u1',
      email: 'user@example.com',
      clientId: 'client-1',
      groups: ['ops'],
      scopes: new Set(['openid', 'mcp:execute']),
    },
  ],
  [
    'Keycloak',
    'keycloak',
    {
      sub: 'f-1',
      azp: 'client-1',
      typ: 'Bearer',
      scope: 'email mcp:execute',
      preferred_username: 'user',
      email: 'user@example.com',
      email_verified: true,
      realm_access: { roles: ['operator'] },
      resource_access: { bridge: { roles: ['admin'] }, account: { roles: ['manage-account'] } },
    },
    {
      subject: 'f-1',
      name: 'user',
      email: 'user@example.com',
      clientId: 'client-1',
      roles: ['operator', 'admin'],
    },
  ],
  [
    'any other (RFC 9068)',
    'generic',
    {
      sub: 'user-1',
      client_id: 'client-1',
      scope: 'mcp:execute',
      groups: ['g'],
      roles: ['r'],
      name: 'User Example',
    },
    { subject: 'user-1', clientId: 'client-1', groups: ['g'], roles: ['r'], name: 'User Example' },
  ],
]

const machines: [string, Provider, Claims, Claims][] = [
  [
    'Auth0',
    'auth0',
    { sub: 'client-1@clients', azp: 'client-1', gty: 'client-credentials', scope: 'mcp:execute' },
    { subject: 'client-1@clients', scopes: new Set(['mcp:execute']) },
  ],
  [
    'Entra, whose app roles are its scopes',
    'entra',
    { tid: TENANT, oid: OBJECT, azp: 'client-1', idtyp: 'app', roles: ['mcp:execute'] },
    { subject: `${TENANT}/${OBJECT}`, scopes: new Set(['mcp:execute']), roles: ['mcp:execute'] },
  ],
  ['Okta', 'okta', { sub: 'client-1', cid: 'client-1', scp: ['mcp:execute'] }, { subject: 'client-1' }],
  [
    'Keycloak',
    'keycloak',
    {
      sub: 'f-2',
      azp: 'client-1',
      client_id: 'client-1',
      preferred_username: 'service-account-client-1',
      email: 'x@y',
    },
    { subject: 'f-2' },
  ],
  ['any other (RFC 9068)', 'generic', { sub: 'client-1', client_id: 'client-1' }, { subject: 'client-1' }],
]

describe('a person', () => {
  test.each(people)('with a token of %s', (_, provider, claims, expected) => {
    expect(read(provider, claims)).toMatchObject({
      kind: 'principal',
      principal: { issuer: ISSUERS[provider], method: 'oauth', ...expected },
    })
  })
})

describe('a client without a person is named after itself and has no e-mail', () => {
  test.each(machines)('with a token of %s', (_, provider, claims, expected) => {
    const answer = read(provider, claims)
    expect(answer).toMatchObject({ principal: { name: 'client-1', clientId: 'client-1', ...expected } })
    expect(answer).not.toHaveProperty('principal.email')
  })
})

describe('who it is', () => {
  test.each<[string, string, Provider, Claims]>([
    [
      'Entra: a token of another tenant',
      'wrong_tenant',
      'entra',
      { tid: OTHER_TENANT, oid: OBJECT, azp: 'c' },
    ],
    ['Entra: a token without a tenant', 'wrong_tenant', 'entra', { oid: OBJECT, azp: 'c' }],
    ['Entra: a token without an object id', 'bad_subject', 'entra', { tid: TENANT, sub: 's', azp: 'c' }],
    [
      'Entra: an ID token of the application itself',
      'id_token',
      'entra',
      { tid: TENANT, oid: OBJECT, roles: ['mcp:execute'] },
    ],
    ['Okta: an ID token', 'id_token', 'okta', { sub: 'user@example.com', uid: '00u1' }],
    [
      'Entra: too many groups',
      'groups_overage',
      'entra',
      { tid: TENANT, oid: OBJECT, azp: 'c', _claim_names: { groups: 'src1' } },
    ],
    [
      'Entra: too many groups, implicit flow',
      'groups_overage',
      'entra',
      { tid: TENANT, oid: OBJECT, azp: 'c', hasgroups: true },
    ],
    ['groups that are not words', 'malformed_claim', 'generic', { sub: 's', groups: ['a', 1] }],
    ['roles that are not words', 'malformed_claim', 'keycloak', { sub: 's', realm_access: { roles: [{}] } }],
    [
      'scopes that are not words',
      'malformed_claim',
      'okta',
      { sub: 's', cid: 'c', scp: { 'mcp:execute': true } },
    ],
    ['a subject that turns the line around', 'bad_subject', 'generic', { sub: 'user\u202etxt' }],
  ])('is not read from %s (%s)', (_, reason, provider, claims) => {
    expect(read(provider, claims)).toEqual({ kind: 'refused', reason })
  })

  test('is read where a distributed claim is none of ours', () => {
    expect(read('generic', { sub: 's', _claim_names: { address: 'src1' } })).toMatchObject({
      kind: 'principal',
    })
    expect(omittedClaims({ _claim_names: null, hasgroups: 'false' })).toEqual([])
  })

  test('an e-mail address that the provider calls unverified is not taken', () => {
    for (const email_verified of [false, 'false', null, 0, '', 'no', [true]])
      expect(read('generic', { sub: 's', email: 'a@b.test', email_verified })).not.toHaveProperty(
        'principal.email',
      )
    for (const said of [{}, { email_verified: true }, { email_verified: 'true' }])
      expect(read('generic', { sub: 's', email: 'a@b.test', ...said })).toHaveProperty(
        'principal.email',
        'a@b.test',
      )
  })

  test('a name that would forge a log line is not taken', () => {
    const answer = read('generic', { sub: 's', name: 'User\n2026 INFO User: root', email: 'a b@c' })
    expect(answer).toMatchObject({ kind: 'principal' })
    expect(answer).not.toHaveProperty('principal.name')
    expect(answer).not.toHaveProperty('principal.email')
  })
})

describe('scopes', () => {
  const held = (claims: Claims, settings: Partial<IssuerSettings> = {}): unknown => {
    const answer = read('generic', { sub: 's', ...claims }, settings)
    return answer.kind === 'principal' && answer.principal.scopes !== 'all'
      ? [...answer.principal.scopes]
      : answer
  }

  test.each<[string, Claims, string[]]>([
    ['scope, a string', { scope: 'mcp:execute mcp:admin' }, ['mcp:execute', 'mcp:admin']],
    ['scope, a list', { scope: ['mcp:execute'] }, ['mcp:execute']],
    ['scp, a string', { scp: 'mcp:execute mcp:admin' }, ['mcp:execute', 'mcp:admin']],
    ['scp, a list', { scp: ['mcp:execute', 'mcp:admin'] }, ['mcp:execute', 'mcp:admin']],
    ['both', { scope: 'a', scp: ['b', 'a'] }, ['a', 'b']],
    ['neither', {}, []],
    ['several spaces', { scope: '  a   b ' }, ['a', 'b']],
    ['an empty string', { scope: '' }, []],
    ['a tab, which separates nothing', { scope: 'a\tmcp:execute' }, ['a\tmcp:execute']],
    ['a list, whose words are not taken apart', { scp: ['x mcp:execute'] }, ['x mcp:execute']],
    ['permissions, which nobody asked for', { permissions: ['mcp:execute'] }, []],
  ])('are read from %s', (_, claims, expected) => {
    expect(held(claims)).toEqual(expected)
  })

  test('are read from permissions in addition, where configured', () => {
    const settings = { claims: { scopes: 'permissions' } }
    expect(held({ scope: 'openid', permissions: ['mcp:execute'] }, settings)).toEqual([
      'openid',
      'mcp:execute',
    ])
  })

  test('are compared exactly', () => {
    const answer = read('generic', { sub: 's', scope: 'mcp:execute2 MCP:EXECUTE mcp: execute mcp:execut' })
    if (answer.kind !== 'principal') throw new Error('it is a principal')
    expect(missingScopes(answer.principal, ['mcp:execute'])).toEqual(['mcp:execute'])
  })

  test('of an Entra user do not grow by app roles', () => {
    const user = { tid: TENANT, oid: OBJECT, azp: 'c', scp: 'openid', roles: ['mcp:execute'] }
    expect(read('entra', user)).toHaveProperty('principal.scopes', new Set(['openid']))
  })
})

describe('configured claims', () => {
  const own = (claims: Record<string, string>, token: Claims, provider: Provider = 'auth0') =>
    read(provider, { sub: 's', ...token }, { claims })

  test('with a namespace replace the provider’s own places', () => {
    const names = {
      email: 'https://ssh-mcp.example.com/email',
      name: 'https://ssh-mcp.example.com/name',
      groups: 'https://ssh-mcp.example.com/groups',
      roles: 'https://ssh-mcp.example.com/roles',
      client_id: 'https://ssh-mcp.example.com/app',
      subject: 'https://ssh-mcp.example.com/id',
    }
    const token = Object.fromEntries(
      Object.entries(names).map(([what, name]) => [name, `${what}@example.com`]),
    )
    expect(own(names, { ...token, email: 'x@y.test', groups: ['x'], roles: ['x'], azp: 'x' })).toMatchObject({
      principal: {
        subject: 'subject@example.com',
        email: 'email@example.com',
        name: 'name@example.com',
        groups: ['groups@example.com'],
        roles: ['roles@example.com'],
        clientId: 'client_id@example.com',
      },
    })
  })

  test('may be paths, also through names with dots', () => {
    expect(
      own(
        { roles: 'resource_access.my.client.roles' },
        { resource_access: { 'my.client': { roles: ['r'] } } },
      ),
    ).toHaveProperty('principal.roles', ['r'])
    expect(own({ groups: 'realm.groups' }, { realm: { groups: ['g'] } })).toHaveProperty('principal.groups', [
      'g',
    ])
  })

  test('that are missing from the token are not guessed from elsewhere', () => {
    expect(own({ email: 'mail' }, { email: 'x@y.test' })).not.toHaveProperty('principal.email')
    expect(own({ subject: 'employee' }, {})).toEqual({ kind: 'refused', reason: 'bad_subject' })
  })

  test('never reach what every object inherits', () => {
    for (const name of ['constructor.name', '__proto__', 'toString', 'constructor'])
      expect(own({ subject: name }, {})).toEqual({ kind: 'refused', reason: 'bad_subject' })
  })

  test('for groups are watched for overage under their own name', () => {
    expect(own({ groups: 'memberOf' }, { _claim_names: { memberOf: 's1' } })).toMatchObject({
      reason: 'groups_overage',
    })
    expect(own({ groups: 'memberOf' }, { _claim_names: { groups: 's1' } })).toMatchObject({
      kind: 'principal',
    })
  })
})

describe('whose tokens are taken', () => {
  const entra = { tid: TENANT.toUpperCase(), oid: OBJECT, azp: 'c-1', scp: 'mcp:execute' }
  const auth0 = { sub: 's', azp: 'c-1', org_id: 'org_1' }

  test.each<[string, Provider, Claims, Partial<IssuerSettings>]>([
    ['everybody’s', 'entra', entra, {}],
    ['those of the named clients', 'entra', entra, { allowedClients: ['c-0', 'c-1'] }],
    ['those of the named tenants', 'auth0', auth0, { allowedTenants: ['org_1'] }],
    ['a GUID in any case of letters', 'entra', entra, { allowedTenants: [TENANT] }],
    ['both named', 'entra', entra, { allowedTenants: [TENANT.toUpperCase()], allowedClients: ['c-1'] }],
  ])('%s', (_, provider, claims, settings) => {
    expect(read(provider, claims, settings)).toMatchObject({ kind: 'principal' })
  })

  test.each<[string, string, Provider, Claims, Partial<IssuerSettings>]>([
    ['those of another client', 'client_not_allowed', 'auth0', auth0, { allowedClients: ['c-2'] }],
    ['a client in another case', 'client_not_allowed', 'auth0', auth0, { allowedClients: ['C-1'] }],
    ['those of no client', 'client_not_allowed', 'auth0', { sub: 's' }, { allowedClients: ['c-1'] }],
    ['those of another organisation', 'tenant_not_allowed', 'auth0', auth0, { allowedTenants: ['org_2'] }],
    ['an organisation in another case', 'tenant_not_allowed', 'auth0', auth0, { allowedTenants: ['ORG_1'] }],
    ['those of no organisation', 'tenant_not_allowed', 'auth0', { sub: 's' }, { allowedTenants: ['org_1'] }],
    [
      'those of another tenant, where the issuer is the one for all',
      'tenant_not_allowed',
      'entra',
      entra,
      { issuer: 'https://login.microsoftonline.com/common/v2.0', allowedTenants: [OTHER_TENANT] },
    ],
  ])('but not %s: %s', (_, reason, provider, claims, settings) => {
    expect(read(provider, claims, settings)).toEqual({ kind: 'refused', reason })
  })
})
