import {
  INTERNAL_ERROR,
  type McpServer,
  ProtocolError,
  ResourceNotFoundError,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { Caller } from '../caller.ts'
import type { WhoAsks } from '../resources/register-resources.ts'
import type { Subscriber } from './subscriber.ts'
import type { SubscriptionPlaces } from './subscription-places.ts'
import type { WatchParts } from './watch-command.ts'

/**
 * The 2025 revisions: `resources/subscribe`, and word of other hosts to a client that has asked for the list, as long as its session or
 * connection lasts. In the modern era these methods do not exist.
 */
export function followForSession(
  server: McpServer,
  parts: WatchParts,
  places: SubscriptionPlaces,
  whoAsks: WhoAsks,
): { sawList(ctx: ServerContext, caller: Caller): void } {
  let subscriber: Promise<Subscriber> | undefined
  const subscriberOf = (caller: Caller) => {
    subscriber ??= newSubscriber(server, caller, parts, places)
    return subscriber
  }
  server.server.onclose = () => void subscriber?.then((one) => one.end())
  server.server.setRequestHandler('resources/subscribe', async ({ params: { uri } }, ctx) => {
    const added = await (await subscriberOf(await whoAsks(ctx))).add(uri)
    if (added === 'unknown') throw new ResourceNotFoundError(uri)
    if (added === 'too_many')
      throw new ProtocolError(INTERNAL_ERROR, 'You hold too many subscriptions; end one first.')
    return {}
  })
  server.server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    ;(await subscriber)?.remove(uri)
    return {}
  })
  return {
    sawList(ctx, caller) {
      // A server of the modern era lives for one request.
      if (ctx.mcpReq.envelope === undefined) void subscriberOf(caller).then((one) => one.followHosts())
    },
  }
}

/** Tells by the server's own notifications: whoever is at the other end has gone when they fail. Read when the first one is needed. */
export async function newSubscriber(
  { server }: McpServer,
  caller: Caller,
  parts: WatchParts,
  places: SubscriptionPlaces,
): Promise<Subscriber> {
  const { Subscriber } = await import('./subscriber.ts')
  const subscriber = new Subscriber(caller, parts, places, {
    updated: (uri) => void server.sendResourceUpdated({ uri }).catch(() => undefined),
    listChanged: () => void server.sendResourceListChanged().catch(() => undefined),
  })
  subscriber.open()
  return subscriber
}
