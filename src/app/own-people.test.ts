import { expect, test } from 'vitest'
import type { Config } from '../config/config.ts'
import type { Principal } from '../domain/principal.ts'
import type { Clock } from '../lib/clock.ts'
import { OwnPeople } from './own-people.ts'

const ISSUER = 'https://ssh-mcp.example.com'
const alice: Principal = {
  issuer: ISSUER,
  subject: 'user_1',
  method: 'oauth',
  groups: [],
  roles: [],
  scopes: new Set(['mcp:execute']),
}
const issuers = [ISSUER, 'https://idp.example.com/'].map((issuer) => ({
  issuer,
  audience: [],
  provider: 'generic',
  claims: {},
}))
const config = { server: { auth: { oauth: { issuers, embedded: { issuer: ISSUER } }, apiKeys: [] } } }

/** One look at a time: `look` lets the next one begin. */
function opened() {
  const looks: (() => void)[] = []
  const clock: Clock = {
    now: () => new Date(0),
    monotonicMs: () => 0,
    sleep: () => new Promise((resolve) => void looks.push(resolve)),
  }
  const people = new OwnPeople(() => config as unknown as Config, clock)
  const look = async () => {
    looks.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { people, look }
}

test('somebody who was removed is nobody from then on, and whoever follows is told once', async () => {
  const { people, look } = opened()
  const there = new Set(['user_1', 'user_2'])
  people.askBy(async (subject) => (there.has(subject) ? {} : undefined))
  let told = 0
  void people.follow(() => {
    told += 1
  }, new AbortController().signal)
  for (const subject of there) expect(await people.isKnown(subject, 0)).toBe(true)
  await look()
  expect(told).toBe(0)
  there.delete('user_1')
  expect(people.now(alice)).toBe(alice)
  await look()
  expect(told).toBe(1)
  expect(people.now(alice)).toBeUndefined()
  expect(people.now({ ...alice, subject: 'user_2' })).toBeDefined()
  await look()
  expect(told).toBe(1)
  there.add('user_1')
  expect(await people.isKnown('user_1', 0)).toBe(true)
  expect(people.now(alice)).toBe(alice)
})

test('a person of the same name at another provider is somebody else', async () => {
  const { people } = opened()
  people.askBy(async () => undefined)
  expect(await people.isKnown('user_1', 0)).toBe(false)
  const other = { ...alice, issuer: 'https://idp.example.com/' }
  expect(people.now(other)).toBe(other)
})

test('a login that cannot be asked right now ends nothing', async () => {
  const { people, look } = opened()
  let isBroken = false
  people.askBy(async () => {
    if (isBroken) throw new Error('the disk is gone')
    return {}
  })
  let told = 0
  void people.follow(() => {
    told += 1
  }, new AbortController().signal)
  await people.isKnown('user_1', 0)
  isBroken = true
  await look()
  expect(told).toBe(0)
  expect(people.now(alice)).toBe(alice)
})

function people(notBefore?: string) {
  const { people: some } = opened()
  some.askBy(async (subject) =>
    subject === 'alice' ? { ...(notBefore !== undefined && { notBefore: new Date(notBefore) }) } : undefined,
  )
  return some
}

const S = Date.parse('2026-01-01T12:00:00Z') / 1_000

test('a token of before a new password does not count; one of the same second or later does', async () => {
  const some = people('2026-01-01T12:00:00.500Z')
  expect(await some.isKnown('alice', S - 1)).toBe(false)
  expect(await some.isKnown('alice', Number.NaN)).toBe(false)
  expect(await some.isKnown('alice', S)).toBe(true)
  expect(await some.isKnown('alice', S + 1)).toBe(true)
})

test('of somebody without a password here every token counts, and of nobody none', async () => {
  expect(await people().isKnown('alice', Number.NaN)).toBe(true)
  expect(await people().isKnown('bob', S)).toBe(false)
})

test('until the login says otherwise everybody counts', async () => {
  expect(await opened().people.isKnown('alice', 0)).toBe(true)
})
