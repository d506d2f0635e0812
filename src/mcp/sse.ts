import { isJSONRPCRequest, type JSONRPCMessage, parseJSONRPCMessage } from '@modelcontextprotocol/server'
import type { Context, Hono } from 'hono'
import type { HttpEnv } from '../http/http-env.ts'
import { randomId } from '../lib/ids.ts'
import { insufficientScopeChallenge } from '../oauth/challenge.ts'
import { authInfoOf, type Caller, callerOf } from './caller.ts'
import type { CallsUnderWay } from './calls-under-way.ts'
import type { ServerFactory } from './create-server.ts'
import type { McpDeps } from './mcp-deps.ts'
import { refused } from './rpc-response.ts'
import type { LegacySession, SessionTable } from './session-table.ts'
import { SseTransport } from './sse-transport.ts'

interface SseParts {
  readonly deps: McpDeps
  readonly createServer: ServerFactory
  readonly calls: CallsUnderWay
  readonly table: SessionTable
  readonly isClosed: () => boolean
}

interface SseSession extends LegacySession {
  readonly door: 'sse'
  readonly transport: SseTransport
}

/** Legacy HTTP+SSE (revision 2024-11-05): `GET /sse` opens a connection, `POST /messages` speaks on it. Off unless configured. */
export function mountLegacySse(app: Hono<HttpEnv>, parts: SseParts): void {
  app.get('/sse', (c) => (parts.isClosed() ? refused.shuttingDown() : open(c, parts)))
  app.post('/messages', (c) => (parts.isClosed() ? refused.shuttingDown() : receive(c, parts)))
}

async function open(c: Context<HttpEnv>, parts: SseParts): Promise<Response> {
  const { deps, createServer, calls, table } = parts
  const principal = c.get('principal')
  const admission = table.admit(principal)
  if (admission !== 'admitted') return refused.tooManySessions(admission)

  const id = randomId('mcp')
  const path = new URL(c.get('publicUrl')).pathname.replace(/\/$/, '')
  const transport = new SseTransport(`${path}/messages?session_id=${id}`, deps.bridge.clock)
  const own = calls.part()
  const server = createServer(deps, { calls: own })
  const session: SseSession = {
    id,
    door: 'sse',
    principal,
    transport,
    isRunning: () => own.count > 0,
    isListening: () => transport.isOpen,
    close: () => server.close(),
  }
  table.add(session)
  const ownEnd = server.server.onclose
  server.server.onclose = () => {
    ownEnd?.()
    table.remove(id)
  }
  await server.connect(transport)
  return transport.response()
}

async function receive(c: Context<HttpEnv>, { deps, table }: SseParts): Promise<Response> {
  const caller = callerOf(c, 'mcp_sse', deps)
  const session = table.find(c.req.query('session_id') ?? '', 'sse', caller.principal)
  if (session === undefined || !isSse(session)) return refused.sessionNotFound()

  const body: unknown = await c.req.json().catch(() => undefined)
  if (body === undefined) return refused.unreadable()
  if (Array.isArray(body)) return refused.batch()
  const message = messageOf(body)
  if (message === undefined) return refused.invalidMessage()

  const stepUp = await stepUpFor(message, session.transport, caller)
  if (stepUp !== undefined) return stepUp
  session.transport.onmessage?.(message, { authInfo: authInfoOf(caller), request: c.req.raw })
  return c.text('Accepted', 202)
}

function isSse(session: LegacySession): session is SseSession {
  return session.door === 'sse'
}

function messageOf(body: unknown): JSONRPCMessage | undefined {
  try {
    return parseJSONRPCMessage(body)
  } catch {
    return undefined
  }
}

async function stepUpFor(
  message: JSONRPCMessage,
  { scopeChallenge }: SseTransport,
  caller: Caller,
): Promise<Response | undefined> {
  if (!isJSONRPCRequest(message)) return undefined
  const missing = await scopeChallenge?.({ request: message, authInfo: authInfoOf(caller) })
  if (missing === undefined || caller.challenge === undefined) return undefined
  const value = insufficientScopeChallenge(missing.scopes, caller.challenge)
  return Response.json(
    { error: 'insufficient_scope', error_description: missing.errorDescription },
    { status: 403, headers: { 'WWW-Authenticate': value } },
  )
}
