import { describe, expect, test } from 'vitest'
import type { Action } from '../domain/call.ts'
import type { ActionClass } from '../domain/decision.ts'
import { hostName } from '../domain/host.ts'
import type { Principal } from '../domain/principal.ts'
import { givesOutput, holderOf, isDestructive } from './budget.ts'

const host = hostName('web')
const place = { host, path: '/x', sudo: false } as const
const run: Action = { kind: 'run', host, command: 'x', timeoutMs: 1, waitMs: 1 }
const write: Action = {
  kind: 'write_file',
  ...place,
  content: Buffer.alloc(0),
  createOnly: false,
  createDirectories: false,
  dryRun: false,
}
const use: Action = {
  kind: 'use_terminal',
  host,
  session: 'term_1',
  input: [{ kind: 'text', text: 'x' }],
  wait: { waitMs: 1 },
  read: 'screen',
}
const copy = {
  kind: 'transfer_file',
  from: { kind: 'host', ...place },
  to: { kind: 'link' },
  recursive: false,
  overwrite: false,
  resume: false,
  timeoutMs: 1,
} as const

const cases: [sentence: string, action: Action, classes: ActionClass[] | undefined, changes: boolean][] = [
  ['a command that nobody has looked into may change something', run, undefined, true],
  ['so may one of class run', run, ['run'], true],
  ['one that is known to only read changes nothing', run, ['read'], false],
  ['one of several parts changes what one of them changes', run, ['read', 'sudo'], true],
  ['writing a file changes it', write, undefined, true],
  ['asking what a write would change does not', { ...write, dryRun: true }, undefined, false],
  ['typing into a terminal may change something', use, ['terminal'], true],
  ['looking at it does not', { ...use, input: [] }, ['terminal'], false],
  [
    'a live terminal may do anything',
    { kind: 'open_session', host, terminal: { columns: 1, rows: 1 } },
    undefined,
    true,
  ],
  ['a session by itself does nothing', { kind: 'open_session', host }, ['session'], false],
  ['a transfer changes a place', copy, ['transfer'], true],
  ['listing hosts changes nothing', { kind: 'list_hosts' }, undefined, false],
  [
    'the call for many hosts is counted on each',
    { kind: 'run_on_hosts', hosts: ['*'], command: 'x', timeoutMs: 1, deadlineMs: 1, canary: 0 },
    undefined,
    false,
  ],
]

describe('what may change something', () => {
  test.each(cases)('%s', (_, action, classes, changes) => {
    const decision = { verdict: 'allow', rule: 'x', ...(classes && { classes }) } as const
    expect(isDestructive({ action }, decision)).toBe(changes)
  })
})

test('what is given away by an answer or through a link is output, what goes from host to host is none', () => {
  const toHost = { ...copy, to: { kind: 'host', ...place } } as const
  expect([run, use, copy, write, toHost, { kind: 'list_hosts' } as const].map(givesOutput)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ])
})

describe('whose budget it is', () => {
  const token: Principal = {
    issuer: 'https://idp.example.com/',
    subject: 'u1',
    method: 'oauth',
    clientId: 'chat',
    email: 'u1@example.com',
    groups: [],
    roles: [],
    scopes: 'all',
  }
  const key: Principal = {
    issuer: 'api-key',
    subject: 'chat',
    method: 'api_key',
    groups: [],
    roles: [],
    scopes: 'all',
  }
  const of = (per: 'person' | 'client', principal: Principal) => holderOf({ per }, principal, [])

  test('the same subject of two issuers is two people, and an API key of the name of a client is no client', () => {
    const elsewhere = { ...token, issuer: 'https://other.example.com/' }
    expect(of('person', token)).not.toBe(of('person', elsewhere))
    expect(of('client', token)).not.toBe(of('client', elsewhere))
    expect(of('client', { ...token, issuer: 'api-key' })).not.toBe(of('client', key))
  })

  test('a budget of a role is for whoever holds one of its roles', () => {
    const roles = [{ name: 'dev', matches: [{ emails: ['u1@example.com'] }] }]
    expect(holderOf({ per: 'person', roles }, token, [])).toBe(of('person', token))
    expect(holderOf({ per: 'person', roles }, key, [])).toBeUndefined()
  })
})
