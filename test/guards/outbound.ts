import type { Guard } from './guard.ts'

const test = 'src/outbound/guarded-fetch.test.ts'

export const OUTBOUND_GUARDS: readonly Guard[] = [
  {
    name: 'strangers-lead-to-no-loopback',
    file: 'src/app/outbound.ts',
    from: 'configuredOrigins: new Set<string>(),',
    to: 'configuredOrigins: outboundSettings(config()).configuredOrigins,',
    test: 'src/app/outbound.test.ts',
    title: 'an issuer on this machine is asked by the bridge, and not for a stranger who names it',
  },
  {
    name: 'outbound-https',
    file: 'src/outbound/find-address.ts',
    from: "if (url.protocol !== 'https:' && !(isPlain && isConfigured))",
    to: "if (url.protocol !== 'https:' && !isPlain)",
    test,
    title: 'http on loopback is not, where another port of it is',
  },
  {
    name: 'outbound-public',
    file: 'src/outbound/find-address.ts',
    from: 'return isOwn || isIn(allowed, target) || isPublic(target)',
    to: 'return true',
    test,
    title: 'a name that leads to a private one is not',
  },
  {
    name: 'outbound-rebinding',
    file: 'src/outbound/send.ts',
    from: 'lookup: (_name, options, done) => {',
    to: 'unused: (_name, options, done) => {',
    test,
    title: 'a name that leads somewhere else a moment later',
  },
  {
    name: 'outbound-size',
    file: 'src/outbound/send.ts',
    from: 'if (bytes > MAX_ANSWER_BYTES)',
    to: 'if (false)',
    test,
    title: 'up to 512 KB after unpacking gzip',
  },
  {
    name: 'outbound-redirects',
    file: 'src/outbound/guarded-fetch.ts',
    from: 'if (to === undefined || !isSame || !mayFollow)',
    to: 'if (to === undefined || !mayFollow)',
    test,
    title: 'are not followed to another port',
  },
]
