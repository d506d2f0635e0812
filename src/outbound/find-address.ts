import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { OutboundError, type OutboundSettings } from './fetch.ts'
import { inner, isIn, isLoopbackAddress, isPublic, listOf } from './public-address.ts'

export interface Address {
  readonly address: string
  readonly family: number
}

/** All addresses of a name. Rejects when there is none. */
export type Resolve = (host: string) => Promise<readonly Address[]>

export const systemResolve: Resolve = (host) => lookup(host, { all: true, verbatim: true })

/**
 * The addresses at which `url` may be asked. The caller connects to one of these and does not ask for the name again, so that a name
 * that leads somewhere else a moment later (DNS rebinding) changes nothing. Odd notations (`0x7f.1`, `2130706433`) were made plain by
 * the URL parser. Rejects with what to write into the configuration when none may be asked.
 */
export async function findAddresses(
  url: URL,
  settings: OutboundSettings,
  resolve: Resolve,
): Promise<readonly Address[]> {
  const isConfigured = settings.configuredOrigins.has(url.origin)
  const isPlain = url.protocol === 'http:'
  // guard: outbound-https
  if (url.protocol !== 'https:' && !(isPlain && isConfigured))
    throw new OutboundError(
      'not_https',
      `${url.host} is not asked over ${url.protocol.replace(/:$/, '')}: only https is, and http on loopback where exactly ${url.origin} is configured`,
    )
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const found = isIP(host) === 0 ? await addressesOf(host, resolve) : [{ address: host, family: isIP(host) }]
  const allowed = listOf(settings.privateAddresses)
  const isReachable = ({ address }: Address) => {
    const target = inner(address)
    const isOwn = isConfigured && isLoopbackAddress(target)
    // Nobody reads along on loopback; a private network is not that.
    if (isPlain) return isOwn
    // guard: outbound-public
    return isOwn || isIn(allowed, target) || isPublic(target)
  }
  const reachable = found.filter(isReachable)
  if (reachable.length === 0) throw refusal(url, found[0]?.address ?? '', isPlain)
  return reachable
}

async function addressesOf(host: string, resolve: Resolve): Promise<readonly Address[]> {
  const found = await resolve(host).catch((cause: unknown) => {
    throw new OutboundError('unknown_host', `the name ${host} cannot be resolved`, { cause })
  })
  if (found.length === 0) throw new OutboundError('unknown_host', `the name ${host} has no address`)
  return found
}

function refusal(url: URL, address: string, isPlain: boolean): OutboundError {
  const target = inner(address)
  const place = target === url.hostname ? url.host : `${url.host} (${target})`
  if (isPlain)
    return new OutboundError(
      'not_https',
      `${place} is not on loopback, where alone http is asked: use https in the configuration`,
    )
  return new OutboundError(
    'not_public',
    `${place} is not at a public address and is not asked: if it shall be, write outbound: {private_addresses: [${target}]} into the configuration, or the range that it is in`,
  )
}
