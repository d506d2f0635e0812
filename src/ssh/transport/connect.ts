import { connect as openSocket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { AnyAuthMethod, Client } from 'ssh2'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { fingerprintOf, refusalOf, type TrustedKeys } from './host-key.ts'
import { type KnownHostsVerdict, keyTypeOf } from './known-hosts.ts'
import { inOneWrite } from './one-write.ts'
import { algorithmsFor, type HostKeyType } from './ssh2-algorithms.ts'
import { authHandler, authMethods } from './ssh2-authentication.ts'
import { Ssh2Connection } from './ssh2-connection.ts'
import type { Connection } from './transport.ts'
import { isAuthFailure, unreachable, whyNot } from './unreachable.ts'

export interface ConnectSettings {
  /** For each hop: TCP, handshake and authentication together. */
  readonly connectTimeoutMs: number
  readonly keepaliveMs: number
}

export interface Connector {
  readonly find: (name: HostName) => HostTarget | undefined
  readonly trusted: TrustedKeys
  readonly settings: ConnectSettings
  readonly clock: Clock
}

/** Longer chains are taken for a mistake. */
const MOST_HOPS = 8

/**
 * Opens an authenticated connection, hop by hop. Each hop's key is checked before any credential is offered to it. Aborting `signal`
 * gives up; what was opened until then is closed.
 */
export async function connect(
  target: HostTarget,
  connector: Connector,
  signal: AbortSignal,
): Promise<Connection | NotStarted> {
  await connector.trusted.refresh()
  return withinTime(target, connector, signal, (stop) => hop(target, connector, MOST_HOPS, stop))
}

/** The key of one of `types` that the host shows. Nothing is offered to it; hops before it are used as ever. */
export async function showHostKey(
  target: HostTarget,
  connector: Connector,
  types: readonly HostKeyType[],
  signal: AbortSignal,
): Promise<Buffer | NotStarted> {
  await connector.trusted.refresh()
  return withinTime(target, connector, signal, async (stop) => {
    const transport = await openTransport(target, connector, MOST_HOPS, stop)
    if ('kind' in transport) return transport
    const refuse = () => ({ kind: 'unknown', authorityKnown: false }) as const
    const result = await handshake(target, transport, [], types, { ...connector, check: refuse }, stop)
    transport.close()
    if (result instanceof Ssh2Connection) throw new TypeError('a connection without a credential')
    return result.shown ?? result.notStarted
  })
}

async function withinTime<T>(
  target: HostTarget,
  connector: Connector,
  signal: AbortSignal,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController()
  const over = new AbortController()
  connector.clock.sleep(connector.settings.connectTimeoutMs * hopsTo(target, connector), over.signal).then(
    () => limit.abort(new Error('timed out')),
    () => undefined,
  )
  try {
    return await work(AbortSignal.any([signal, limit.signal]))
  } finally {
    over.abort()
  }
}

async function hop(
  target: HostTarget,
  connector: Connector,
  hopsLeft: number,
  signal: AbortSignal,
): Promise<Connection | NotStarted> {
  const methods = await authMethods(target)
  if ('kind' in methods) return methods

  // With a pinned fingerprint the type of its key is not known: the host is asked for one type after the other.
  let types = connector.trusted.typesFor(target)
  let refused: NotStarted | undefined
  while (types.length > 0) {
    const transport = await openTransport(target, connector, hopsLeft, signal)
    if ('kind' in transport) return transport
    const check = (key: Buffer) => connector.trusted.check(target, key)
    const result = await handshake(target, transport, methods, types, { ...connector, check }, signal)
    if (result instanceof Ssh2Connection) return result
    transport.close()
    const { shown, notStarted } = result
    if (shown === undefined || target.hostKeys.length === 0) return refused ?? notStarted
    refused ??= notStarted
    types = types.filter((type) => type !== keyTypeOf(shown))
  }
  return refused ?? unreachable(target, 'no host key type in common')
}

interface Transport {
  readonly stream: Duplex
  close(): void
}

async function openTransport(
  target: HostTarget,
  connector: Connector,
  hopsLeft: number,
  signal: AbortSignal,
): Promise<Transport | NotStarted> {
  if (signal.aborted) return unreachable(target, 'it did not answer in time')
  if (target.jump === undefined) return tcp(target, signal)
  const via = connector.find(target.jump)
  if (via === undefined || hopsLeft <= 1)
    return unreachable(target, via ? 'its jump hosts go in a circle' : 'its jump host is not configured')
  const first = await hop(via, connector, hopsLeft - 1, signal)
  if ('code' in first) return onTheWay(target, first)
  const stream = await first.forward(target.address, target.port)
  if (!(stream instanceof Error)) return { stream, close: () => first.close() }
  first.close()
  return unreachable(target, 'its jump host could not reach it', stream.message)
}

/** The caller may not be allowed to know the hosts on the way: their names, and what is wrong with them, are for the operator. */
function onTheWay(target: HostTarget, { code, message, detail }: NotStarted): NotStarted {
  const { name } = target.host
  return {
    kind: 'not_started',
    code,
    message: `${name} could not be reached: a host on the way to it could not be used. The operator can see more with: ssh-mcp-bridge hosts test ${name}. Nothing was run.`,
    detail: detail === undefined ? message : `${message} (${detail})`,
  }
}

function tcp(target: HostTarget, signal: AbortSignal): Promise<Transport | NotStarted> {
  return new Promise((resolve) => {
    // Without TCP_NODELAY each small packet waits for the acknowledgement of the one before.
    const socket = openSocket({ host: target.address, port: target.port, noDelay: true })
    const giveUp = () => {
      socket.destroy()
      resolve(unreachable(target, 'it did not answer in time'))
    }
    signal.addEventListener('abort', giveUp, { once: true })
    const failed = (error: Error) => {
      signal.removeEventListener('abort', giveUp)
      resolve(unreachable(target, whyNot(error), error.message))
    }
    socket.once('error', failed)
    socket.once('connect', () => {
      signal.removeEventListener('abort', giveUp)
      socket.removeListener('error', failed)
      resolve({ stream: inOneWrite(socket), close: () => socket.destroy() })
    })
  })
}

interface Refused {
  readonly notStarted: NotStarted
  /** The key that the host showed, if that is why. */
  readonly shown?: Buffer
}

async function handshake(
  target: HostTarget,
  transport: Transport,
  methods: readonly AnyAuthMethod[],
  types: readonly HostKeyType[],
  { settings, clock, check }: Connector & { readonly check: (key: Buffer) => KnownHostsVerdict },
  signal: AbortSignal,
): Promise<Ssh2Connection | Refused> {
  const { Client } = (await import('ssh2')).default
  const client: Client = new Client()
  return new Promise((resolve) => {
    let shown: Buffer | undefined
    let refused: NotStarted | undefined
    const fail = (error: Error) => {
      signal.removeEventListener('abort', giveUp)
      client.destroy()
      resolve(refused && shown ? { notStarted: refused, shown } : { notStarted: reasonOf(target, error) })
    }
    const giveUp = () => fail(new Error('it did not answer in time'))
    if (signal.aborted) return giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    // An agent that is gone is one method less: when it was the last, ssh2 says so next.
    client.on('error', (error: Error & { level?: string }) => error.level !== 'agent' && fail(error))
    client.on('close', () => fail(new Error('the connection was closed')))
    client.once('ready', () => {
      signal.removeEventListener('abort', giveUp)
      const hostKey = fingerprintOf(shown ?? Buffer.alloc(0))
      resolve(new Ssh2Connection({ host: target.host.name, hostKey }, client, transport, clock))
    })
    client.connect({
      sock: transport.stream,
      username: target.username,
      algorithms: algorithmsFor(types),
      authHandler: authHandler(methods),
      // Our own clock bounds it.
      readyTimeout: 0,
      keepaliveInterval: settings.keepaliveMs,
      keepaliveCountMax: 3,
      hostVerifier: (key: Buffer) => {
        // A later key exchange shows a key again: it has to be the same.
        if (shown !== undefined) return key.equals(shown)
        shown = key
        refused = refusalOf(target, key, check(key))
        return refused === undefined
      },
    })
  })
}

function reasonOf(target: HostTarget, error: Error & { level?: string }): NotStarted {
  if (!isAuthFailure(error)) return unreachable(target, whyNot(error), error.message)
  return {
    kind: 'not_started',
    code: 'host_auth_failed',
    message: `${target.host.name} refused the credential that is configured for it. The operator has to mend this; nothing was run.`,
    detail: `${target.username} at ${target.address} port ${target.port}: ${error.message}`,
  }
}

function hopsTo(target: HostTarget, { find }: Connector): number {
  let hops = 1
  for (let at: HostTarget | undefined = target; at?.jump !== undefined && hops < MOST_HOPS; hops += 1)
    at = find(at.jump)
  return hops
}
