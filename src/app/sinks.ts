import { hostname } from 'node:os'
import type { Log } from '../domain/log.ts'
import type { SinkStatus, SinkTarget } from '../domain/sink.ts'
import type { Clock } from '../lib/clock.ts'
import type { Fetch } from '../outbound/fetch.ts'
import { createSender } from '../sinks/create-sender.ts'
import { Feed } from '../sinks/feed.ts'
import type { Membership } from '../store/membership.ts'
import { sinkQueue, sinkStatuses } from '../store/sink-cursors.ts'
import type { Database } from '../store/sql/database.ts'

/** How long, at the end, the last records get to reach sinks that take them. */
const LAST_MS = 1_000

/** Copies of the audit in other places. A sink that fails keeps nothing from going on. */
export interface Sinks {
  /** Something was appended. */
  wake(): void
  /** Of those that are configured, in their order; those that were never fed are left out. */
  status(): Promise<readonly SinkStatus[]>
  close(): Promise<void>
}

export interface SinkParts {
  readonly database: Database
  readonly membership: Membership
  readonly clock: Clock
  readonly log: Log
  readonly fetch: Fetch
}

/** Begins to feed them. */
export function openSinks(
  targets: readonly SinkTarget[],
  { database, membership, clock, log, fetch }: SinkParts,
): Sinks {
  const feeds = targets.map((sink) => {
    const queue = sinkQueue(database, clock, placeName(sink), membership)
    const sender = createSender(sink, { fetch, clock, log, instance: membership.id })
    return new Feed({ name: sink.name, types: sink.types, queue, sender, clock, log })
  })
  return {
    wake() {
      for (const feed of feeds) feed.wake()
    },
    async status() {
      const known = new Map((await sinkStatuses(database, clock)).map((one) => [one.name, one]))
      return targets.flatMap((sink) => {
        const status = known.get(placeName(sink))
        return status === undefined ? [] : [{ ...status, name: sink.name }]
      })
    },
    async close() {
      await Promise.all(feeds.map((feed) => feed.close(LAST_MS)))
    },
  }
}

/** Each machine has files of its own, all of the audit in them; of every other sink there is one, which one instance feeds. */
export function placeName({ kind, name }: SinkTarget): string {
  return kind === 'file' ? `${name}@${hostname()}` : name
}
