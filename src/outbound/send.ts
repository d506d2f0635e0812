import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { VERSION } from '../lib/version.ts'
import { OutboundError } from './fetch.ts'
import type { Address } from './find-address.ts'

/** Keys and metadata of a provider are a few kilobytes; Entra's are the largest at about 20. */
export const MAX_ANSWER_BYTES = 512 * 1024

/** A request as it goes over the wire: nothing in it is changed by what an answer says. */
export interface Outgoing {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | undefined
}

export interface Incoming {
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

interface Line {
  /** Already looked at; the name is not looked up again. */
  readonly addresses: readonly Address[]
  /** Certificate authorities instead of the platform's. */
  readonly ca?: string
}

/**
 * Sends one request over a connection of its own and reads the whole answer, of which at most `MAX_ANSWER_BYTES` are taken after
 * unpacking. Follows nothing, keeps no cookie and no connection.
 */
export async function send(url: URL, out: Outgoing, line: Line, signal: AbortSignal): Promise<Incoming> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const ask = url.protocol === 'https:' ? requestHttps : requestHttp
    const request = ask(url, {
      method: out.method,
      headers: {
        'user-agent': `ssh-mcp-bridge/${VERSION}`,
        ...out.headers,
        'accept-encoding': 'gzip, br',
        ...(out.body && { 'content-length': String(out.body.byteLength) }),
      },
      // A pooled connection could lead to where the name pointed before.
      agent: false,
      signal,
      ...(line.ca !== undefined && { ca: line.ca }),
      // guard: outbound-rebinding
      lookup: (_name, options, done) => {
        const [first] = line.addresses
        if (options.all === true) done(null, [...line.addresses])
        else done(null, first?.address ?? '', first?.family)
      },
    })
    request.once('response', resolve)
    request.once('error', (cause) => reject(unreachable(url, cause)))
    request.end(out.body)
  })
  try {
    return {
      status: answer.statusCode ?? 0,
      headers: headersOf(answer),
      body: await readAnswer(answer, url),
    }
  } finally {
    answer.destroy()
  }
}

async function readAnswer(answer: IncomingMessage, url: URL): Promise<Buffer> {
  const unpacked = unpack(answer, url)
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of unpacked) {
      bytes += chunk.byteLength
      // guard: outbound-size
      if (bytes > MAX_ANSWER_BYTES)
        throw new OutboundError('too_large', `${url.host} answered with more than ${MAX_ANSWER_BYTES} bytes`)
      chunks.push(chunk)
    }
  } catch (cause) {
    throw cause instanceof OutboundError ? cause : unreachable(url, cause)
  }
  return Buffer.concat(chunks)
}

function unpack(answer: IncomingMessage, url: URL): AsyncIterable<Buffer> {
  const encoding = answer.headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity' || encoding === '') return answer
  const make = UNPACKERS[encoding]
  if (make === undefined)
    throw new OutboundError('bad_encoding', `${url.host} answered in an encoding that was not asked for`)
  const unpacker = make()
  answer.once('error', (cause) => unpacker.destroy(cause))
  return answer.pipe(unpacker)
}

const UNPACKERS: Readonly<Record<string, () => ReturnType<typeof createGunzip>>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

/** What no longer describes the body is left out, and so are cookies. */
const LEFT_OUT = new Set([
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'set-cookie',
])

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = rawHeaders.slice(at, at + 2)
    if (!LEFT_OUT.has(name.toLowerCase())) headers.append(name, value)
  }
  return headers
}

/** With the code that names the fault; the platform's own message can hold the whole address. */
function unreachable(url: URL, cause: unknown): OutboundError {
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'no answer'
  return new OutboundError('unreachable', `${url.host} cannot be asked: ${code}`, { cause })
}
