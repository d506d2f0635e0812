import pg from 'pg'
import type { Clock } from '../../lib/clock.ts'
import { TOPICS, type Topic } from './database.ts'
import type { Notices } from './notices.ts'
import { RETRY_MS } from './statement.ts'

const CHANNEL = 'ssh_mcp_'
/** How often the server is asked whether it is there, and how long its answer may take. */
const ASK_EVERY_MS = 2_000
const ANSWER_MS = 2_000
/** Before a lost connection is made anew. */
const PAUSE_MS = 100

/** What the ear tells whoever holds it. */
export interface Heard {
  readonly notices: Notices
  /** The server did not answer here. */
  away(cause: unknown): void
}

/**
 * One connection that hears what other instances tell, until `signal` aborts. It also asks the server every two seconds whether it is
 * there: one that hangs, or a wire that is dead without an end, is known before a call needs it.
 */
export async function hear(
  connection: pg.ClientConfig,
  clock: Clock,
  heard: Heard,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const ear = new pg.Client({ ...connection, query_timeout: ANSWER_MS })
    const lost = new AbortController()
    for (const event of ['error', 'end'] as const) ear.on(event, () => lost.abort())
    try {
      await ear.connect()
      ear.on('notification', ({ channel, payload }) => heard.notices.tell(topicOf(channel), payload))
      await ear.query(TOPICS.map((topic) => `LISTEN ${channelOf(topic)}`).join('; '))
      heard.notices.tellToLook()
      await askUntil(AbortSignal.any([lost.signal, signal]), ear, clock)
      await clock.sleep(PAUSE_MS, signal).catch(() => undefined)
    } catch (cause) {
      if (!signal.aborted) heard.away(cause)
      await clock.sleep(RETRY_MS, signal).catch(() => undefined)
    }
    void ear.end().catch(() => undefined)
  }
}

export function channelOf(topic: Topic): string {
  return `${CHANNEL}${topic}`
}

function topicOf(channel: string): Topic {
  return channel.slice(CHANNEL.length) as Topic
}

/** Resolves when the connection is lost. @throws what the server, or the wire, does not answer. */
async function askUntil(lost: AbortSignal, ear: pg.Client, clock: Clock): Promise<void> {
  while (!lost.aborted) {
    await clock.sleep(ASK_EVERY_MS, lost).catch(() => undefined)
    if (!lost.aborted) await ear.query('SELECT 1')
  }
}
