import { createMcpHandler, INTERNAL_ERROR, isJSONRPCRequest } from '@modelcontextprotocol/server'
import { principalKey } from '../domain/principal.ts'
import { authInfoOf, type Caller } from './caller.ts'
import type { CallsUnderWay } from './calls-under-way.ts'
import type { ServerFactory } from './create-server.ts'
import type { McpDeps } from './mcp-deps.ts'
import { watchBody } from './watch-body.ts'

/** Open `subscriptions/listen` streams, each caller and all. Every MCP client of a person holds one. */
const STREAMS_PER_PRINCIPAL = 16
const STREAMS_IN_ALL = 1_024

export interface ModernLeg {
  serve(request: Request, body: unknown, caller: Caller): Promise<Response>
  close(): Promise<void>
}

/** Revision 2026-07-28: a server for each request and nothing kept between them, whatever the request claims. */
export function modernLeg(deps: McpDeps, createServer: ServerFactory, calls: CallsUnderWay): ModernLeg {
  const handler = createMcpHandler(() => createServer(deps, { calls }), {
    legacy: 'reject',
    maxSubscriptions: STREAMS_IN_ALL,
    onerror: (error) => deps.log.debug('an MCP request was refused', { error: error.message }),
  })
  const streams = new Map<string, number>()

  return {
    async serve(request, body, caller) {
      const handed = { parsedBody: body, authInfo: authInfoOf(caller) }
      if (!isJSONRPCRequest(body) || body.method !== 'subscriptions/listen')
        return handler.fetch(request, handed)

      const key = principalKey(caller.principal)
      const open = streams.get(key) ?? 0
      if (open >= STREAMS_PER_PRINCIPAL) return subscriptionLimit(body.id)
      streams.set(key, open + 1)
      return watchBody(await handler.fetch(request, handed), () => {
        const left = (streams.get(key) ?? 1) - 1
        if (left === 0) streams.delete(key)
        else streams.set(key, left)
      })
    },
    close: () => handler.close(),
  }
}

// In band, as the SDK answers when there are too many in all.
function subscriptionLimit(id: string | number): Response {
  const error = { code: INTERNAL_ERROR, message: 'Subscription limit reached' }
  return Response.json({ jsonrpc: '2.0', id, error })
}
