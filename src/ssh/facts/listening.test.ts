import { describe, expect, test } from 'vitest'
import { distinct, fromProc, fromSs } from './listening.ts'

describe('what a host listens on', () => {
  test.each([
    [
      'tcp   LISTEN 0      128          0.0.0.0:22        0.0.0.0:*    users:(("sshd",pid=812,fd=3))',
      { protocol: 'tcp', address: '0.0.0.0', port: 22, process: 'sshd' },
    ],
    ['udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:*', { protocol: 'udp', address: '127.0.0.53%lo', port: 53 }],
    ['tcp LISTEN 0 511 [::1]:6379 [::]:*', { protocol: 'tcp', address: '::1', port: 6379 }],
    ['tcp LISTEN 0 511 *:443 *:*', { protocol: 'tcp', address: '*', port: 443 }],
    [
      'tcp LISTEN 0 1 0.0.0.0:9 0.0.0.0:* users:(("a b",pid=1,fd=3),("c",pid=2,fd=3))',
      { protocol: 'tcp', address: '0.0.0.0', port: 9, process: 'a b' },
    ],
  ])('is read from ss: %s', (line, socket) => {
    expect(fromSs(line)).toEqual(socket)
  })

  test.each([
    'Netid State Recv-Q Send-Q Local Address:Port Peer Address:Port Process',
    'tcp LISTEN 0 128 0.0.0.0:99999 0.0.0.0:*',
    'icmp6 UNCONN 0 0 *:58 *:*',
    '',
  ])('is not guessed from another line of ss: %j', (line) => {
    expect(fromSs(line)).toBeUndefined()
  })

  test.each([
    ['0100007F:1F90', true, '127.0.0.1', 8080],
    ['7F000001:1F90', false, '127.0.0.1', 8080],
    ['00000000000000000000000001000000:0016', true, '::1', 22],
    ['00000000000000000000000000000000:0016', true, '::', 22],
    ['B80D01200000000067452301EFCDAB89:0016', true, '2001:db8::123:4567:89ab:cdef', 22],
    ['000080FE00000000FFFE5E02BA27EBFE:0016', true, 'fe80::25e:feff:feeb:27ba', 22],
  ])('is read from /proc/net in the byte order of the host: %s', (local, isLittleEndian, address, port) => {
    const peer = local.length < 20 ? '00000000:0000' : `${'0'.repeat(32)}:0000`
    const line = `   0: ${local} ${peer} 0A 00000000:00000000 00:00000000 00000000     0        0 635 1 0000`
    expect(fromProc(line, 'tcp', isLittleEndian)).toEqual({ protocol: 'tcp', address, port })
  })

  test('leaves out connections, and sockets of UDP that have a peer', () => {
    expect(fromProc('  1: 0100007F:1F90 0100007F:C350 01 00000000:0', 'tcp', true)).toBeUndefined()
    expect(fromProc('  1: 0100007F:1F90 00000000:0000 07 00000000:0', 'udp', true)).toBeDefined()
    expect(fromProc('  1: 0100007F:1F90 0100007F:0035 01 00000000:0', 'udp', true)).toBeUndefined()
    expect(fromProc('  1: xyz', 'tcp', true)).toBeUndefined()
  })

  test('is told once for each address and port, in the order of ports, with the process where it is known', () => {
    const at = (port: number, process?: string) => ({
      protocol: 'tcp' as const,
      address: '*',
      port,
      ...(process !== undefined && { process }),
    })
    expect(distinct([at(80), at(22), at(80, 'nginx'), at(80)])).toEqual([at(22), at(80, 'nginx')])
  })
})
