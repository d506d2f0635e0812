import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  type McpServer,
  type RequestId,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import type { Principal } from '../domain/principal.ts'
import { randomId } from '../lib/ids.ts'
import { authInfoOf, type Caller } from './caller.ts'
import type { CallsUnderWay } from './calls-under-way.ts'
import { refused } from './rpc-response.ts'
import type { LegacySession } from './session-table.ts'
import { watchBody } from './watch-body.ts'

/** The one revision that knows batches. */
const BATCH_REVISION = '2025-03-26'

/** A session of the 2025 revisions over Streamable HTTP: one server that lives from `initialize` to DELETE, eviction or idleness. */
export class StreamableSession implements LegacySession {
  readonly id: string
  readonly door = 'streamable'
  readonly principal: Principal
  readonly #server: McpServer
  readonly #calls: CallsUnderWay
  readonly #transport = new WebStandardStreamableHTTPServerTransport({ sessionIdGenerator: () => this.id })
  #streams = 0

  /** `id`: of a session that is opened anew. */
  constructor(principal: Principal, server: McpServer, calls: CallsUnderWay, id = randomId('mcp')) {
    this.id = id
    this.principal = principal
    this.#server = server
    this.#calls = calls
  }

  async open(onClosed: () => void): Promise<void> {
    const { server } = this.#server
    const ownEnd = server.onclose
    server.onclose = () => {
      ownEnd?.()
      onClosed()
    }
    await this.#server.connect(this.#transport)
  }

  /** False when `initialize` was refused, for example for its Accept header. */
  get isInitialized(): boolean {
    return this.#transport.sessionId !== undefined
  }

  /** `request`'s body has been read already; `body` is what it held, undefined for GET and DELETE. */
  async serve(request: Request, body: unknown, caller: Caller): Promise<Response> {
    if (Array.isArray(body) && this.#server.server.getNegotiatedProtocolVersion() !== BATCH_REVISION)
      return refused.batch()
    const parsed = body === undefined ? {} : { parsedBody: body }
    const response = await this.#transport.handleRequest(request, { ...parsed, authInfo: authInfoOf(caller) })
    this.#streams += 1
    return watchBody(response, (how) => {
      this.#streams -= 1
      if (how === 'gone') for (const id of requestIds(body)) this.#cancel(id)
    })
  }

  isRunning(): boolean {
    return this.#calls.count > 0
  }

  isListening(): boolean {
    return this.#streams > 0
  }

  close(): Promise<void> {
    return this.#server.close()
  }

  // There is no event store to fetch the answer from later, so a client that went away can only ask again: what it asked for must not
  // go on behind its back.
  #cancel(requestId: RequestId): void {
    const params = { requestId, reason: 'the client closed the connection' }
    this.#transport.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params })
  }
}

function requestIds(body: unknown): RequestId[] {
  const messages: unknown[] = Array.isArray(body) ? body : [body]
  return messages
    .filter((one): one is JSONRPCMessage & { id: RequestId } => isJSONRPCRequest(one))
    .map(({ id }) => id)
}
