import type { Context, MiddlewareHandler } from 'hono'
import { refuse } from './errors.ts'
import type { HttpEnv } from './http-env.ts'
import { findJsonFault, MAX_JSON_DEPTH } from './json-scan.ts'

const BODY_METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * Reads a request's body whole, within the limit, and hands on only plain UTF-8 JSON. Edges then get the same `Request` with the
 * body in memory; whether the text is valid JSON is theirs to say.
 */
export function guardBody(bodyBytes: number): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const { raw } = c.req
    if (!BODY_METHODS.has(c.req.method) || raw.body === null) return next()
    const tooLarge = () =>
      refuse(c, 'payload_too_large', `The body is longer than ${bodyBytes} bytes.`, { Connection: 'close' })
    if (Number(c.req.header('Content-Length') ?? 0) > bodyBytes) return tooLarge()

    const body = await readBody(raw.body, bodyBytes)
    if (body === 'too_large') return tooLarge()
    if (body === 'broken_off') return refuse(c, 'bad_request', 'The body ended before it was whole.')
    if (body.length > 0) {
      const fault = typeFault(c) ?? textFault(body)
      if (fault !== undefined) return refuse(c, fault.code, fault.message)
    }
    c.req.raw = withBody(raw, body)
    return next()
  }
}

async function readBody(
  stream: ReadableStream<Uint8Array>,
  bodyBytes: number,
): Promise<Uint8Array<ArrayBuffer> | 'too_large' | 'broken_off'> {
  const chunks: Uint8Array[] = []
  let total = 0
  try {
    for (const reader = stream.getReader(); ; ) {
      const { done, value } = await reader.read()
      if (done) return Buffer.concat(chunks)
      total += value.length
      if (total > bodyBytes) {
        await reader.cancel()
        return 'too_large'
      }
      chunks.push(value)
    }
  } catch {
    // The client went away or was too slow: nobody reads the answer, and it is no defect of the bridge.
    return total > bodyBytes ? 'too_large' : 'broken_off'
  }
}

interface BodyFault {
  readonly code: 'unsupported_media_type' | 'bad_request'
  readonly message: string
}

// Only this type makes a browser ask before it sends (no "simple request"), so a page cannot post JSON disguised as text.
function typeFault(c: Context<HttpEnv>): BodyFault | undefined {
  const type = c.req.header('Content-Type') ?? ''
  if (!/^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type))
    return { code: 'unsupported_media_type', message: 'Send the body as Content-Type: application/json.' }
  const encoding = c.req.header('Content-Encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity')
    return { code: 'unsupported_media_type', message: 'Send the body without Content-Encoding.' }
  return undefined
}

function textFault(body: Uint8Array): BodyFault | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return { code: 'bad_request', message: 'The body is not valid UTF-8.' }
  }
  switch (findJsonFault(text)) {
    case 'too_deep':
      return { code: 'bad_request', message: `The body nests deeper than ${MAX_JSON_DEPTH} levels.` }
    case 'duplicate_member':
      return { code: 'bad_request', message: 'The body has an object with the same member twice.' }
    case undefined:
      return undefined
  }
}

// A copy follows the signal of the original only as long as the copy is alive; the original's own signal is what aborts when the
// client goes away, however long the answer takes.
function withBody(raw: Request, body: Uint8Array): Request {
  const request = new Request(raw.url, {
    method: raw.method,
    headers: raw.headers,
    ...(body.length > 0 && { body }),
  })
  return Object.defineProperty(request, 'signal', { value: raw.signal })
}
