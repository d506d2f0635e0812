import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AuditEvent } from '../../src/domain/audit.ts'
import type { AuditLine } from '../../src/domain/sink.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { guardedFetch } from '../../src/outbound/guarded-fetch.ts'
import { Feed, type FeedParts } from '../../src/sinks/feed.ts'
import type { Sender } from '../../src/sinks/sender.ts'
import { appendRowsTo } from '../../src/store/audit-append.ts'
import { AuditStore } from '../../src/store/audit-store.ts'
import { registerInstance } from '../../src/store/instance.ts'
import { sinkQueue } from '../../src/store/sink-cursors.ts'
import type { Database } from '../../src/store/sql/database.ts'
import { openDatabase } from '../../src/store/sql/open-database.ts'
import { rememberedLog } from './ssh-runner.ts'

/** One instance with an audit, and the feeds that a test begins on it. */
export interface SinkInstance {
  readonly id: string
  readonly database: Database
  readonly log: ReturnType<typeof rememberedLog>
  append(count: number, at?: Date): Promise<void>
  lines(): Promise<readonly AuditLine[]>
  feed(name: string, sender: Sender, more?: Partial<FeedParts>): Feed
  /** As a process that is gone: nothing is let go of. */
  die(): Promise<void>
  close(): Promise<void>
}

const event = (at: Date, problems: number): AuditEvent => ({
  type: 'config.reloaded',
  at,
  applied: true,
  problems,
})

export async function sinkInstance(url: string, clock: Clock = systemClock): Promise<SinkInstance> {
  const database = await openDatabase(url, systemClock)
  const { id } = await registerInstance(database, systemClock)
  const feeds: Feed[] = []
  const append = appendRowsTo(database, { id })
  const audit = new AuditStore(async (rows) => {
    const last = await append(rows)
    for (const feed of feeds) feed.wake()
    return last
  }, systemClock)
  const log = rememberedLog()
  let appended = 0
  return {
    id,
    database,
    log,
    async append(count, at = new Date()) {
      for (let left = count; left > 0; left -= 500) {
        const some = Math.min(500, left)
        await audit.append(...Array.from({ length: some }, () => event(at, appended++)))
      }
    },
    lines: () => database.scan<AuditLine>('SELECT seq, at, type, line FROM audit ORDER BY seq'),
    feed(name, sender, more = {}) {
      const queue = sinkQueue(database, clock, name, { id })
      const feed = new Feed({ name, queue, sender, clock, log, ...more })
      feeds.push(feed)
      return feed
    },
    async die() {
      await database.run('UPDATE instances SET ended_at = 1 WHERE id = $1', id)
    },
    async close() {
      await Promise.all(feeds.map((feed) => feed.close(500)))
      await audit.close()
      await database.close()
    },
  }
}

/** How a receiver behaves now. */
export type Mood =
  | 'well'
  | 'hangs'
  | 'slow'
  | 'too_large'
  | { readonly status: number; readonly retryAfter?: string }

export interface Receiver {
  readonly url: string
  readonly bodies: string[]
  readonly headers: IncomingHttpHeaders[]
  mood: Mood
  /** Asked so often, whatever the answer was. */
  asked: number
  /** Nothing listens any more, and what was connected is cut; `start` takes the same port. */
  die(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

const SLOW_MS = 200

/** Takes JSON over HTTP on loopback: an endpoint of webhooks, or the stand-in of an OpenTelemetry collector. */
export async function startReceiver(path = '/'): Promise<Receiver> {
  let port = 0
  let server: Server | undefined
  const answer = (response: ServerResponse, body: string, headers: IncomingHttpHeaders) => {
    const { mood } = receiver
    receiver.asked += 1
    if (mood === 'hangs') return
    if (typeof mood === 'object') {
      const after = mood.retryAfter === undefined ? {} : { 'retry-after': mood.retryAfter }
      response.writeHead(mood.status, after).end()
      return
    }
    if (mood === 'too_large' && body.length > 2_000) {
      response.writeHead(413).end()
      return
    }
    const take = () => {
      receiver.bodies.push(body)
      receiver.headers.push(headers)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    }
    if (mood === 'slow') setTimeout(take, SLOW_MS)
    else take()
  }
  const receiver: Receiver = {
    url: '',
    bodies: [],
    headers: [],
    mood: 'well',
    asked: 0,
    async die() {
      const ending = server
      server = undefined
      ending?.closeAllConnections()
      await new Promise((resolve) => (ending ? ending.close(resolve) : resolve(undefined)))
    },
    async start() {
      const next = createServer((request, response) => {
        const parts: Buffer[] = []
        request.on('data', (part) => parts.push(part))
        request.on('end', () => answer(response, Buffer.concat(parts).toString(), request.headers))
      })
      await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve))
      port = (next.address() as AddressInfo).port
      server = next
    },
    stop: () => receiver.die(),
  }
  await receiver.start()
  return Object.assign(receiver, { url: `http://127.0.0.1:${port}${path}` })
}

/** What may reach receivers of tests. */
export function fetchTo(url: string, clock: Clock = systemClock) {
  const configuredOrigins = new Set([new URL(url).origin])
  return guardedFetch(() => ({ privateAddresses: [], configuredOrigins }), { clock })
}

/** The lines that came by webhook, in their order, each once. */
export function receivedLines(bodies: readonly string[]): string[] {
  const seen = new Map<number, string>()
  for (const body of bodies)
    for (const record of JSON.parse(body).records) seen.set(record._chain.seq, JSON.stringify(record))
  return [...seen.values()]
}
