import type { HostName } from '../../domain/host.ts'
import type { NotStarted } from '../../domain/outcome.ts'
import type { Clock } from '../../lib/clock.ts'
import { openChannel } from '../pool/open-channel.ts'
import type { Pool } from '../pool/pool.ts'
import type { Attribution } from '../run/attribution.ts'
import type { Channel, ChannelOpening } from '../transport/transport.ts'
import { youngGarbage } from '../transport/young-garbage.ts'

/** What /bin/sh does with a script of ours: reads it from standard input to the end before it does anything. */
const LINE = `exec /bin/sh -c 'eval "$(cat)"'`
/** A host that says nothing for so long while it runs a script of ours is given up for this time. */
const SILENCE_MS = 30_000

export interface Where {
  readonly pool: Pool
  readonly clock: Clock
  /** `principalKey`. */
  readonly owner: string
  readonly host: HostName
}

export interface Script {
  readonly text: string
  /** What the host is told of the call that it is run for. */
  readonly attribution?: Attribution
  /** What it says last; the answer is whole then, and the channel is closed. */
  readonly lastWords: string
  /** More than that is none of ours. */
  readonly mostBytes: number
}

/** `lost`: the script was sent, and may or may not have been run. `not_started`: nothing was sent. */
export type Asked =
  | { readonly kind: 'answered'; readonly said: Buffer; readonly hostKey: string }
  | { readonly kind: 'lost' }
  | NotStarted

/**
 * Runs a script of ours on the host over a pooled connection. It travels by standard input, so that nothing of it is in a process list.
 * Whatever the login shell prints by itself comes before the answer. Aborting `signal` stops waiting, not the script.
 */
export async function askHost(
  { pool, clock, owner, host }: Where,
  script: Script,
  signal: AbortSignal,
): Promise<Asked> {
  const listening = new AbortController()
  // One of its own: whoever waits on the caller's would be remembered there for as long as the caller's lives.
  const asking = new AbortController()
  const stop = () => {
    asking.abort()
    listening.abort()
  }
  const heard: Listener = {
    parts: [],
    bytes: 0,
    isWhole: false,
    isSent: false,
    over: () => listening.abort(),
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    const opened = await openChannel(
      pool,
      clock,
      { owner, host },
      openingFor(script),
      asking.signal,
      (channel) => listen(channel, script, heard),
    )
    if ('kind' in opened) return heard.isSent ? { kind: 'lost' } : opened
    const forget = opened.connection.onLost(heard.over)
    await untilSilent(heard, clock, listening.signal)
    forget()
    opened.release()
    if (!heard.isWhole) return { kind: 'lost' }
    return { kind: 'answered', said: Buffer.concat(heard.parts), hostKey: opened.connection.hostKey }
  } finally {
    signal.removeEventListener('abort', stop)
    listening.abort()
  }
}

function openingFor({ attribution: { environment, words } = {} }: Script): ChannelOpening {
  const line = words === undefined ? LINE : `${words}; ${LINE}`
  return { kind: 'exec', line, ...(environment && { environment }) }
}

interface Listener {
  readonly parts: Buffer[]
  bytes: number
  isWhole: boolean
  isSent: boolean
  /** Nothing more is to come. */
  over(): void
}

function listen(channel: Channel, { text, lastWords, mostBytes }: Script, heard: Listener): void {
  let end = ''
  channel.on('data', (chunk: Buffer) => {
    if (heard.isWhole) return
    youngGarbage.add(chunk.length)
    heard.bytes += chunk.length
    heard.parts.push(chunk)
    end = (end + chunk.toString('latin1', Math.max(0, chunk.length - lastWords.length))).slice(
      -lastWords.length,
    )
    heard.isWhole = end === lastWords
    if (heard.isWhole || heard.bytes > mostBytes) heard.over()
  })
  channel.stderr.resume()
  channel.on('error', heard.over)
  channel.once('close', heard.over)
  heard.isSent = true
  channel.end(text)
}

async function untilSilent(heard: Listener, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let before = -1; before !== heard.bytes && !signal.aborted; ) {
    before = heard.bytes
    await clock.sleep(SILENCE_MS, signal).catch(() => undefined)
  }
}
