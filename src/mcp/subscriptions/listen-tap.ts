import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type MessageExtraInfo,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server'
import type { Subscriber } from './subscriber.ts'

/** Addresses of one request to listen: more are not looked at. */
const MOST_URIS = 1_000

/**
 * On a connection of its own, revision 2026-07-28: follows what the client at the other end listens to. Acknowledging and sorting is the
 * SDK's; it does not say what was asked for, so that is seen here on its way. Every message passes as it is.
 */
export class ListenTap implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void
  readonly #wire: Transport
  readonly #make: () => Promise<Subscriber | undefined>
  #subscriber: Promise<Subscriber | undefined> | undefined
  /** By the id of the request to listen. */
  readonly #asked = new Map<string | number, readonly string[]>()

  /** `make` is asked once, when the client listens first. */
  constructor(wire: Transport, make: () => Promise<Subscriber | undefined>) {
    this.#wire = wire
    this.#make = make
  }

  /** The client has gone. */
  end(): void {
    void this.#subscriber?.then((subscriber) => subscriber?.end())
  }

  start(): Promise<void> {
    this.#wire.onclose = () => this.onclose?.()
    this.#wire.onerror = (error) => this.onerror?.(error)
    this.#wire.onmessage = (message, extra) => {
      this.onmessage?.(message, extra)
      void this.#look(message).catch((error: unknown) => this.onerror?.(error as Error))
    }
    return this.#wire.start()
  }

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    return this.#wire.send(message, options)
  }

  close(): Promise<void> {
    return this.#wire.close()
  }

  async #look(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCRequest(message) && message.method === 'subscriptions/listen') {
      const uris = urisOf(message.params)
      this.#asked.set(message.id, uris)
      this.#subscriber ??= this.#make()
      const subscriber = await this.#subscriber
      subscriber?.followHosts()
      for (const uri of uris) await subscriber?.add(uri)
    } else if (isJSONRPCNotification(message) && message.method === 'notifications/cancelled') {
      const id = message.params?.requestId
      if (typeof id === 'string' || typeof id === 'number') await this.#stop(id)
    }
  }

  async #stop(id: string | number): Promise<void> {
    const uris = this.#asked.get(id) ?? []
    this.#asked.delete(id)
    const others = new Set([...this.#asked.values()].flat())
    const subscriber = await this.#subscriber
    for (const uri of uris) if (!others.has(uri)) subscriber?.remove(uri)
  }
}

function urisOf(params: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  const { resourceSubscriptions: uris } = (params?.notifications ?? {}) as {
    readonly resourceSubscriptions?: unknown
  }
  return Array.isArray(uris)
    ? uris.slice(0, MOST_URIS).filter((uri): uri is string => typeof uri === 'string')
    : []
}
