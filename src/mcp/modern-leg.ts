import { createMcpHandler } from '@modelcontextprotocol/server'
import { authInfoOf, type Caller } from './caller.ts'
import type { CallsUnderWay } from './calls-under-way.ts'
import type { ServerFactory } from './create-server.ts'
import type { McpDeps } from './mcp-deps.ts'

export interface ModernLeg {
  serve(request: Request, body: unknown, caller: Caller): Promise<Response>
  close(): Promise<void>
}

/**
 * Revision 2026-07-28: a server for each request and nothing kept between them, whatever the request claims. The bridge announces no
 * changes, so `subscriptions/listen` is acknowledged and completed at once and nobody holds streams open.
 */
export function modernLeg(deps: McpDeps, createServer: ServerFactory, calls: CallsUnderWay): ModernLeg {
  const handler = createMcpHandler(() => createServer(deps, { calls }), {
    legacy: 'reject',
    onerror: (error) => deps.log.debug('an MCP request was refused', { error: error.message }),
  })
  return {
    serve: (request, body, caller) =>
      handler.fetch(request, { parsedBody: body, authInfo: authInfoOf(caller) }),
    close: () => handler.close(),
  }
}
