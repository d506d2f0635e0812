import { isInitializeRequest } from '@modelcontextprotocol/server'
import type { Caller } from './caller.ts'
import type { CallsUnderWay } from './calls-under-way.ts'
import type { ServerFactory } from './create-server.ts'
import type { KeptSessions } from './kept-sessions.ts'
import type { McpDeps } from './mcp-deps.ts'
import { refused } from './rpc-response.ts'
import type { SessionTable } from './session-table.ts'
import { StreamableSession } from './streamable-session.ts'

interface LegacyParts {
  readonly deps: McpDeps
  readonly createServer: ServerFactory
  readonly calls: CallsUnderWay
  readonly table: SessionTable
  readonly kept: KeptSessions | undefined
}

/** One request of the 2025 revisions: opens a session, or goes to the session it names. */
export async function serveLegacy(
  request: Request,
  body: unknown,
  caller: Caller,
  parts: LegacyParts,
): Promise<Response> {
  const id = request.headers.get('mcp-session-id')
  if (id !== null) {
    const { table, kept } = parts
    const here = table.find(id, 'streamable', caller.principal)
    const session = here ?? (await kept?.again(id, request, caller))
    if (!(session instanceof StreamableSession)) return refused.sessionNotFound()
    kept?.touch(id)
    const response = await session.serve(request, body, caller)
    if (request.method === 'DELETE') await kept?.end(id)
    return response
  }
  if (request.method !== 'POST') return refused.methodNeedsSession()
  if (isInitializeRequest(body)) return openSession(request, body, caller, parts)
  return Array.isArray(body) ? refused.batch() : refused.noSession()
}

async function openSession(
  request: Request,
  body: unknown,
  caller: Caller,
  { deps, createServer, calls, table, kept }: LegacyParts,
): Promise<Response> {
  const admission = table.admit(caller.principal)
  if (admission !== 'admitted') return refused.tooManySessions(admission)

  const own = calls.part()
  const session = new StreamableSession(caller.principal, createServer(deps, { calls: own }), own)
  // Before the first await: two that come at once must not both find the last free place.
  table.add(session)
  await session.open(() => table.remove(session.id))
  const response = await session.serve(request, body, caller)
  if (!session.isInitialized) await session.close()
  else await kept?.remember(session, body)
  return response
}
