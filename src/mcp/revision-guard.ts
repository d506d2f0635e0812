import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  type MessageExtraInfo,
  PROTOCOL_VERSION_META_KEY,
  type Transport,
  type TransportSendOptions,
  UnsupportedProtocolVersionError,
} from '@modelcontextprotocol/server'

/** The revisions in which every request names its own. The older ones are agreed on once, by `initialize`. */
export const MODERN_REVISIONS: readonly string[] = ['2026-07-28']

/**
 * Answers a request that names a revision this server does not speak with -32022, wherever in a connection it comes: the SDK asks only
 * at the first message. Everything else passes as it is.
 */
export class RevisionGuard implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void
  readonly #wire: Transport

  constructor(wire: Transport) {
    this.#wire = wire
  }

  start(): Promise<void> {
    this.#wire.onclose = () => this.onclose?.()
    this.#wire.onerror = (error) => this.onerror?.(error)
    this.#wire.onmessage = (message, extra) => this.#receive(message, extra)
    return this.#wire.start()
  }

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    return this.#wire.send(message, options)
  }

  close(): Promise<void> {
    return this.#wire.close()
  }

  #receive(message: JSONRPCMessage, extra: MessageExtraInfo | undefined): void {
    const requested = namedRevision(message)
    if (requested === undefined || MODERN_REVISIONS.includes(requested) || !isJSONRPCRequest(message)) {
      this.onmessage?.(message, extra)
      return
    }
    const { code, message: text, data } = unsupported(requested)
    const answer = { jsonrpc: '2.0', id: message.id, error: { code, message: text, data } } as const
    this.#wire.send(answer).catch((error: unknown) => this.onerror?.(asError(error)))
  }
}

function unsupported(requested: string): UnsupportedProtocolVersionError {
  return new UnsupportedProtocolVersionError({ supported: [...MODERN_REVISIONS], requested })
}

function namedRevision(message: JSONRPCMessage): string | undefined {
  const params = 'params' in message ? message.params : undefined
  const revision = params?._meta?.[PROTOCOL_VERSION_META_KEY]
  return typeof revision === 'string' ? revision : undefined
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
