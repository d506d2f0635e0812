import type { Guard } from './guard.ts'

const JOURNEY = { test: 'test/journeys/init.test.ts', needsBuild: true } as const

export const INIT_GUARDS: readonly Guard[] = [
  {
    name: 'init-trusts-what-was-compared',
    file: 'src/cli/init/trust-hosts.ts',
    from: 'if (compared.includes(entry.name)) await',
    to: 'await',
    ...JOURNEY,
    title: 'a fingerprint that was compared is trusted, and nothing else',
  },
  {
    name: 'init-refuses-changed-keys',
    file: 'src/cli/init/trust-hosts.ts',
    from: "keys.every(({ verdict }) => verdict === 'unknown')",
    to: 'keys.length > 0',
    ...JOURNEY,
    title: 'another key than the trusted one is refused and explained',
  },
  {
    name: 'init-replaces-when-told',
    file: 'src/cli/init/dialogue.ts',
    from: 'if (!existsSync(path) || force) return',
    to: 'if (path) return',
    ...JOURNEY,
    title: 'is replaced only when that is said',
  },
  {
    name: 'init-writes-for-its-owner',
    file: 'src/cli/init/put-config.ts',
    from: 'mode: 0o600 })\n  return backup',
    to: 'mode: 0o644 })\n  return backup',
    ...JOURNEY,
    title: 'five answers, and a client of this machine',
  },
]
