import type {
  JSONRPCMessage,
  MessageExtraInfo,
  ScopeChallengeHandler,
  Transport,
} from '@modelcontextprotocol/server'
import type { Clock } from '../lib/clock.ts'

/** Under the idle limits of common proxies. */
const KEEP_ALIVE_MS = 15_000

/** A client that does not read ends its connection, not the bridge's memory. */
const UNREAD_BYTES = 8 * 1024 * 1024

/**
 * The server's half of HTTP+SSE (revision 2024-11-05): answers go down one event stream, whose first event says where to post. The
 * stream is the connection: when it ends, calls under way are cancelled.
 */
export class SseTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void
  /** Set by the SDK: what to ask before a request is taken. */
  scopeChallenge: ScopeChallengeHandler | undefined
  readonly #postTo: string
  readonly #clock: Clock
  readonly #closed = new AbortController()
  readonly #stream: ReadableStream<Uint8Array>
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor(postTo: string, clock: Clock) {
    this.#postTo = postTo
    this.#clock = clock
    this.#stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        cancel: () => this.close(),
      },
      { highWaterMark: UNREAD_BYTES, size: (chunk) => chunk.byteLength },
    )
  }

  async start(): Promise<void> {
    this.#write(`event: endpoint\ndata: ${this.#postTo}\n\n`)
    void this.#keepAlive()
  }

  response(): Response {
    const headers = {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-cache, no-transform',
      // nginx would otherwise hold events back until its buffer is full.
      'X-Accel-Buffering': 'no',
    }
    return new Response(this.#stream, { headers })
  }

  setScopeChallengeResolver(resolver: ScopeChallengeHandler): void {
    this.scopeChallenge = resolver
  }

  get isOpen(): boolean {
    return !this.#closed.signal.aborted
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (!this.isOpen) throw new Error('the event stream is closed')
    this.#write(`event: message\ndata: ${JSON.stringify(message)}\n\n`)
    if ((this.#controller?.desiredSize ?? 0) < 0) {
      this.onerror?.(new Error('the client does not read its event stream'))
      await this.close()
    }
  }

  async close(): Promise<void> {
    if (!this.isOpen) return
    this.#closed.abort()
    try {
      this.#controller?.close()
    } catch {
      // The client closed it first.
    }
    this.onclose?.()
  }

  #write(text: string): void {
    this.#controller?.enqueue(new TextEncoder().encode(text))
  }

  async #keepAlive(): Promise<void> {
    const { signal } = this.#closed
    while (this.isOpen) {
      await this.#clock.sleep(KEEP_ALIVE_MS, signal).catch(() => undefined)
      if (this.isOpen) this.#write(': keep-alive\n\n')
    }
  }
}
