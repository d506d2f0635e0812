import { describe, expect, test } from 'vitest'
import { splitParts } from './parts.ts'
import { readFacts } from './read-facts.ts'

const NONCE = '0123456789abcdef0123456789abcdef'
const part = (name: string, ...lines: string[]) =>
  `\n${NONCE} ${name}\n${lines.map((line) => `${line}\n`).join('')}`
const lack = (name: string, reason: string) => `\n${NONCE} - ${name} ${reason}\n`
const read = (...pieces: string[]) => readFacts(splitParts([...pieces, part('end')].join(''), NONCE))

describe('the facts of a host', () => {
  test('are read from what Debian prints', () => {
    const facts = read(
      part('name', 'web', 'Linux', '6.1.0-18-amd64', 'x86_64'),
      part(
        'os',
        'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
        'NAME="Debian GNU/Linux"',
        'VERSION_ID="12"',
        'ID=debian',
      ),
      part('cpu', '4', 'model name\t: Example CPU @ 2.00GHz'),
      part(
        'memory',
        'MemTotal:       2048 kB',
        'MemAvailable:   1024 kB',
        'SwapTotal: 10 kB',
        'SwapFree: 4 kB',
      ),
      part('load', '0.10 0.20 0.30 1/234 5678'),
      part('uptime', '12345.67 23456.78'),
      part('virtualization', 'kvm'),
      part('mounts', '/ ext4', '/mnt/a\\040b xfs', '/scratch tmpfs'),
      part(
        'disks',
        'Filesystem     1024-blocks      Used Available Capacity Mounted on',
        'udev 100 0 100 0% /dev',
        '/dev/vda1 1000 400 500 45% /',
        '/dev/vda1 1000 400 500 45% /srv/bind',
        '/dev/vdb 2000 0 -5 100% /mnt/a b',
        'scratch 10 0 10 0% /scratch',
        '/dev/loop3 64 64 0 100% /snap/core/1',
      ),
      part('listening', 'tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))'),
      part('failed_units', 'backup.service loaded failed failed Nightly backup', 'whole'),
      part('updates_apt', '5', '2'),
    )
    expect(facts).toEqual({
      hostname: 'web',
      os: { name: 'Debian GNU/Linux 12 (bookworm)', id: 'debian', version: '12' },
      kernel: '6.1.0-18-amd64',
      architecture: 'x86_64',
      virtualization: 'kvm',
      cpu: { count: 4, model: 'Example CPU @ 2.00GHz' },
      memory: { total: 2_097_152, available: 1_048_576, swapTotal: 10_240, swapFree: 4_096 },
      disks: [
        {
          mount: '/',
          device: '/dev/vda1',
          totalBytes: 1_024_000,
          usedBytes: 409_600,
          availableBytes: 512_000,
        },
        { mount: '/mnt/a b', device: '/dev/vdb', totalBytes: 2_048_000, usedBytes: 0, availableBytes: 0 },
      ],
      load: [0.1, 0.2, 0.3],
      uptimeSeconds: 12_345,
      failedUnits: ['backup.service'],
      listening: [{ protocol: 'tcp', address: '0.0.0.0', port: 22, process: 'sshd' }],
      updates: { manager: 'apt', count: 5, security: 2 },
      missing: [],
    })
  })

  test('are read from what BSD and macOS print, and the rest is missing with why', () => {
    const facts = read(
      part('name', 'mac', 'Darwin', '23.4.0', 'arm64'),
      part('os', 'NAME=macOS', 'VERSION_ID=14.4'),
      part('cpu', '8', 'model name : Example M1'),
      lack('memory', 'the host has no /proc/meminfo'),
      part('load', '{ 1.50 2.00 2.50 }'),
      part('uptime', '{ sec = 1700000000, usec = 0 } Tue Nov 14 22:13:20 2023', '1700003600'),
      part('disks', '/dev/disk3s1 1000 400 600 40% /', 'map auto_home 0 0 0 100% /System/Volumes/Data/home'),
    )
    expect(facts).toMatchObject({
      os: { name: 'macOS', version: '14.4' },
      cpu: { count: 8, model: 'Example M1' },
      load: [1.5, 2, 2.5],
      uptimeSeconds: 3_600,
      disks: [{ mount: '/' }],
    })
    expect(facts).not.toHaveProperty('memory')
    expect(facts.missing).toContainEqual({ part: 'memory', reason: 'the host has no /proc/meminfo' })
    expect(facts.missing.map(({ part: name }) => name)).toEqual(
      expect.arrayContaining(['memory', 'listening', 'failed_units', 'updates']),
    )
  })

  test('that did not come in time are missing, those before them are told', () => {
    const torn = `${part('name', 'web', 'Linux', '6.1', 'x86_64')}${part('load', '0.1 0.2 0.3')}\n${NONCE} disks\n/dev/v`
    const facts = readFacts(splitParts(torn, NONCE))
    expect(facts).toMatchObject({ hostname: 'web', load: [0.1, 0.2, 0.3] })
    expect(facts.missing).toContainEqual({ part: 'memory', reason: 'the host did not answer in time' })
  })

  test('are told although the tool took too long in the middle of its part', () => {
    const facts = read(
      part('failed_units', 'one.service loaded failed failed One'),
      lack('failed_units', 'its tool took longer than a second'),
    )
    expect(facts).not.toHaveProperty('failedUnits')
    expect(facts.missing).toContainEqual({
      part: 'failed_units',
      reason: 'its tool took longer than a second',
    })
    expect(read(part('failed_units', 'whole'))).toMatchObject({ failedUnits: [] })
  })

  test('cannot be forged by a name that looks like a part, nor carry control characters, nor be long', () => {
    const facts = read(
      part('name', '\u001b[31mweb\u202e\u0007', 'Linux', `${'x'.repeat(5_000)}`, 'x86_64'),
      part(
        'failed_units',
        '- updates none',
        'ffffffffffffffffffffffffffffffff end',
        'a.service x failed',
        'whole',
      ),
      part('disks', '/dev/vda1 1000 400 500 45% /\u001b]52;c;x\u0007', '/dev/vdb 1 2 three 4% /x', 'name x'),
      part('cpu', '-3', 'no model'),
      part('load', '1e9 NaN 0.3'),
      part('uptime', '99999999999999999999'),
      part('memory', 'MemTotal: lots kB', 'MemTotal: -5 kB'),
    )
    expect(facts.hostname).toBe('\\u{1b}[31mweb\\u{202e}\\u{7}')
    expect(facts.kernel?.length).toBeLessThan(300)
    expect(facts.failedUnits).toEqual(['a.service'])
    expect(facts.disks).toEqual([expect.objectContaining({ mount: '/\\u{1b}]52;c;x\\u{7}' })])
    for (const guessed of ['cpu', 'load', 'uptimeSeconds', 'memory', 'updates'])
      expect(facts).not.toHaveProperty(guessed)
  })

  test.each([
    [['none'], 'none'],
    [['QEMU', 'Standard PC', 'hypervisor'], 'qemu'],
    [['docker', 'Amazon EC2', 'hypervisor'], 'docker'],
    [['Example Vendor', 'Server 1', 'unseen'], 'none'],
    [['hypervisor'], 'vm-other'],
    [['unseen'], undefined],
    [[], undefined],
  ])('say whether it is a machine of its own: %j is %s', (lines, virtualization) => {
    expect(read(part('virtualization', ...lines)).virtualization).toBe(virtualization)
  })

  test.each([
    [
      part(
        'updates_notifier',
        '5 updates can be applied immediately.',
        '2 of these updates are standard security updates.',
      ),
      { manager: 'apt', count: 5, security: 2 },
    ],
    [part('updates_notifier', '0 updates can be applied immediately.'), { manager: 'apt', count: 0 }],
    [part('updates_apk', '3'), { manager: 'apk', count: 3 }],
    [part('updates_apk', 'WARNING: no index'), undefined],
  ])('count the updates that wait: %j', (text, updates) => {
    expect(read(text).updates).toEqual(updates)
  })
})
