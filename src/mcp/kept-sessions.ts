import type { ClientSessions } from '../domain/client-session.ts'
import type { Caller } from './caller.ts'
import type { CallsUnderWay } from './calls-under-way.ts'
import type { ServerFactory } from './create-server.ts'
import type { McpDeps } from './mcp-deps.ts'
import { ownerOf, type SessionTable } from './session-table.ts'
import { StreamableSession } from './streamable-session.ts'

export interface KeptParts {
  readonly deps: McpDeps
  readonly createServer: ServerFactory
  readonly calls: CallsUnderWay
  readonly table: SessionTable
}

/** What opens a session is short; a client that says more has to open another one where it is not known. */
const LONGEST_INITIALIZE = 16_384

/**
 * Sessions of the 2025 revisions that another instance has opened, or this one before it was started again: opened anew as their clients
 * opened them, under the same id. What was under way in them is where it was.
 */
export class KeptSessions {
  readonly #store: ClientSessions
  readonly #parts: KeptParts
  readonly #opening = new Map<string, Promise<StreamableSession | undefined>>()

  constructor(store: ClientSessions, parts: KeptParts, signal: AbortSignal) {
    this.#store = store
    this.#parts = parts
    store.follow(
      () => parts.table.ids(),
      (id) => parts.table.end(id),
      signal,
    )
  }

  /** Resolves once other instances can go on with it. */
  async remember({ id, principal }: StreamableSession, body: unknown): Promise<void> {
    const initialize = JSON.stringify(body)
    if (initialize.length > LONGEST_INITIALIZE) return
    await this.#store.open({ id, owner: ownerOf(principal), initialize }).catch((cause: unknown) =>
      this.#parts.deps.log.warn('A client’s session is known to this instance alone', {
        cause: String(cause),
      }),
    )
  }

  touch(id: string): void {
    this.#store.touch(id)
  }

  /** Its client has ended it, or it had to make room. */
  async end(id: string): Promise<void> {
    await this.#store.end(id).catch(() => undefined)
  }

  /** The caller's own session of this id, opened anew; two that ask at once get the same. */
  again(id: string, request: Request, caller: Caller): Promise<StreamableSession | undefined> {
    const key = `${ownerOf(caller.principal)} ${id}`
    const opening = this.#opening.get(key) ?? this.#again(id, request, caller)
    this.#opening.set(key, opening)
    const done = () => this.#opening.delete(key)
    opening.then(done, done)
    return opening
  }

  async #again(id: string, { url }: Request, caller: Caller): Promise<StreamableSession | undefined> {
    const { deps, createServer, calls, table } = this.#parts
    const { principal } = caller
    const { idleTimeoutMs } = deps.config().session
    const initialize = await this.#store.find(id, ownerOf(principal), idleTimeoutMs).catch(() => undefined)
    // A lock ends sessions: one that was not removed yet is not to come back.
    if (initialize === undefined || deps.bridge.locks.locksOut(principal)) return undefined
    if (table.admit(principal) !== 'admitted') return undefined
    const own = calls.part()
    const session = new StreamableSession(principal, createServer(deps, { calls: own }), own, id)
    await session.open(() => table.remove(id))
    for (const body of [JSON.parse(initialize), { jsonrpc: '2.0', method: 'notifications/initialized' }]) {
      const response = await session.serve(post(url, id), body, caller)
      // To its end: one that is given up counts as a client that went away.
      await response.text()
    }
    table.add(session)
    return session
  }
}

function post(url: string, id: string): Request {
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-session-id': id,
  }
  return new Request(url, { method: 'POST', headers })
}
