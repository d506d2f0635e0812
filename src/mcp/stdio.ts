import type { Readable, Writable } from 'node:stream'
import type { JSONRPCMessage, McpServer } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Principal } from '../domain/principal.ts'
import { CallsUnderWay } from './calls-under-way.ts'
import { createServer } from './create-server.ts'
import type { McpDeps } from './mcp-deps.ts'
import { RevisionGuard } from './revision-guard.ts'
import { guardStdout } from './stdout-guard.ts'
import { ListenTap } from './subscriptions/listen-tap.ts'
import { newSubscriber } from './subscriptions/session-subscriptions.ts'
import { SubscriptionPlaces } from './subscriptions/subscription-places.ts'

/** The streams of the connection; by default those of the process, with standard output kept for JSON-RPC alone. */
export interface StdioStreams {
  readonly input: Readable
  readonly output: Writable
  release?(): void
}

/** Where the client is served before the bridge is there. */
export interface EarlyStdio {
  /** Resolves once `deps.bridge` is there: a call waits for it. */
  ready(): Promise<void>
  /** The client has its list of tools: there is time now for all else. */
  onListed(): void
}

/** How long cancelled commands may take to be ended on their hosts before the process exits nevertheless. */
const GIVE_UP_MS = 10_000

/** The longest message; the longest command fits many times. */
const MESSAGE_BYTES = 4 * 1024 * 1024

/**
 * Speaks MCP, both eras, with the one client at the other end of standard input and output; `principal` is who that is. Resolves at
 * the end of input, or when the client stopped reading, once the calls that were under way are cancelled and their ends on record,
 * and after `GIVE_UP_MS` in any case. The process should then exit.
 */
export async function serveStdioClient(
  deps: McpDeps,
  principal: Principal,
  streams: StdioStreams = ownStreams(),
  early?: EarlyStdio,
): Promise<void> {
  const { log } = deps
  const calls = CallsUnderWay.through(() => deps.bridge)
  const caller = { principal, edge: 'mcp_stdio' } as const
  const places = new SubscriptionPlaces()
  let server: McpServer | undefined
  const wire = new ListenTap(
    new RevisionGuard(
      new StdioServerTransport(streams.input, streams.output, { maxBufferSize: MESSAGE_BYTES }),
    ),
    async () => {
      await calls.during(early?.ready() ?? Promise.resolve())
      return server && newSubscriber(server, caller, { deps, calls }, places)
    },
  )
  if (early) tellWhenListed(wire, () => early.onListed())
  const makeServer = () => {
    server = createServer(deps, { calls, caller, places, ...(early && { ready: () => early.ready() }) })
    return server
  }
  serveStdio(makeServer, {
    transport: wire,
    onerror: (error) => log.warn('a message on standard input was not served', { error: error.message }),
  })

  await new Promise<void>((resolve) => {
    const abortCalls = wire.onclose
    wire.onclose = () => {
      abortCalls?.()
      wire.end()
      resolve()
    }
  })
  await early?.ready()
  const recorded = new AbortController()
  const givenUp = deps.bridge.clock.sleep(GIVE_UP_MS, recorded.signal).catch(() => undefined)
  await Promise.race([calls.allEnded(), givenUp])
  recorded.abort()
  streams.release?.()
}

function tellWhenListed(wire: ListenTap, onListed: () => void): void {
  const send = wire.send.bind(wire)
  wire.send = async (message, options) => {
    await send(message, options)
    if (isListOfTools(message)) onListed()
  }
}

function isListOfTools(message: JSONRPCMessage): boolean {
  return 'result' in message && Array.isArray(message.result.tools)
}

function ownStreams(): StdioStreams {
  const { wire, release } = guardStdout(process)
  return { input: process.stdin, output: wire, release }
}
