import type { Context, MiddlewareHandler } from 'hono'
import { isListedOrigin } from './cors.ts'
import { refuse } from './errors.ts'
import { type HttpEnv, isLocalPageWelcome, PUBLIC_DOCUMENTS } from './http-env.ts'
import type { HttpSettings } from './http-settings.ts'
import { isOwnHost } from './own-host.ts'
import type { Peer, TrustedProxies } from './peer.ts'

/** Settles who is at the other end and under which name this server was asked, and refuses names and pages that are not its own. */
export function guardAddress(settings: HttpSettings, proxies: TrustedProxies): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const peer = proxies.peerOf(c.env?.incoming)
    const host = c.req.header('Host') ?? new URL(c.req.url).host
    const hosts = [
      host,
      ...absoluteTarget(c),
      ...(peer.forwardedHost === undefined ? [] : [peer.forwardedHost]),
    ]
    const address = { ...settings, ...localPort(c) }
    const foreign = hosts.find((name) => !isOwnHost(name, address))
    if (foreign !== undefined)
      return refuse(
        c,
        'forbidden',
        'This Host is not this server. Set server.public_url to the address clients use.',
      )

    c.set('remoteAddress', peer.remoteAddress)
    c.set('isLocalPeer', peer.isLocal)
    const seenUrl = `${peer.protocol}://${peer.forwardedHost ?? host}`
    c.set('publicUrl', settings.publicUrl ?? seenUrl)
    c.set('seenUrl', seenUrl)
    c.set('forwarded', peer.forwarded)

    const origin = c.req.header('Origin')
    if (origin !== undefined && !isWelcome(origin, c, host, peer, settings))
      return refuse(
        c,
        'forbidden',
        'This Origin may not call the bridge. List it in server.cors_origins to allow it.',
      )
    return next()
  }
}

// RFC 9112 §3.2.2: a target in absolute form names the server too, and then it is the one that counts.
function absoluteTarget(c: Context<HttpEnv>): string[] {
  const target = c.env?.incoming?.url ?? '/'
  return target.startsWith('/') ? [] : [new URL(c.req.url).host]
}

function localPort(c: Context<HttpEnv>): { localPort?: number } {
  const port = c.env?.incoming?.socket.localPort
  return port === undefined ? {} : { localPort: port }
}

function isWelcome(
  origin: string,
  c: Context<HttpEnv>,
  host: string,
  peer: Peer,
  settings: HttpSettings,
): boolean {
  if (isListedOrigin(origin, settings.cors) || PUBLIC_DOCUMENTS.has(c.req.path)) return true
  if (isLocalPageWelcome(origin, c.req.path)) return true
  const own = [`${peer.protocol}://${peer.forwardedHost ?? host}`]
  if (settings.publicUrl !== undefined) own.push(new URL(settings.publicUrl).origin)
  return own.includes(origin.toLowerCase())
}
