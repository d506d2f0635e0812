import { createMcpHandler } from '@modelcontextprotocol/server'
import { authInfoOf, type Caller } from './caller.ts'
import type { CallsUnderWay } from './calls-under-way.ts'
import type { ServerFactory, ServerOptions } from './create-server.ts'
import type { McpDeps } from './mcp-deps.ts'
import { ListenStreams } from './subscriptions/listen.ts'
import type { SubscriptionPlaces } from './subscriptions/subscription-places.ts'

export interface ModernLeg {
  serve(request: Request, body: unknown, caller: Caller): Promise<Response>
  close(): Promise<void>
}

/**
 * Revision 2026-07-28: a server for each request and nothing kept between them, whatever the request claims. Only a request to listen
 * stays open, on a stream of its caller's own.
 */
export function modernLeg(
  deps: McpDeps,
  createServer: ServerFactory,
  calls: CallsUnderWay,
  places: SubscriptionPlaces,
): ModernLeg {
  const handler = createMcpHandler(
    ({ requestInfo }) => createServer(deps, { calls, asked: askedBy(requestInfo) }),
    {
      legacy: 'reject',
      onerror: (error) => deps.log.debug('an MCP request was refused', { error: error.message }),
    },
  )
  const streams = new ListenStreams({ deps, calls }, createServer, places)
  return {
    serve: async (request, body, caller) =>
      (await streams.serve(request, body, caller)) ??
      handler.fetch(request, { parsedBody: body, authInfo: authInfoOf(caller) }),
    async close() {
      await Promise.all([handler.close(), streams.close()])
    },
  }
}

/** The SDK has held both headers against the body by then (SEP-2243), so a server that knows no more serves the request as a whole one would. */
function askedBy(request: Request | undefined): ServerOptions['asked'] {
  const method = request?.headers.get('mcp-method') ?? undefined
  return method === undefined ? undefined : { method, name: request?.headers.get('mcp-name') ?? undefined }
}
