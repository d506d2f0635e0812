import type { Guard } from './guard.ts'

const attribution = {
  file: 'src/ssh/run/attribution.ts',
  test: 'src/ssh/run/attribution.test.ts',
} as const

/** What hosts are told of who asks. */
export const ATTRIBUTION_GUARDS: readonly Guard[] = [
  {
    name: 'attribution-fields',
    ...attribution,
    from: '[^A-Za-z0-9@._+-]',
    to: '[^\\x20-\\x7e]',
    title: 'holds one field for the person, whatever their name is',
  },
  {
    name: 'attribution-length',
    ...attribution,
    from: 'if (overBytes > 0)',
    to: 'if (false)',
    title: 'is not left out for a command that is too long with it',
  },
]

export const SINK_GUARDS: readonly Guard[] = [
  {
    name: 'sinks-stdout',
    file: 'src/config/check-sinks.ts',
    from: 'if (transports(server).stdio)',
    to: 'if (!transports(server).http)',
    test: 'src/config/sinks.test.ts',
    title: 'is no place for the audit while a client is served on it',
  },
  {
    name: 'syslog-certificate',
    file: 'src/sinks/syslog-sender.ts',
    from: 'rejectUnauthorized: true,',
    to: 'rejectUnauthorized: false,',
    test: 'src/sinks/syslog-sender.test.ts',
    title: 'must be one that the configured authority vouches for',
  },
]
