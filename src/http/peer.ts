import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/** Who is at the other end, after what trusted proxies said was believed and everything else was not. */
export interface Peer {
  readonly remoteAddress: string | undefined
  /** The connection itself comes from loopback and carries no sign of a proxy. */
  readonly isLocal: boolean
  readonly protocol: 'http' | 'https'
  /** `X-Forwarded-Host` of a trusted proxy. */
  readonly forwardedHost: string | undefined
  /** Whether headers of proxies came, and from one that is trusted. */
  readonly forwarded: 'none' | 'believed' | 'ignored'
}

const FORWARDING_HEADERS = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
]

export class TrustedProxies {
  readonly #ranges = new BlockList()

  /** @throws TypeError for a range that is neither an address nor CIDR; the configuration has refused those already. */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const [address = '', bits] = range.split('/')
      const family = isIPv6(address) ? 'ipv6' : 'ipv4'
      const widest = family === 'ipv6' ? 128 : 32
      if (isIP(address) === 0 || (bits !== undefined && !(Number(bits) <= widest)))
        throw new TypeError(`not an address or a CIDR range: ${range}`)
      if (bits === undefined) this.#ranges.addAddress(address, family)
      else this.#ranges.addSubnet(address, Number(bits), family)
    }
  }

  has(address: string): boolean {
    const family = isIP(address)
    return family !== 0 && this.#ranges.check(address, family === 6 ? 'ipv6' : 'ipv4')
  }

  peerOf(incoming: IncomingMessage | undefined): Peer {
    const socketAddress = plainAddress(incoming?.socket.remoteAddress)
    if (incoming === undefined || socketAddress === undefined)
      return {
        remoteAddress: undefined,
        isLocal: false,
        protocol: 'http',
        forwardedHost: undefined,
        forwarded: 'none',
      }

    const header = (name: string) => [incoming.headers[name] ?? []].flat().join(',')
    const isForwarded = FORWARDING_HEADERS.some((name) => incoming.headers[name] !== undefined)
    if (!this.has(socketAddress)) {
      const isLocal = !isForwarded && isLoopback(socketAddress)
      const forwarded = isForwarded ? 'ignored' : 'none'
      return {
        remoteAddress: socketAddress,
        isLocal,
        protocol: 'http',
        forwardedHost: undefined,
        forwarded,
      }
    }
    const [protocol] = header('x-forwarded-proto').split(',')
    return {
      remoteAddress: this.#clientOf(header('x-forwarded-for'), socketAddress),
      isLocal: !isForwarded && isLoopback(socketAddress),
      protocol: protocol?.trim().toLowerCase() === 'https' ? 'https' : 'http',
      forwardedHost: header('x-forwarded-host') || undefined,
      forwarded: isForwarded ? 'believed' : 'none',
    }
  }

  // Each proxy appends the address that it saw. So the list is read from its end, as long as the speaker is trusted: what a client
  // wrote into the header itself stands further left and is never reached.
  #clientOf(forwardedFor: string, nearest: string): string {
    let client = nearest
    for (const entry of forwardedFor.split(',').reverse()) {
      const address = plainAddress(entry.trim())
      if (address === undefined) break
      client = address
      if (!this.has(address)) break
    }
    return client
  }
}

export function isLoopback(address: string): boolean {
  return address === '::1' || (isIPv4(address) && address.startsWith('127.'))
}

/** Without a port, without brackets, and IPv4 as IPv4 even when it came mapped into IPv6 (`::ffff:192.0.2.1`). */
function plainAddress(text: string | undefined): string | undefined {
  const bare = text?.replace(/^\[(.+)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  const address = bare?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')
  return address !== undefined && isIP(address) !== 0 ? address : undefined
}
