import { expect, test } from 'vitest'
import type { Principal } from '../domain/principal.ts'
import { principalNow } from './principal-now.ts'

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
  issuer: 'https://idp.example.com/',
  audience: ['https://ssh-mcp.example.com'],
  provider: 'generic',
  claims: {},
  scopesSupported: [],
} as const
const person: Principal = {
  ...alice,
  issuer: oauth.issuer,
  method: 'oauth',
  scopes: new Set(['mcp:execute']),
}

test('a key that was taken out of the configuration is nobody any more', () => {
  expect(principalNow(alice, { apiKeys: [{ ...key, name: 'bob' }] })).toBeUndefined()
})

test('a key that is still there has the scopes that it has now', () => {
  expect(principalNow(alice, { apiKeys: [key] })).toMatchObject({ scopes: new Set(['mcp:execute']) })
})

test('a person stays who they are while their issuer is trusted, and no longer', () => {
  expect(principalNow(person, { oauth, apiKeys: [] })).toBe(person)
  const other = { ...oauth, issuer: 'https://idp.example.org/' }
  expect(principalNow(person, { oauth: other, apiKeys: [] })).toBeUndefined()
  expect(principalNow(person, { apiKeys: [key] })).toBeUndefined()
})

test('who came without authentication goes when there is one; the person at the terminal stays', () => {
  const anonymous: Principal = { ...alice, issuer: 'none', subject: 'anonymous', method: 'none' }
  expect(principalNow(anonymous, { apiKeys: [] })).toBe(anonymous)
  expect(principalNow(anonymous, { apiKeys: [key] })).toBeUndefined()
  const user: Principal = { ...alice, issuer: 'os', method: 'stdio' }
  expect(principalNow(user, { oauth, apiKeys: [] })).toBe(user)
})
