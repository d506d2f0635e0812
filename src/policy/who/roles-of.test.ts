import { describe, expect, test } from 'vitest'
import type { Principal } from '../../domain/principal.ts'
import type { RoleMatch } from '../rule-set.ts'
import { rolesOf } from './roles-of.ts'

const ada: Principal = {
  issuer: 'https://idp.example.com/',
  subject: 'u1',
  method: 'oauth',
  email: 'Ada@example.com',
  clientId: 'chat',
  groups: ['ops', 'db'],
  roles: ['admin'],
  scopes: new Set(['mcp:execute']),
}
const key: Principal = { ...ada, issuer: 'api-key', subject: 'robot', method: 'api_key', scopes: 'all' }

type Row = [sentence: string, matches: RoleMatch[], principal: Principal, isHeld: boolean]
const rows: Row[] = [
  ['one group of a list is enough', [{ groups: ['x', 'db'] }], ada, true],
  ['a group in another case is another', [{ groups: ['OPS'] }], ada, false],
  ['a group that begins alike is another', [{ groups: ['op'] }], ada, false],
  ['a pattern of groups is a name', [{ groups: ['*'] }], ada, false],
  ['a role of the token counts', [{ roles: ['admin'] }], ada, true],
  ['a group is no role of the token', [{ roles: ['ops'] }], ada, false],
  ['every key of an entry must hold', [{ groups: ['ops'], clients: ['other'] }], ada, false],
  ['and then it holds', [{ groups: ['ops'], clients: ['chat'] }], ada, true],
  ['one entry of several is enough', [{ groups: ['x'] }, { subjects: ['u1'] }], ada, true],
  ['an address counts in any case', [{ emails: ['ada@EXAMPLE.com'] }], ada, true],
  ['so does its domain', [{ emails: ['*@Example.com'] }], ada, true],
  [
    'a domain below it is another',
    [{ emails: ['*@example.com'] }],
    { ...ada, email: 'a@x.example.com' },
    false,
  ],
  [
    'a domain that ends alike is another',
    [{ emails: ['*@example.com'] }],
    { ...ada, email: 'a@anexample.com' },
    false,
  ],
  [
    'an address with two signs is of its last domain',
    [{ emails: ['*@example.com'] }],
    { ...ada, email: 'a@example.com@evil.com' },
    false,
  ],
  [
    'who has no address has none of the domain',
    [{ emails: ['*@example.com'] }],
    { ...key, email: undefined as never },
    false,
  ],
  ['an issuer is compared exactly', [{ issuers: ['https://idp.example.com'] }], ada, false],
  ['a client', [{ clients: ['chat'] }], ada, true],
  ['a scope', [{ scopes: ['mcp:execute'] }], ada, true],
  ['a way in that knows no scopes holds none by name', [{ scopes: ['mcp:execute'] }], key, false],
  ['a key by its name', [{ apiKeys: ['robot'] }], key, true],
  ['a subject of that name is not the key', [{ apiKeys: ['robot'] }], { ...ada, subject: 'robot' }, false],
  ['a way in', [{ methods: ['api_key', 'stdio'] }], key, true],
  ['an entry without keys is everybody', [{}], ada, true],
  ['no entry is nobody', [], ada, false],
]

describe('a role', () => {
  test.each(rows)('%s', (_, matches, principal, isHeld) => {
    expect([...rolesOf(principal, { roles: [{ name: 'r', matches }] })]).toEqual(isHeld ? ['r'] : [])
  })
})
