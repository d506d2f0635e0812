import { defineConfig } from 'vitest/config'

/** The counts in the thousands: drops, kills, events. Run whole by `npm run soak`. */
export default defineConfig({
  test: {
    include: ['{src,test}/**/*.soak.test.ts'],
    testTimeout: 30 * 60_000,
    expect: { poll: { timeout: 30_000 } },
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
})
