import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { LoginEvent } from '../domain/login-event.ts'

/** One request as it came to the bridge's own HTTP server. */
export interface Asked {
  readonly request: Request
  /** As far as trusted proxies tell it. */
  readonly remoteAddress?: string
}

/** A request as the provider library takes it, of which it is known where it came from and what is to be remembered of it. */
export class AskedMessage extends IncomingMessage {
  remoteAddress: string | undefined
  readonly events: LoginEvent[] = []
}

/** An answer that is kept instead of sent. `whole` resolves when it was ended. */
export class KeptResponse extends ServerResponse {
  readonly whole: Promise<Response>
  #resolve: (response: Response) => void = () => undefined
  readonly #chunks: Buffer[] = []

  constructor(request: IncomingMessage) {
    super(request)
    this.whole = new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  override write(chunk: unknown): boolean {
    this.#keep(chunk)
    return true
  }

  override end(chunk?: unknown): this {
    this.#keep(chunk)
    this.finished = true
    const headers = new Headers()
    for (const [name, value] of Object.entries(this.getHeaders()))
      for (const one of [value ?? []].flat()) headers.append(name, String(one))
    headers.delete('content-length')
    const body = Buffer.concat(this.#chunks)
    const hasBody = body.length > 0 && ![204, 304].includes(this.statusCode)
    this.#resolve(new Response(hasBody ? new Uint8Array(body) : null, { status: this.statusCode, headers }))
    return this
  }

  #keep(chunk: unknown): void {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array)
      this.#chunks.push(Buffer.from(chunk as string))
  }
}

export interface Exchange {
  readonly incoming: AskedMessage
  readonly outgoing: KeptResponse
  readonly body: string
}

/**
 * The request as a Node.js pair of request and response. To the library it came to the issuer's own address: scheme and host are those of `issuer`,
 * whatever the request said, so every link and cookie it makes is right behind any proxy.
 */
export async function exchangeOf({ request, remoteAddress }: Asked, issuer: URL): Promise<Exchange> {
  const { pathname, search } = new URL(request.url)
  const incoming = new AskedMessage(new Socket())
  const body = Buffer.from(await request.arrayBuffer())
  const { forwarded: _, 'transfer-encoding': __, ...headers } = Object.fromEntries(request.headers)
  for (const name of Object.keys(headers)) if (name.startsWith('x-forwarded-')) delete headers[name]
  incoming.method = request.method
  incoming.url = `${pathname}${search}`
  incoming.headers = {
    ...headers,
    host: issuer.host,
    'x-forwarded-proto': issuer.protocol.slice(0, -1),
    ...(body.length > 0 && { 'content-length': String(body.length) }),
  }
  incoming.remoteAddress = remoteAddress
  // Where the library finds what stands before its own paths.
  Object.assign(incoming, { originalUrl: `${issuer.pathname.replace(/\/$/, '')}${pathname}${search}` })
  if (body.length > 0) incoming.push(body)
  incoming.push(null)
  return { incoming, outgoing: new KeptResponse(incoming), body: body.toString('utf8') }
}
