import type { Client, ParsedKey } from 'ssh2'
import type { HostTarget } from '../../domain/host.ts'
import { internalsOf } from './ssh2-internals.ts'

/** Hashes by the name of the signature algorithm (RFC 8332); other keys have only one. */
const HASHES: Readonly<Record<string, 'sha1' | 'sha256' | 'sha512'>> = {
  'ssh-rsa': 'sha1',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
}

/**
 * Saves two round trips of each sign-in. A key that is at hand is offered with its signature at once, as RFC 4252 §7 allows, and not
 * asked for before. And the first offer goes out together with the request for the service, where the host has told its extensions:
 * then the signature algorithms are known, and it is none of the old ones that may stumble over it. Call after `client.connect`.
 */
export function signInQuickly(client: Client, { algorithms }: HostTarget): void {
  const { _protocol: protocol } = internalsOf(client)
  const { _handlers: handlers } = protocol
  const offer = protocol.authPK.bind(protocol)
  protocol.authPK = (username, key, told, sign) => {
    // Without extensions ssh2 would sign with SHA-1 (RFC 8308 §3.1): only where that is asked for.
    const algorithm = told === 'ssh-rsa' && algorithms !== 'legacy' ? 'rsa-sha2-512' : told
    if (sign !== undefined || !holdsPrivateKey(key)) return offer(username, key, told, sign)
    offer(username, key, algorithm, (data, signed) => {
      const signature = key.sign(data, algorithm === undefined ? undefined : HASHES[algorithm])
      if (signature instanceof Error) offer(username, key, algorithm)
      else signed(signature)
    })
  }

  let hasExtensions = false
  let hasBegun = false
  const { SERVICE_ACCEPT: begin, EXT_INFO: extensions } = handlers
  handlers.EXT_INFO = (from, told) => {
    hasExtensions = true
    extensions(from, told)
  }
  const beginOnce = (from: unknown) => {
    if (hasBegun) return
    hasBegun = true
    begin(from, 'ssh-userauth')
  }
  handlers.SERVICE_ACCEPT = beginOnce
  // The extensions come behind the keys, in the same packet of the network.
  client.once('handshake', () =>
    setImmediate(() => {
      if (hasExtensions) beginOnce(protocol)
    }),
  )
}

/** An agent's keys are not at hand: to sign with them may need a touch, so they are asked for first. */
function holdsPrivateKey(key: ParsedKey): boolean {
  return typeof key.isPrivateKey === 'function' && key.isPrivateKey()
}
