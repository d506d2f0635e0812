import { describe, expect, test } from 'vitest'
import { lockOn } from '../../test/kit/lock-parts.ts'
import type { Action, Call } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import { hostName } from '../domain/host.ts'
import type { LockTarget } from '../domain/lock.ts'
import type { Principal } from '../domain/principal.ts'
import type { Person } from './rule-set.ts'
import { LOCKED, underLocks } from './under-locks.ts'

const issuer = 'https://idp.example.com/'
const alice: Principal = {
  issuer,
  subject: 'alice-1',
  method: 'oauth',
  email: 'Alice@example.com',
  clientId: 'chat',
  groups: [],
  roles: [],
  scopes: 'all',
}
const bob: Principal = { ...alice, subject: 'bob-1', email: 'bob@example.com', clientId: 'editor' }
const key: Principal = {
  issuer: 'api-key',
  subject: 'ci',
  method: 'api_key',
  groups: [],
  roles: [],
  scopes: 'all',
}
const local: Principal = { ...key, issuer: 'os', subject: 'ci', method: 'stdio' }

const people: readonly Person[] = [
  {
    name: 'Alice',
    emails: ['alice@example.com'],
    principals: [
      { issuer: 'os', subject: 'alice' },
      { issuer: 'api-key', subject: 'alice-laptop' },
    ],
  },
]
const aliceAtHome: Principal = { ...local, subject: 'alice' }
const aliceByKey: Principal = { ...key, subject: 'alice-laptop' }

const run = (host = 'web'): Action => ({
  kind: 'run',
  host: hostName(host),
  command: 'uptime',
  timeoutMs: 1,
  waitMs: 1,
})
const copy: Action = {
  kind: 'transfer_file',
  from: { kind: 'host', host: hostName('web'), path: '/a', sudo: false },
  to: { kind: 'host', host: hostName('db'), path: '/b', sudo: false },
  recursive: false,
  overwrite: false,
  resume: false,
  timeoutMs: 1,
}
const list: Action = { kind: 'list_hosts' }
const lift: Action = { kind: 'remove_lock', lock: 'lock_1' }
const byEmail: LockTarget = { kind: 'person', email: 'alice@EXAMPLE.com' }
const byIssuer = (subject: string, of = issuer): LockTarget => ({ kind: 'person', issuer: of, subject })

type Case = [
  sentence: string,
  lock: LockTarget,
  principal: Principal,
  action: Action,
  verdict: 'locked' | 'free',
]

const cases: Case[] = [
  ['a person is locked by e-mail, in any case of letters', byEmail, alice, run(), 'locked'],
  ['and may not even list hosts', byEmail, alice, list, 'locked'],
  ['another person goes on', byEmail, bob, run(), 'free'],
  ['a person is locked by issuer and subject', byIssuer('alice-1'), alice, run(), 'locked'],
  ['the same subject of another issuer is somebody else', byIssuer('alice-1', 'x'), alice, run(), 'free'],
  ['a subject is compared exactly', byIssuer('Alice-1'), alice, run(), 'free'],
  ['an e-mail locks every way in that people lists', byEmail, aliceAtHome, run(), 'locked'],
  ['the keys of the person too', byEmail, aliceByKey, run(), 'locked'],
  ['one way in locks the others', byIssuer('alice', 'os'), alice, run(), 'locked'],
  ['whichever two they are', byIssuer('alice', 'os'), aliceByKey, run(), 'locked'],
  ['people tells nothing of others', byIssuer('alice', 'os'), bob, run(), 'free'],
  ['a client is locked for everybody', { kind: 'client', client: 'chat' }, alice, run(), 'locked'],
  ['other clients go on', { kind: 'client', client: 'chat' }, bob, run(), 'free'],
  ['who has no client is not locked by one', { kind: 'client', client: 'chat' }, key, run(), 'free'],
  ['an API key is locked by its name', { kind: 'api_key', name: 'ci' }, key, run(), 'locked'],
  ['nobody else of that name is', { kind: 'api_key', name: 'ci' }, local, run(), 'free'],
  ['a host is locked for everybody', { kind: 'host', host: hostName('web') }, bob, run(), 'locked'],
  ['other hosts go on', { kind: 'host', host: hostName('web') }, bob, run('db'), 'free'],
  ['a transfer is held by either end', { kind: 'host', host: hostName('db') }, bob, copy, 'locked'],
  ['what names no host goes on', { kind: 'host', host: hostName('web') }, bob, list, 'free'],
  ['the kill switch holds everybody', { kind: 'all' }, bob, list, 'locked'],
  ['but those who can lift it', { kind: 'all' }, bob, lift, 'free'],
  ['a locked person lifts no lock', byEmail, alice, lift, 'locked'],
  ['nor a locked key', { kind: 'api_key', name: 'ci' }, key, lift, 'locked'],
]

describe('locks', () => {
  test.each(cases)('%s', (_, on, principal, action, verdict) => {
    const said = underLocks(callOf(principal, action), ALLOWED, [lockOn(on)], people)
    expect(said).toBe(verdict === 'locked' ? LOCKED : ALLOWED)
  })

  test('one of several is enough, and none is none', () => {
    const locks = [lockOn({ kind: 'client', client: 'editor' }), lockOn(byEmail)]
    expect(underLocks(callOf(alice, run()), ALLOWED, locks, [])).toBe(LOCKED)
    expect(underLocks(callOf(alice, run()), ALLOWED, [], [])).toBe(ALLOWED)
  })

  test('a locked host tells nobody that it exists who does not know', () => {
    const hidden: Decision = { verdict: 'deny', rule: 'x', reason: { code: 'host_not_found' } }
    const locks = [lockOn({ kind: 'host', host: hostName('web') })]
    expect(underLocks(callOf(bob, run()), hidden, locks, [])).toBe(hidden)
  })

  test('what would have to be approved first is held like what is allowed', () => {
    const terms = { approvers: ['ops'], count: 1, expiresAfterMs: 1, selfApprove: false }
    const asked: Decision = { verdict: 'approve', rule: 'x', terms }
    const locks = [lockOn({ kind: 'host', host: hostName('web') })]
    expect(underLocks(callOf(bob, run()), asked, locks, [])).toBe(LOCKED)
  })
})

const ALLOWED: Decision = { verdict: 'allow', rule: 'x' }

function callOf(principal: Principal, action: Action): Call {
  return { id: 'call_1', principal, action, edge: 'rest', receivedAt: new Date(0) }
}
