import { expect, test } from 'vitest'
import type { Clock } from '../lib/clock.ts'
import { MemoryState } from './memory-state.ts'
import { Registrations } from './registrations.ts'

const DAY = 86_400_000

function opened(most?: number) {
  const at = { ms: 1_000 * DAY }
  const clock: Clock = { now: () => new Date(at.ms), monotonicMs: () => at.ms, sleep: async () => undefined }
  return { at, registrations: new Registrations(new MemoryState(clock), clock, () => 90 * DAY, most) }
}

test('a registration that nobody used is forgotten in time, and one that somebody did lasts from its last use', async () => {
  const { at, registrations } = opened()
  await registrations.add('idle', {})
  await registrations.add('used', { client_name: 'x' })
  at.ms += 89 * DAY
  await registrations.used('used')
  at.ms += DAY
  expect(await registrations.find('idle')).toBeUndefined()
  at.ms += 88 * DAY
  expect(await registrations.find('used')).toMatchObject({ metadata: { client_name: 'x' } })
  at.ms += DAY
  expect(await registrations.find('used')).toBeUndefined()
})

test('when there are too many, the oldest that was never used goes, and who is used never', async () => {
  const { at, registrations } = opened(3)
  for (const id of ['used', 'old', 'new']) {
    await registrations.add(id, {})
    at.ms += 1_000
  }
  await registrations.used('used')
  expect(await registrations.makeRoom()).toEqual(['old'])
  await registrations.add('newer', {})
  await registrations.used('new')
  await registrations.used('newer')
  expect(await registrations.makeRoom()).toBe('full')
  expect((await registrations.list()).map(({ id }) => id)).toEqual(['used', 'new', 'newer'])
})

test('using one that is not there makes none', async () => {
  const { registrations } = opened()
  await registrations.used('https://client.example.com/client.json')
  expect(await registrations.list()).toEqual([])
})
