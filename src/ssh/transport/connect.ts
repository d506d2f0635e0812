import type { HostName, HostTarget } from '../../domain/host.ts'
import type { Log } from '../../domain/log.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { randomShare } from '../../lib/ids.ts'
import { refusalOf, type TrustedKeys } from './host-key.ts'
import type { HostKeyType } from './host-key-types.ts'
import { keyTypeOf } from './known-hosts.ts'
import type { OneTimeCodes } from './one-time-codes.ts'
import type { Connection, Refused, Transport, Way } from './transport.ts'
import { unreachable } from './unreachable.ts'
import { wireTo } from './wire.ts'

export interface ConnectSettings {
  /** For each hop: TCP, handshake and authentication together. */
  readonly connectTimeoutMs: number
  readonly keepaliveMs: number
}

/** A connection to a jump host, lent for as long as something goes through it. */
export interface Hop {
  readonly connection: Connection
  release(): void
  /** It did not answer: whoever comes next gets another one. */
  retire(): void
}

export interface Connector {
  readonly transport: Transport
  readonly find: (name: HostName) => HostTarget | undefined
  /** A connection to the host to go through; whoever gets it releases it. */
  readonly hop: (name: HostName, signal: AbortSignal) => Promise<Hop | NotStarted>
  /** Waits until this machine has time for one more handshake; the returned function says that it is over. */
  readonly turn: (signal: AbortSignal) => Promise<() => void>
  readonly trusted: TrustedKeys
  readonly codes: OneTimeCodes
  readonly settings: ConnectSettings
  readonly clock: Clock
  readonly log: Log
}

/** Longer chains are taken for a mistake. */
const MOST_HOPS = 8
/** A host that takes no connections for the moment is asked again, later each time, by chance a little earlier or later. */
const BUSY_MS = 100
const LONGEST_BUSY_MS = 1_000
const MOST_BUSY_TRIES = 8

/**
 * Opens an authenticated connection, over the host's jump hosts. Each host's key is checked before any credential is offered to it.
 * Aborting `signal` gives up; what was opened until then is closed. Limited in time by itself.
 */
export async function connect(
  target: HostTarget,
  connector: Connector,
  signal: AbortSignal,
): Promise<Connection | NotStarted> {
  return overItsHops(target, connector, signal, async (via, stop) => {
    // With a pinned fingerprint the type of its key is not known: the host is asked for one type after the other.
    let types = connector.trusted.typesFor(target)
    let first: NotStarted | undefined
    while (types.length > 0) {
      const check = (key: Buffer) => refusalOf(target, key, connector.trusted.check(target, key))
      const result = await attempt(target, via, types, check, connector, stop)
      if (!('notStarted' in result)) return result
      const { shownKey, notStarted } = result
      if (shownKey === undefined || target.hostKeys.length === 0) return first ?? notStarted
      first ??= notStarted
      types = types.filter((type) => type !== keyTypeOf(shownKey))
    }
    return first ?? unreachable(target, 'no host key type in common')
  })
}

/** The key of one of `types` that the host shows. Nothing is offered to it; hops before it are used as ever. */
export async function showHostKey(
  target: HostTarget,
  connector: Connector,
  types: readonly HostKeyType[],
  signal: AbortSignal,
): Promise<Buffer | NotStarted> {
  return overItsHops(target, connector, signal, async (via, stop) => {
    const refuse = (key: Buffer) => refusalOf(target, key, { kind: 'unknown', authorityKnown: false })
    const result = await attempt(target, via, types, refuse, connector, stop)
    if ('notStarted' in result) return result.shownKey ?? result.notStarted
    result.close()
    throw new TypeError('a connection over a key that was refused')
  })
}

/** Borrows the connection to the jump host, if there is one, and bounds the time for this host. */
async function overItsHops<T>(
  target: HostTarget,
  connector: Connector,
  signal: AbortSignal,
  work: (via: Connection | undefined, stop: AbortSignal) => Promise<T | NotStarted>,
): Promise<T | NotStarted> {
  const fault = faultOfRoute(target, connector)
  if (fault !== undefined) return unreachable(target, fault)
  await connector.trusted.refresh()
  const hop = target.jump === undefined ? undefined : await connector.hop(target.jump, signal)
  if (hop !== undefined && 'code' in hop) return onTheWay(target, hop)
  const endTurn = await connector.turn(signal)
  const limit = new AbortController()
  const over = new AbortController()
  const startedMs = connector.clock.monotonicMs()
  const forget = hop?.connection.onLost(() => limit.abort(new Error('the way was lost')))
  connector.clock.sleep(connector.settings.connectTimeoutMs, over.signal).then(
    () => limit.abort(new Error('timed out')),
    () => undefined,
  )
  let result: T | NotStarted | undefined
  try {
    result = await work(hop?.connection, AbortSignal.any([signal, limit.signal]))
    return result
  } finally {
    over.abort('over')
    endTurn()
    forget?.()
    if (hop !== undefined) {
      if (limit.signal.aborted && hop.connection.heardAtMs < startedMs) hop.retire()
      keepWhile(hop, result)
    }
  }
}

/** The hop is borrowed for as long as what goes through it lives, and what goes through it dies with it. */
function keepWhile(hop: Hop, result: unknown): void {
  if (!isConnection(result)) {
    hop.release()
    return
  }
  const forget = hop.connection.onLost(() => result.close())
  result.onLost(() => {
    forget()
    hop.release()
  })
}

function isConnection(result: unknown): result is Connection {
  return typeof result === 'object' && result !== null && 'onLost' in result
}

async function attempt(
  target: HostTarget,
  via: Connection | undefined,
  keyTypes: readonly HostKeyType[],
  check: Way['check'],
  { transport, settings, clock, codes, log }: Connector,
  stop: AbortSignal,
): Promise<Connection | Refused> {
  const { keepaliveMs } = settings
  const way: Way = { target, wire: wireTo(target, via, log), keyTypes, check, keepaliveMs, clock, codes }
  for (let tries = 1; ; tries += 1) {
    const result = await transport.connect(way, stop)
    if (!('notStarted' in result) || !result.isBusy || tries >= MOST_BUSY_TRIES || stop.aborted) return result
    const pauseMs = Math.min(LONGEST_BUSY_MS, BUSY_MS * 2 ** (tries - 1)) * (0.5 + randomShare())
    await clock.sleep(pauseMs, stop).catch(() => undefined)
    if (stop.aborted) return result
  }
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

function faultOfRoute(target: HostTarget, { find }: Connector): string | undefined {
  let at: HostTarget | undefined = target
  for (let hops = 1; at.jump !== undefined; hops += 1) {
    if (hops >= MOST_HOPS) return 'its jump hosts go in a circle'
    at = find(at.jump)
    if (at === undefined) return 'its jump host is not configured'
  }
  return undefined
}
