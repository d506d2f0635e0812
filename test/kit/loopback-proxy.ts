import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Stands between a client and the bridge as a reverse proxy does, adds what is asked and changes nothing else. */
export interface LoopbackProxy {
  /** What clients are told, and what the bridge is configured with as its `public_url`. */
  readonly url: string
  /** From then on everything is passed on to `target`, with a bearer token where the client cannot send one. */
  passTo(target: string, token?: string): void
  close(): Promise<void>
}

/** `heard` is given the body of each request, once it is whole. */
export async function startLoopbackProxy(heard?: (body: string) => void): Promise<LoopbackProxy> {
  let target = ''
  let added: Record<string, string> = {}

  const pass = (asked: IncomingMessage, answer: ServerResponse) => {
    const { method, headers, url = '/' } = asked
    // `Host` and `Origin` above all stay what the client sent: the bridge has to judge them.
    const onward = request(target + url, { method, headers: { ...headers, ...added } })
    onward.once('response', (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers)
      // A stream has begun before its first event: who waits for one is told now.
      answer.flushHeaders()
      answered.pipe(answer)
    })
    onward.once('error', () => answer.destroy())
    answer.once('close', () => onward.destroy())
    asked.pipe(onward)
    if (heard === undefined) return
    const chunks: Buffer[] = []
    asked.on('data', (chunk: Buffer) => chunks.push(chunk))
    asked.once('end', () => heard(Buffer.concat(chunks).toString()))
  }

  const server = createServer(pass)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passTo(to, token) {
      target = to
      added = token === undefined ? {} : { authorization: `Bearer ${token}` }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
