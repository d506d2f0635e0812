import type { Readable, Writable } from 'node:stream'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Principal } from '../domain/principal.ts'
import { CallsUnderWay } from './calls-under-way.ts'
import { createServer } from './create-server.ts'
import type { McpDeps } from './mcp-deps.ts'
import { RevisionGuard } from './revision-guard.ts'
import { guardStdout } from './stdout-guard.ts'

/** The streams of the connection; by default those of the process, with standard output kept for JSON-RPC alone. */
export interface StdioStreams {
  readonly input: Readable
  readonly output: Writable
  release?(): void
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
): Promise<void> {
  const { log, bridge } = deps
  const calls = CallsUnderWay.through(bridge)
  const caller = { principal, edge: 'mcp_stdio' } as const
  const wire = new RevisionGuard(
    new StdioServerTransport(streams.input, streams.output, { maxBufferSize: MESSAGE_BYTES }),
  )
  serveStdio(() => createServer(deps, { calls, caller }), {
    transport: wire,
    onerror: (error) => log.warn('a message on standard input was not served', { error: error.message }),
  })

  await new Promise<void>((resolve) => {
    const abortCalls = wire.onclose
    wire.onclose = () => {
      abortCalls?.()
      resolve()
    }
  })
  const recorded = new AbortController()
  const givenUp = bridge.clock.sleep(GIVE_UP_MS, recorded.signal).catch(() => undefined)
  await Promise.race([calls.allEnded(), givenUp])
  recorded.abort()
  streams.release?.()
}

function ownStreams(): StdioStreams {
  const { wire, release } = guardStdout(process)
  return { input: process.stdin, output: wire, release }
}
