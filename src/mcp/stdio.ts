import type { Readable, Writable } from 'node:stream'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Principal } from '../domain/principal.ts'
import { createServer } from './create-server.ts'
import { CallsUnderWay, type McpDeps } from './mcp-deps.ts'
import { RevisionGuard } from './revision-guard.ts'
import { guardStdout } from './stdout-guard.ts'

/** The streams of the connection; by default those of the process, with standard output kept for JSON-RPC alone. */
export interface StdioStreams {
  readonly input: Readable
  readonly output: Writable
  release?(): void
}

export interface StdioEdge {
  /**
   * Resolves at the end of input, or when the client stopped reading, once the calls that were under way are cancelled and their ends
   * on record; after `GIVE_UP_MS` in any case. The process should then exit.
   */
  readonly inputEnded: Promise<void>
  /** Ends the connection from this side, cancels what is under way and waits for it as `inputEnded` does. */
  close(): Promise<void>
}

/** How long cancelled commands may take to be ended on their hosts before the process exits nevertheless. */
const GIVE_UP_MS = 10_000

/** The longest message; the longest command fits many times. */
const MESSAGE_BYTES = 4 * 1024 * 1024

/** Speaks MCP, both eras, with the one client at the other end of standard input and output. `principal` is who that is. */
export function serveMcpStdio(
  deps: McpDeps,
  principal: Principal,
  streams: StdioStreams = ownStreams(),
): StdioEdge {
  const { log, bridge } = deps
  const calls = new CallsUnderWay(bridge)
  const caller = { principal, edge: 'mcp_stdio' } as const
  const pipe = new StdioServerTransport(streams.input, streams.output, { maxBufferSize: MESSAGE_BYTES })
  const wire = new RevisionGuard(pipe)

  const connection = serveStdio(() => createServer(deps, { calls, caller }), {
    transport: wire,
    onerror: (error) => log.warn('a message on standard input was not served', { error: error.message }),
  })

  const cancelled = new AbortController()
  const recorded = async () => {
    await Promise.race([
      calls.allEnded(),
      bridge.clock.sleep(GIVE_UP_MS, cancelled.signal).catch(() => undefined),
    ])
    cancelled.abort()
    streams.release?.()
  }
  const inputEnded = new Promise<void>((resolve) => {
    const closeServer = wire.onclose
    wire.onclose = () => {
      // The SDK aborts the calls under way here.
      closeServer?.()
      resolve()
    }
  }).then(recorded)

  return {
    inputEnded,
    async close() {
      await connection.close()
      await inputEnded
    },
  }
}

function ownStreams(): StdioStreams {
  const { wire, release } = guardStdout(process)
  return { input: process.stdin, output: wire, release }
}
