import type { AuthHandlerMiddleware, Client } from 'ssh2'
import { algorithmsFor } from './ssh2-algorithms.ts'
import { gatherGreeting } from './ssh2-greeting.ts'
import { guardMemory } from './ssh2-guards.ts'
import type { Transport, Way, Wire } from './transport.ts'
import { unreachable } from './unreachable.ts'

/**
 * A transport that never signs in: it asks with the method `none` (RFC 4252 §5.2) which others there are, tells `found`, and ends. The
 * host key is checked before, as ever, and no credential is touched.
 */
export function askingTransport(found: (methods: readonly string[]) => void): Transport {
  return {
    async connect(way, signal) {
      const wire = await way.wire.open(signal)
      if ('kind' in wire) return { notStarted: wire }
      await ask(way, wire, found, signal)
      wire.close()
      return { notStarted: unreachable(way.target, 'it was only asked how one signs in') }
    },
  }
}

async function ask(
  { target, keyTypes, check }: Way,
  wire: Wire,
  found: (methods: readonly string[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const { Client: Ssh2Client } = (await import('ssh2')).default
  const client: Client = new Ssh2Client()
  await new Promise<void>((resolve) => {
    const end = () => {
      signal.removeEventListener('abort', end)
      client.destroy()
      resolve()
    }
    if (signal.aborted) return end()
    signal.addEventListener('abort', end, { once: true })
    client.on('error', end)
    client.on('close', end)
    // It let us in without a credential.
    client.once('ready', () => {
      found(['none'])
      end()
    })
    const next = (offered: readonly string[] | null) => {
      if (offered === null) return { type: 'none', username: target.username }
      found(offered)
      return false
    }
    client.connect({
      sock: wire.stream,
      username: target.username,
      algorithms: algorithmsFor(keyTypes, target.algorithms),
      authHandler: next as unknown as AuthHandlerMiddleware,
      readyTimeout: 0,
      keepaliveInterval: 0,
      // guard: doctor-asks-trusted-hosts
      hostVerifier: (key: Buffer) => check(key) === undefined,
    })
    gatherGreeting(client)
    guardMemory(client, wire.stream, end)
  })
}
