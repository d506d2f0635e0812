import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http'
import { request as secureRequest } from 'node:https'
import { Readable } from 'node:stream'
import type { Fetch } from '../outbound/fetch.ts'

export interface OpenFetchSettings {
  /** For one request, its body included. */
  readonly timeoutMs: number
  /** PEM; what Node.js trusts otherwise ($NODE_EXTRA_CA_CERTS adds to that). */
  readonly ca?: string
}

/** Bodies with these have none. */
const BODILESS: readonly number[] = [204, 205, 304]

/**
 * Asks whatever address it is given, also private ones: an operator looks at their own set-up, from where they are. Follows no redirect,
 * so that each can be told, and gives up after `timeoutMs`. Verifies certificates like any client. How much of a body is read is
 * for whoever reads it.
 */
export function openFetch({ timeoutMs, ca }: OpenFetchSettings): Fetch {
  return (target, init = {}) =>
    new Promise((resolve, reject) => {
      const url = new URL(target)
      const limit = AbortSignal.timeout(timeoutMs)
      const options: RequestOptions & { ca?: string } = {
        method: init.method ?? 'GET',
        // A connection of its own for each question: what is learnt is not about a connection that was there before.
        agent: false,
        headers: { 'User-Agent': 'ssh-mcp-bridge-doctor', ...Object.fromEntries(new Headers(init.headers)) },
        ...(init.signal && { signal: init.signal }),
        ...(ca !== undefined && url.protocol === 'https:' && { ca }),
      }
      const ask = url.protocol === 'https:' ? secureRequest : plainRequest
      const asked = ask(url, options, (answer) => {
        // By hand: a signal would end the body as if the server had cut it.
        limit.addEventListener('abort', () => answer.destroy(late(timeoutMs)))
        try {
          resolve(responseOf(answer))
        } catch (error) {
          answer.destroy()
          reject(error)
        }
      })
      limit.addEventListener('abort', () => asked.destroy(late(timeoutMs)))
      asked.on('error', reject)
      asked.end(typeof init.body === 'string' ? init.body : undefined)
    })
}

function responseOf(answer: IncomingMessage): Response {
  const headers = new Headers()
  for (let at = 0; at + 1 < answer.rawHeaders.length; at += 2)
    headers.append(answer.rawHeaders[at] ?? '', answer.rawHeaders[at + 1] ?? '')
  const status = answer.statusCode ?? 500
  const isBodiless = BODILESS.includes(status)
  if (isBodiless) answer.resume()
  // What breaks while it is read is told to the reader.
  answer.on('error', () => undefined)
  const body = isBodiless ? null : (Readable.toWeb(answer) as ReadableStream<Uint8Array>)
  return new Response(body, { status, headers })
}

function late(timeoutMs: number): Error {
  return Object.assign(new Error(`no answer within ${timeoutMs / 1000} s`), { code: 'ETIMEDOUT' })
}
