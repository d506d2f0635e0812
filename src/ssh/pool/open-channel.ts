import type { HostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Channel, ChannelOpening, Connection } from '../transport/transport.ts'
import type { Lease } from './lane.ts'
import type { Pool } from './pool.ts'

/** A channel of a pooled connection. Whoever opened it releases it, which closes it too. */
export interface OpenedChannel {
  readonly channel: Channel
  readonly connection: Connection
  release(): void
}

/** A host counts a channel that was closed just now for a moment longer than we do; longer with each refusal. */
const REOPEN_MS = 5
const MOST_ATTEMPTS = 20

/**
 * A channel for work that is not a command with a process group of its own: a subsystem, a terminal, a script of ours. A connection
 * that died unnoticed or is full is replaced as long as nothing was sent. `onStart` runs in the tick of the host's confirmation, so that
 * no output and no exit status is missed. Aborting `signal` gives up.
 */
export async function openChannel(
  pool: Pool,
  clock: Clock,
  where: { readonly owner: string; readonly host: HostName },
  opening: ChannelOpening,
  signal: AbortSignal,
  onStart: (channel: Channel) => void = () => {},
): Promise<OpenedChannel | NotStarted> {
  for (let attempt = 1; ; attempt += 1) {
    const lease = await pool.acquire(where.owner, where.host, signal)
    if (lease === undefined) return gaveUp(where.host)
    if ('kind' in lease) return lease
    const opened = await openOn(lease, opening, signal, onStart)
    if ('channel' in opened) return opened
    lease.giveBack(opened.kind === 'no_channel' ? 'full' : undefined)
    if (signal.aborted) return gaveUp(where.host)
    const mayHelp =
      (opened.kind === 'no_channel' && (lease.isShared || lease.wasOpen)) ||
      (opened.kind === 'lost' && !opened.sent && lease.wasOpen)
    if (!mayHelp || attempt >= MOST_ATTEMPTS) return refused(where.host, opened.kind)
    if (opened.kind === 'no_channel') await clock.sleep(attempt * REOPEN_MS, signal).catch(() => undefined)
  }
}

type NotOpened =
  | { readonly kind: 'no_channel' | 'refused' }
  | { readonly kind: 'lost'; readonly sent: boolean }

async function openOn(
  lease: Lease,
  opening: ChannelOpening,
  signal: AbortSignal,
  onStart: (channel: Channel) => void,
): Promise<OpenedChannel | NotOpened> {
  const { connection } = lease
  let channel: Channel | undefined
  let isOver = false
  const opened = connection.open(opening, (started) => {
    channel = started
    // Whoever stopped waiting while the channel was being opened leaves nothing open.
    if (isOver) started.close()
    else onStart(started)
  })
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted')
    signal.addEventListener('abort', () => resolve('aborted'), { once: true })
  })
  const answer = await Promise.race([opened, aborted])
  if (answer === 'aborted') {
    isOver = true
    channel?.close()
    return { kind: 'lost', sent: true }
  }
  if (answer.kind !== 'started' || channel === undefined)
    return answer.kind === 'started' ? { kind: 'refused' } : answer
  const held = channel
  return {
    channel: held,
    connection,
    release: () => {
      held.close()
      lease.giveBack()
    },
  }
}

function gaveUp(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${host} gave no channel in time. Nothing was done.`,
  }
}

function refused(host: HostName, why: NotOpened['kind']): NotStarted {
  const words = {
    no_channel: 'it opens no further session',
    refused: 'it does not offer that',
    lost: 'the connection was lost',
  }[why]
  const code = why === 'refused' ? 'not_supported' : 'host_unreachable'
  return { kind: 'not_started', code, message: `${host} could not be used: ${words}.` }
}
