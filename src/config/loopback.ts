import { BlockList, isIP } from 'node:net'

// RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3; RFC 6761 §6.3 keeps `localhost` on this machine.
const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

/**
 * True for an address that only this machine can reach. Names other than `localhost` never are: DNS may say otherwise tomorrow.
 */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  switch (isIP(bare)) {
    case 4:
      return LOOPBACK.check(bare, 'ipv4')
    case 6:
      return LOOPBACK.check(bare, 'ipv6')
    default:
      return bare === 'localhost' || bare.endsWith('.localhost')
  }
}
