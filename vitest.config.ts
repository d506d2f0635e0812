import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
    exclude: ['**/*.soak.test.ts', 'node_modules/**'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What is waited for is there at last or not at all: how long it takes says more of the machine than of the code.
    expect: { poll: { timeout: 30_000 } },
    // Real servers on a machine that does other things beside. What needs its second try is named at the end.
    retry: 1,
    // Files share what they import, so that it is read once a worker: no test replaces a module.
    isolate: false,
    // Much of a journey is waiting for hosts.
    maxWorkers: 4,
    reporters: ['default', './test/kit/closing-line.ts'],
  },
})
