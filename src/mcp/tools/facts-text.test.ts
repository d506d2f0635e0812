import { expect, test } from 'vitest'
import type { HostFacts } from '../../domain/facts.ts'
import { hostName } from '../../domain/host.ts'
import { factsText } from './facts-text.ts'

const GIB = 1024 ** 3
const bare: HostFacts = {
  host: hostName('web-server'),
  collectedAt: new Date('2026-11-23T12:00:00Z'),
  fromCache: false,
  platform: 'posix',
  missing: [],
}

test('a host is described in a dozen lines between marks', () => {
  const facts: HostFacts = {
    ...bare,
    hostname: 'web',
    os: { name: 'Debian GNU/Linux 12 (bookworm)' },
    kernel: '6.1.0',
    architecture: 'x86_64',
    virtualization: 'kvm',
    cpu: { count: 4, model: 'Example CPU' },
    memory: { total: 8 * GIB, available: 6 * GIB, swapTotal: 2 * GIB, swapFree: 1.5 * GIB },
    disks: [
      {
        mount: '/',
        device: '/dev/vda1',
        totalBytes: 100 * GIB,
        usedBytes: 90 * GIB,
        availableBytes: 5 * GIB,
      },
    ],
    load: [0.1, 0.2, 0.3],
    uptimeSeconds: 90_000,
    failedUnits: [],
    listening: [
      { protocol: 'tcp', address: '0.0.0.0', port: 22, process: 'sshd' },
      { protocol: 'tcp', address: '::', port: 80 },
    ],
    updates: { manager: 'apt', count: 5, security: 2 },
    missing: [{ part: 'swap', reason: 'none' }],
  }
  expect(factsText(facts, 'MARK')).toBe(`web-server, at 2026-11-23T12:00:00.000Z
--- facts MARK
system: web: Debian GNU/Linux 12 (bookworm) kernel 6.1.0 x86_64 on kvm
cpu: 4 × Example CPU
memory: 6.0 GiB of 8.0 GiB available, swap 512 MiB of 2.0 GiB used
disk /: 95 % of 100 GiB used, 5.0 GiB free (/dev/vda1)
load: 0.1 0.2 0.3, up 1 d 1 h
failed units: none
listening: tcp 0.0.0.0:22 sshd, tcp [::]:80
updates: 5 (apt, 2 of them for security)
missing: swap (none)
--- end MARK`)
})

test('a host of which little is known is described by that alone, and long lists are cut', () => {
  const failedUnits = Array.from({ length: 25 }, (_, index) => `unit-${index}.service`)
  const text = factsText({ ...bare, fromCache: true, failedUnits }, 'MARK')
  expect(text.split('\n')).toHaveLength(4)
  expect(text).toContain('web-server, as of 2026')
  expect(text).toContain('unit-19.service and 5 more')
  expect(factsText(bare, 'MARK').split('\n')).toHaveLength(3)
})
