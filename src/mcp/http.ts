import { isLegacyRequest } from '@modelcontextprotocol/server'
import type { Context, Hono } from 'hono'
import type { HttpEnv } from '../http/http-env.ts'
import { callerOf } from './caller.ts'
import { CallsUnderWay } from './calls-under-way.ts'
import { createServer, type ServerFactory } from './create-server.ts'
import { KeptSessions } from './kept-sessions.ts'
import { serveLegacy } from './legacy-leg.ts'
import type { McpDeps } from './mcp-deps.ts'
import { modernLeg } from './modern-leg.ts'
import { MODERN_REVISIONS } from './revision-guard.ts'
import { refused } from './rpc-response.ts'
import { SessionTable } from './session-table.ts'
import { mountLegacySse } from './sse.ts'
import { SubscriptionPlaces } from './subscriptions/subscription-places.ts'

export interface McpHttpEdge {
  /** Waits, `DRAIN_MS` at most, until the calls under way have ended and their answers are on their streams. */
  drain(): Promise<void>
  /** Sessions of the legacy era that are open now. */
  readonly sessions: () => number
  /** Refuses new requests, ends sessions and streams, cancels what runs, and waits until that is on record, `GIVE_UP_MS` at most. */
  close(): Promise<void>
}

/** The endpoint, and the bare domain, which is what people of the original type. */
const PATHS = ['/mcp', '/']

const GIVE_UP_MS = 10_000
const DRAIN_MS = 2_000
/** From the end of a call to its answer on the stream there are only promises; this is ample for them. */
const HANDING_OVER_MS = 50

/**
 * MCP over Streamable HTTP in both eras on one path, and legacy HTTP+SSE where configured. The guards in front have said who asks and
 * read the body; a closed connection cancels what it asked for. `makeServer` is another than the product's own only in tests.
 */
export function mountMcp(
  app: Hono<HttpEnv>,
  deps: McpDeps,
  makeServer: ServerFactory = createServer,
): McpHttpEdge {
  const { bridge, config } = deps
  const calls = CallsUnderWay.through(() => bridge)
  const table = new SessionTable(() => {
    const { limits, session } = config()
    const { mcpSessions: inAll, mcpSessionsPerPrincipal: perPrincipal } = limits
    return { inAll, perPrincipal, idleMs: session.idleTimeoutMs }
  }, bridge.clock)
  const places = new SubscriptionPlaces()
  const modern = modernLeg(deps, makeServer, calls, places)
  const over = new AbortController()
  const makeFollowing: ServerFactory = (own, options) => makeServer(own, { places, ...options })
  const parts = { deps, createServer: makeFollowing, calls, table }
  const kept = deps.sessions && new KeptSessions(deps.sessions, parts, over.signal)
  const legacy = { ...parts, kept }
  bridge.locks.whenLocked(() => {
    for (const id of table.closeWhere((principal) => bridge.locks.locksOut(principal))) void kept?.end(id)
    return 0
  })
  let closing: Promise<void> | undefined

  const serve = async (c: Context<HttpEnv>): Promise<Response> => {
    if (closing) return refused.shuttingDown()
    const request = c.req.raw
    const caller = callerOf(c, 'mcp_http', deps)
    if (request.method !== 'POST') {
      const isModern = MODERN_REVISIONS.includes(request.headers.get('mcp-protocol-version') ?? '')
      return isModern ? refused.methodNeedsSession() : serveLegacy(request, undefined, caller, legacy)
    }
    const body: unknown = await c.req.json().catch(() => undefined)
    if (body === undefined) return refused.unreadable()
    return (await isLegacyRequest(request, body))
      ? serveLegacy(request, body, caller, legacy)
      : modern.serve(request, body, caller)
  }
  for (const path of PATHS) app.post(path, serve).get(path, serve).delete(path, serve)
  if (config().server.enableLegacySse)
    mountLegacySse(app, { ...legacy, isClosed: () => closing !== undefined })

  const ended = async (withinMs: number) => {
    const over = new AbortController()
    const givenUp = bridge.clock.sleep(withinMs, over.signal).catch(() => undefined)
    await Promise.race([calls.allEnded(), givenUp])
    over.abort()
  }
  const close = async () => {
    over.abort()
    await Promise.all([modern.close(), table.close()])
    await ended(GIVE_UP_MS)
  }
  return {
    sessions: () => table.size,
    async drain() {
      await ended(DRAIN_MS)
      await bridge.clock.sleep(HANDING_OVER_MS)
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}
