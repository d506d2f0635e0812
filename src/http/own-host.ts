import { isIP, isIPv6 } from 'node:net'
import { isLoopback } from './peer.ts'

/** Where this server is reached. */
export interface ServerAddress {
  readonly bindAddress: string
  readonly publicUrl?: string
  /** The port that the request came in on; absent without a socket, and then ports are not compared. */
  readonly localPort?: number
}

/**
 * Whether a `Host` value names this server. A web page that makes its own name point to this machine (DNS rebinding) sends that
 * name, so names are accepted only when they are known: `public_url`'s, the bound address, and loopback names.
 *
 * Bound to loopback or to one address, the port must be the one listened on. Bound to all addresses, any address literal is
 * accepted with any port: a container's port is mapped, and no name server can make a page's name into a literal.
 */
export function isOwnHost(value: string, { bindAddress, publicUrl, localPort }: ServerAddress): boolean {
  const asked = parseHost(value)
  if (asked === undefined) return false
  if (publicUrl !== undefined && isPublicHost(asked, new URL(publicUrl))) return true

  const isLiteral = isIP(asked.name) !== 0
  const isLocal = asked.name === 'localhost' || (isLiteral && isLoopback(asked.name))
  if (WILDCARDS.has(bindAddress)) return isLocal || isLiteral
  const samePort = localPort === undefined || (asked.port ?? 80) === localPort
  if (bindAddress === 'localhost' || isLoopback(bindAddress)) return isLocal && samePort
  return asked.name === bindAddress.toLowerCase() && samePort
}

const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', ''])

interface AskedHost {
  /** Lower case, without brackets. Never normalised further: `2130706433` and `localhost.` are just unknown names. */
  readonly name: string
  readonly port: number | undefined
}

/** RFC 9110 §7.2: `uri-host [":" port]`. Two values joined by a comma are no host. */
function parseHost(value: string): AskedHost | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(value)
  const name = (match?.[1] ?? match?.[2])?.toLowerCase()
  const port = match?.[3] === undefined ? undefined : Number(match[3])
  // RFC 3986 §3.2.3 leaves the number open, TCP does not: no address can be made of it later on.
  if (port !== undefined && port > 65_535) return undefined
  if (name === undefined || (match?.[1] !== undefined && !isIPv6(name))) return undefined
  return { name, port }
}

// Proxies differ in whether they pass the port on (nginx: $host drops it, $http_host keeps it), so a missing one is accepted.
function isPublicHost(asked: AskedHost, url: URL): boolean {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  const name = url.hostname.replace(/^\[|\]$/g, '')
  return asked.name === name && (asked.port === undefined || asked.port === port)
}
