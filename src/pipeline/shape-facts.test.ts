import { expect, test } from 'vitest'
import { redactorOf } from '../../test/kit/redactors.ts'
import type { HostFacts } from '../domain/facts.ts'
import { hostName } from '../domain/host.ts'
import { shapeFacts } from './shape-facts.ts'
import { wireFacts } from './wire-facts.ts'

const facts: HostFacts = {
  host: hostName('web-server'),
  collectedAt: new Date('2026-11-23T12:00:00Z'),
  fromCache: true,
  platform: 'posix',
  hostname: 'has-example-secret-in-it',
  memory: { total: 4, available: 3, swapTotal: 2, swapFree: 1 },
  disks: [
    { mount: '/mnt/example-secret', device: '/dev/vdb', totalBytes: 3, usedBytes: 2, availableBytes: 1 },
  ],
  load: [1, 2, 3],
  uptimeSeconds: 0,
  failedUnits: [],
  missing: [{ part: 'cpu', reason: 'example-secret' }],
}

test('facts are told without secrets, in the words of the wire, and nothing that was not known is there', () => {
  const redactor = redactorOf('example-secret')
  expect(wireFacts(shapeFacts(facts, { redactor }))).toEqual({
    host: 'web-server',
    collected_at: '2026-11-23T12:00:00.000Z',
    from_cache: true,
    platform: 'posix',
    hostname: 'has-[redacted]-in-it',
    memory: { total: 4, available: 3, swap_total: 2, swap_free: 1 },
    disks: [
      { mount: '/mnt/[redacted]', device: '/dev/vdb', total_bytes: 3, used_bytes: 2, available_bytes: 1 },
    ],
    load: [1, 2, 3],
    uptime_seconds: 0,
    failed_units: [],
    missing: [{ part: 'cpu', reason: '[redacted]' }],
  })
})
