import { expect, test } from 'vitest'
import type { Clock } from '../lib/clock.ts'
import { memoryAdapter } from './memory-adapter.ts'

function clockAt(ms: { now: number }): Clock {
  return { now: () => new Date(ms.now), monotonicMs: () => ms.now, sleep: () => Promise.resolve() }
}

test('what is kept for a time is forgotten after it, and what is kept without one stays', async () => {
  const ms = { now: 0 }
  const store = memoryAdapter(clockAt(ms))
  await store('AuthorizationCode').upsert('a', { uid: 'x' }, 60)
  await store('Client').upsert('a', { client_name: 'kept' })
  ms.now = 59_999
  expect(await store('AuthorizationCode').find('a')).toEqual({ uid: 'x' })
  ms.now = 60_000
  expect(await store('AuthorizationCode').find('a')).toBeUndefined()
  expect(await store('AuthorizationCode').findByUid('x')).toBeUndefined()
  expect(await store('Client').find('a')).toEqual({ client_name: 'kept' })
})

test('a code that was used once is marked, so that a second use is noticed', async () => {
  const codes = memoryAdapter(clockAt({ now: 5_000 }))('AuthorizationCode')
  await codes.upsert('a', {}, 60)
  await codes.consume('a')
  expect(await codes.find('a')).toEqual({ consumed: 5 })
})

test('revoking a grant forgets all that was given under it and nothing else', async () => {
  const store = memoryAdapter(clockAt({ now: 0 }))
  await store('RefreshToken').upsert('a', { grantId: 'g1' }, 60)
  await store('AuthorizationCode').upsert('b', { grantId: 'g1' }, 60)
  await store('RefreshToken').upsert('c', { grantId: 'g2' }, 60)
  await store('RefreshToken').revokeByGrantId('g1')
  expect(await store('RefreshToken').find('a')).toBeUndefined()
  expect(await store('AuthorizationCode').find('b')).toBeUndefined()
  expect(await store('RefreshToken').find('c')).toEqual({ grantId: 'g2' })
})

test('a browser session is found by its uid among its own kind', async () => {
  const store = memoryAdapter(clockAt({ now: 0 }))
  await store('Interaction').upsert('a', { uid: 'same' }, 60)
  await store('Session').upsert('b', { uid: 'same', accountId: 'alice' }, 60)
  expect(await store('Session').findByUid('same')).toMatchObject({ accountId: 'alice' })
})

test('endless registrations push out the oldest, not the memory', async () => {
  const clients = memoryAdapter(clockAt({ now: 0 }))('Client')
  for (let count = 0; count <= 10_000; count += 1)
    await clients.upsert(`c${count}`, { client_id: `c${count}` })
  expect(await clients.find('c0')).toBeUndefined()
  expect(await clients.find('c10000')).toEqual({ client_id: 'c10000' })
})
