import { expect, test } from 'vitest'
import type { Principal } from '../domain/principal.ts'
import { principalNow } from './principal-now.ts'

const NOW = new Date('2026-01-01')

const alice: Principal = {
  issuer: 'api-key',
  subject: 'alice',
  method: 'api_key',
  groups: [],
  roles: [],
  scopes: 'all',
}
const key = { name: 'alice', sha256: '0'.repeat(64), scopes: ['mcp:execute'], roles: [] }
const oauth = {
  issuers: [
    {
      issuer: 'https://idp.example.com/',
      audience: ['https://ssh-mcp.example.com'],
      provider: 'generic',
      claims: {},
    },
  ],
  scopesSupported: [],
} as const
const person: Principal = {
  ...alice,
  issuer: oauth.issuers[0].issuer,
  method: 'oauth',
  scopes: new Set(['mcp:execute']),
}

test('a key that was taken out of the configuration is nobody any more', () => {
  expect(principalNow(alice, { apiKeys: [{ ...key, name: 'bob' }] }, NOW)).toBeUndefined()
})

test('a key that is still there has the scopes that it has now', () => {
  expect(principalNow(alice, { apiKeys: [key] }, NOW)).toMatchObject({ scopes: new Set(['mcp:execute']) })
})

test('and the roles', () => {
  const keys = { apiKeys: [{ ...key, roles: ['ops'] }] }
  expect(principalNow({ ...alice, roles: ['root'] }, keys, NOW)).toMatchObject({ roles: ['ops'] })
})

test('a key that has expired is nobody any more, one that will is still who it was', () => {
  const expires = (at: string) => ({ apiKeys: [{ ...key, expiresAt: new Date(at) }] })
  expect(principalNow(alice, expires('2026-01-01'), NOW)).toBeUndefined()
  expect(principalNow(alice, expires('2026-01-02'), NOW)).toMatchObject({ subject: 'alice' })
})

test('a person stays who they are while their issuer is trusted, and no longer', () => {
  expect(principalNow(person, { oauth, apiKeys: [] }, NOW)).toBe(person)
  const other = { ...oauth, issuers: [{ ...oauth.issuers[0], issuer: 'https://idp.example.org/' }] }
  expect(principalNow(person, { oauth: other, apiKeys: [] }, NOW)).toBeUndefined()
  expect(principalNow(person, { apiKeys: [key] }, NOW)).toBeUndefined()
})

test('a person goes when their client or tenant is not among those any more that may', () => {
  const narrowed = (changes: { allowedClients?: string[]; allowedTenants?: string[] }) => ({
    oauth: { ...oauth, issuers: [{ ...oauth.issuers[0], ...changes }] },
    apiKeys: [],
  })
  const known = { ...person, clientId: 'c-1', tenant: 'org_1' }
  expect(principalNow(known, narrowed({ allowedClients: ['c-1'], allowedTenants: ['org_1'] }), NOW)).toBe(
    known,
  )
  for (const changes of [{ allowedClients: ['c-2'] }, { allowedTenants: ['org_2'] }])
    expect(principalNow(known, narrowed(changes), NOW)).toBeUndefined()
})

test('who came without authentication goes when there is one; the person at the terminal stays', () => {
  const anonymous: Principal = { ...alice, issuer: 'none', subject: 'anonymous', method: 'none' }
  expect(principalNow(anonymous, { apiKeys: [] }, NOW)).toBe(anonymous)
  expect(principalNow(anonymous, { apiKeys: [key] }, NOW)).toBeUndefined()
  const user: Principal = { ...alice, issuer: 'os', method: 'stdio' }
  expect(principalNow(user, { oauth, apiKeys: [] }, NOW)).toBe(user)
})
