import { BlockList, isIP } from 'node:net'

/** IANA's special-purpose registry (RFC 6890): what is not the public Internet, or is nobody's. */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8', // this network; Linux takes 0.0.0.0 for loopback
  '10.0.0.0/8', // RFC 1918
  '100.64.0.0/10', // RFC 6598, carriers; also where clouds keep metadata
  '127.0.0.0/8',
  '169.254.0.0/16', // link-local; clouds give out credentials at 169.254.169.254
  '172.16.0.0/12', // RFC 1918
  '192.0.0.0/24', // RFC 6890
  '192.0.2.0/24', // RFC 5737
  '192.88.99.0/24', // RFC 7526
  '192.168.0.0/16', // RFC 1918
  '198.18.0.0/15', // RFC 2544
  '198.51.100.0/24', // RFC 5737
  '203.0.113.0/24', // RFC 5737
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
]

/** Within the global unicast range; everything outside it is refused at once. */
const NOT_PUBLIC_V6 = [
  '2001::/23', // RFC 2928, with Teredo (RFC 4380), which carries an IPv4 address
  '2001:db8::/32', // RFC 3849
  '2002::/16', // 6to4 (RFC 7526), which carries an IPv4 address
  '3fff::/20', // RFC 9637
]

const notPublic = listOf([...NOT_PUBLIC_V4, ...NOT_PUBLIC_V6])
/** RFC 4291 §2.4: the only range that holds public unicast addresses. ULA, link-local, multicast and loopback are outside of it. */
const globalUnicast = listOf(['2000::/3'])
const loopback = listOf(['127.0.0.0/8', '::1'])

/** Addresses and CIDR ranges, as one list to ask. What is neither is left out: the configuration has refused it. */
export function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = familyOf(address)
    if (family === undefined) continue
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

/** `address` is an IP address, without brackets, as `inner` gives it. */
export function isIn(list: BlockList, address: string): boolean {
  const family = familyOf(address)
  return family !== undefined && list.check(address, family)
}

/** An address that everybody can reach, and that is the same wherever one asks from. */
export function isPublic(address: string): boolean {
  return !isIn(notPublic, address) && (isIP(address) === 4 || isIn(globalUnicast, address))
}

export function isLoopbackAddress(address: string): boolean {
  return isIn(loopback, address)
}

/**
 * The IPv4 address that an IPv6 one stands for, where packets end up there: mapped (RFC 4291 §2.5.5.2) and the well-known prefix of
 * NAT64 (RFC 6052 §2.1). Every other address is what it is; a zone is cut off.
 */
export function inner(address: string): string {
  const [bare = ''] = address.split('%')
  if (isIP(bare) !== 6) return bare
  // The platform writes any form of an IPv6 address in the one canonical form.
  const { hostname } = new URL(`http://[${bare}]/`)
  const [, high, low] = /^\[(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname) ?? []
  if (high === undefined || low === undefined) return hostname.slice(1, -1)
  return [high, low]
    .map((part) => Number.parseInt(part, 16))
    .flatMap((part) => [part >> 8, part & 0xff])
    .join('.')
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address)
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6'
}
