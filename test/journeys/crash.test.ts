import { expect, test } from 'vitest'
import { survivesKills } from './crash.ts'

test.each(['sqlite', 'postgres'] as const)(
  'killed at five random moments under load, with %s nothing that was answered is lost and every intent has an outcome',
  { timeout: 120_000 },
  async (engine) => {
    const { answered, begun } = await survivesKills(5, engine)
    expect(answered).toBeGreaterThan(5)
    expect(begun).toBeGreaterThanOrEqual(answered)
  },
)
