import { expect, test } from 'vitest'
import type { Clock } from '../lib/clock.ts'
import { MemoryState } from './memory-state.ts'
import { publicJwk, SigningKeys } from './signing-keys.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

function opened() {
  const at = { ms: 1_000 * DAY }
  const clock: Clock = { now: () => new Date(at.ms), monotonicMs: () => at.ms, sleep: async () => undefined }
  const state = new MemoryState(clock)
  return { at, state, keys: new SigningKeys(state, clock), other: () => new SigningKeys(state, clock) }
}

const kids = (keys: SigningKeys) => keys.ring.keys.map(({ kid }) => kid)

test('the first look makes an RSA and an elliptic key, and everybody after it sees the same', async () => {
  const { keys, other } = opened()
  expect(await keys.look()).toEqual([])
  expect(keys.ring.keys.map(({ alg }) => alg)).toEqual(['RS256', 'ES256'])
  const second = other()
  await second.look()
  expect(second.ring).toEqual(keys.ring)
})

test('nothing but the public half is public', async () => {
  const { keys } = opened()
  await keys.look()
  for (const key of keys.ring.keys.map(publicJwk)) {
    expect(Object.keys(key)).not.toEqual(expect.arrayContaining(['d']))
    expect(Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi'].includes(name))).toEqual([])
    expect(key).toMatchObject({ use: 'sig', kid: expect.any(String), alg: expect.any(String) })
  }
})

test('by age, new keys are published a day before they sign, and old ones stay until all they signed has expired', async () => {
  const { at, keys } = opened()
  await keys.look()
  const [first] = kids(keys)
  at.ms += 89 * DAY - 1
  expect(await keys.look()).toEqual([])
  at.ms += 1
  const made = await keys.look()
  expect(made).toHaveLength(2)
  expect(kids(keys)[0]).toBe(first)
  expect(kids(keys)).toHaveLength(4)
  expect(await keys.look()).toEqual([])
  at.ms += DAY
  await keys.look()
  expect(kids(keys).slice(0, 2)).toEqual(made.map(({ kid }) => kid))
  expect(kids(keys)).toContain(first)
  at.ms += DAY + 10 * MINUTE - 1
  await keys.look()
  expect(kids(keys)).toContain(first)
  at.ms += 1
  await keys.look()
  expect(kids(keys)).toEqual(made.map(({ kid }) => kid))
})

test('by command they sign in a quarter of an hour, at once, or in place of all others', async () => {
  const { at, keys, other } = opened()
  await keys.look()
  const old = kids(keys)
  const command = other()
  const ahead = (await command.rotate('ahead')).map(({ kid }) => kid)
  await keys.look()
  expect(kids(keys)).toEqual([...old, ...ahead])
  at.ms += 15 * MINUTE
  expect(kids(keys)).toEqual([...ahead, ...old])
  const now = (await command.rotate('now')).map(({ kid }) => kid)
  await keys.look()
  expect(kids(keys)).toEqual([...now, ...old, ...ahead])
  const alone = (await command.rotate('revoke')).map(({ kid }) => kid)
  await keys.look()
  expect(kids(keys)).toEqual(alone)
})

test('a rotation keeps the secret of cookies that was in use, so that browsers stay signed in', async () => {
  const { keys } = opened()
  await keys.look()
  const [before] = keys.ring.cookieSecrets
  await keys.rotate('revoke')
  expect(keys.ring.cookieSecrets).toHaveLength(2)
  expect(keys.ring.cookieSecrets[1]).toBe(before)
})
