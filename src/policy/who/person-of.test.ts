import { describe, expect, test } from 'vitest'
import type { Principal } from '../../domain/principal.ts'
import type { Person } from '../rule-set.ts'
import { personOf, samePerson } from './person-of.ts'

const somebody: Principal = {
  issuer: 'https://idp.example.com/',
  subject: 'u1',
  method: 'oauth',
  groups: [],
  roles: [],
  scopes: new Set(),
}
const ada: Principal = { ...somebody, subject: 'ada', email: 'ada@example.com' }
const eve: Principal = { ...somebody, subject: 'eve', email: 'eve@example.com' }
const adasKey: Principal = { ...somebody, issuer: 'api-key', subject: 'ada-cli', method: 'api_key' }
const otherKey: Principal = { ...adasKey, subject: 'robot' }
const atTheKeyboard: Principal = { ...somebody, issuer: 'os', subject: 'ada', method: 'stdio' }
const anybody: Principal = { ...somebody, issuer: 'none', subject: 'none', method: 'none' }

const people: Person[] = [
  {
    name: 'ada',
    emails: ['Ada@Example.com'],
    principals: [
      { issuer: 'api-key', subject: 'ada-cli' },
      { issuer: 'os', subject: 'ada' },
    ],
  },
]

type Row = [sentence: string, one: Principal, other: Principal, expected: ReturnType<typeof samePerson>]
const rows: Row[] = [
  ['somebody is the same as themselves', ada, { ...ada, scopes: 'all' }, 'same'],
  ['two accounts of one provider are two', ada, eve, 'different'],
  ['unless both name one address, in any case', ada, { ...eve, email: 'ADA@example.com' }, 'same'],
  [
    'the same subject from another issuer is somebody else',
    ada,
    { ...somebody, issuer: 'https://other/', subject: 'ada' },
    'different',
  ],
  ['a key that people lists is its owner', ada, adasKey, 'same'],
  ['two ways in of one person are one', adasKey, atTheKeyboard, 'same'],
  ['a key of one person is not another', eve, adasKey, 'different'],
  ['a key that nobody lists may be anybody', ada, otherKey, 'unknown'],
  ['so may the user of this machine', eve, { ...atTheKeyboard, subject: 'root' }, 'unknown'],
  ['and whoever comes without signing in', ada, anybody, 'unknown'],
  ['two keys that nobody lists may be one', otherKey, { ...otherKey, subject: 'other' }, 'unknown'],
  ['a program of its own is nobody in particular', ada, { ...eve, isMachine: true }, 'unknown'],
]

describe('whether two ways in are one human', () => {
  test.each(rows)('%s', (_, one, other, expected) => {
    expect(samePerson(one, other, people)).toBe(expected)
    expect(samePerson(other, one, people)).toBe(expected)
  })

  test('a user of this machine is not the subject of a token of that name', () => {
    expect(personOf({ ...somebody, subject: 'ada' }, people)).toBeUndefined()
    expect(personOf(atTheKeyboard, people)?.name).toBe('ada')
  })
})
