import { expect, test } from 'vitest'
import { survivesKills } from './crash.ts'

test('killed at ten random moments under load, every answered call has its records', {
  timeout: 120_000,
}, async () => {
  const { answered, begun } = await survivesKills(10)
  expect(answered).toBeGreaterThan(10)
  expect(begun).toBeGreaterThanOrEqual(answered)
})
