import { createMcpHandler, InMemoryServerEventBus } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { authInfoOf, type Caller } from '../caller.ts'
import type { ServerFactory } from '../create-server.ts'
import { watchBody } from '../watch-body.ts'
import { Subscriber } from './subscriber.ts'
import type { SubscriptionPlaces } from './subscription-places.ts'
import type { WatchParts } from './watch-command.ts'

/** Then the client asks anew, with the token that it has by then. */
const LONGEST_STREAM_MS = 3_600_000

const LIMIT_REACHED = -32_603

const ListenRequest = z.looseObject({
  id: z.union([z.string(), z.number()]),
  method: z.literal('subscriptions/listen'),
  params: z.looseObject({
    notifications: z.looseObject({
      resourcesListChanged: z.boolean().optional(),
      resourceSubscriptions: z.array(z.string()).max(1_000).optional(),
    }),
  }),
})

interface Stream {
  readonly caller: Caller
  close(): Promise<void>
}

/**
 * Revision 2026-07-28: the streams on which clients are told what has changed. Each has a bus of its own, so nothing on it was meant for
 * anybody else; what its caller may not follow is left out of what is acknowledged, as is what never was.
 */
export class ListenStreams {
  readonly #parts: WatchParts
  readonly #createServer: ServerFactory
  readonly #places: SubscriptionPlaces
  readonly #open = new Set<Stream>()

  constructor(parts: WatchParts, createServer: ServerFactory, places: SubscriptionPlaces) {
    this.#parts = parts
    this.#createServer = createServer
    this.#places = places
    parts.deps.bridge.locks.whenLocked(() => {
      for (const stream of this.#open)
        if (parts.deps.bridge.locks.locksOut(stream.caller.principal)) void stream.close()
      return 0
    })
  }

  /** Answers a request to listen; undefined when the message is none, or none of the right form. */
  async serve(request: Request, body: unknown, caller: Caller): Promise<Response | undefined> {
    const parsed = ListenRequest.safeParse(body)
    if (!parsed.success) return undefined
    const { id, params } = parsed.data
    const { deps, calls } = this.#parts
    const giveBack = this.#places.take(caller.principal)
    if (giveBack === undefined) return refusal(id, 'You hold too many subscriptions open; end one first.')

    const bus = new InMemoryServerEventBus()
    const subscriber = new Subscriber(caller, this.#parts, this.#places, {
      updated: (uri) => bus.publish({ kind: 'resource_updated', uri }),
      listChanged: () => bus.publish({ kind: 'resources_list_changed' }),
    })
    const handler = createMcpHandler(() => this.#createServer(deps, { calls }), {
      legacy: 'reject',
      bus,
      maxSubscriptions: 1,
      onerror: (error) => deps.log.debug('a subscription was refused', { error: error.message }),
    })
    const over = new AbortController()
    const stream: Stream = { caller, close: () => handler.close() }
    const end = () => {
      over.abort()
      subscriber.end()
      giveBack()
      this.#open.delete(stream)
    }
    try {
      const asked = params.notifications.resourceSubscriptions
      const followed = asked && (await this.#follow(subscriber, asked))
      const notifications = { ...params.notifications, ...(followed && { resourceSubscriptions: followed }) }
      if (notifications.resourcesListChanged === true) subscriber.followHosts()
      const parsedBody = { ...parsed.data, params: { ...params, notifications } }
      const response = await handler.fetch(request, { parsedBody, authInfo: authInfoOf(caller) })
      this.#open.add(stream)
      subscriber.open()
      deps.bridge.clock.sleep(LONGEST_STREAM_MS, over.signal).then(stream.close, () => undefined)
      return watchBody(response, end)
    } catch (error) {
      end()
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((stream) => stream.close()))
  }

  async #follow(subscriber: Subscriber, uris: readonly string[]): Promise<string[]> {
    const followed: string[] = []
    for (const uri of new Set(uris)) {
      const added = await subscriber.add(uri)
      if (added === 'too_many') break
      if (added === 'added') followed.push(uri)
    }
    return followed
  }
}

function refusal(id: string | number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', error: { code: LIMIT_REACHED, message }, id })
}
