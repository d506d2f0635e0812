import { Readable } from 'node:stream'
import type { Context } from 'hono'
import type { Upload } from '../domain/transfer.ts'
import type { Link } from '../pipeline/link-use.ts'
import type { TransferLinks } from '../pipeline/transfer-links.ts'
import { refuse } from './errors.ts'
import type { HttpEnv } from './http-env.ts'
import { notTransferred, rangeRefused, reprDigest, uploadOffset } from './transfer-answers.ts'

interface Deps {
  readonly transfers: TransferLinks
}

/**
 * PUT of a file to a link, whole or from where an earlier one stopped (Content-Range), and HEAD, which tells how far that was: in
 * `Upload-Offset`. The file is put in its place when all of it is there and its digest is that of `Repr-Digest`, where one was given.
 */
export async function takeUpload(c: Context<HttpEnv>, link: Link, { transfers }: Deps): Promise<Response> {
  const expected = digestOf(c.req.header('Repr-Digest'))
  if (expected === 'unreadable') return refuse(c, 'bad_request', 'Repr-Digest is written sha-256=:BASE64:.')
  const opened = await transfers.use(link, c.req.raw.signal, c.get('remoteAddress'))
  if ('kind' in opened) return notTransferred(c, opened)
  const { use } = opened
  const part = opened.stream as Upload
  const { received } = part
  const stay = async (bytes: number) => {
    await part.close()
    await use.end({ offset: received, bytes, leavesPart: received + bytes > 0 })
  }
  let came = 0
  try {
    if (c.req.method === 'HEAD') {
      await part.close(received === 0 ? 'discard' : undefined)
      await use.end()
      return new Response(null, { status: 200, headers: uploadOffset(received) })
    }
    const range = rangeOf(c.req.header('Content-Range'))
    if (range === 'unreadable' || (range?.start ?? 0) !== received) {
      // A whole file begins anew; what was there of an earlier one goes.
      const isAnew = range === undefined
      await part.close(isAnew ? 'discard' : undefined)
      await use.end()
      if (isAnew) return takeUpload(c, link, { transfers })
      return rangeRefused(c, `Go on at byte ${received}.`, uploadOffset(received))
    }
    // guard: uploads-on-record-first
    await use.begin()
    for await (const chunk of bodyOf(c)) {
      came += chunk.length
      await part.write([Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)])
    }
    if (range !== undefined && came !== range.end - range.start) {
      await stay(came)
      return refuse(
        c,
        'bad_request',
        'The body is not as long as Content-Range says.',
        uploadOffset(received + came),
      )
    }
    if (range !== undefined && range.end < range.total) {
      await stay(came)
      return new Response(null, { status: 202, headers: uploadOffset(range.end) })
    }
    await use.mustHold()
    const finished = await part.finish(expected)
    await part.close()
    if ('kind' in finished) {
      await use.end({ offset: 0, bytes: came })
      return notTransferred(c, finished)
    }
    const { bytes, sha256, changeId } = finished
    await use.end({ offset: 0, bytes, totalBytes: bytes, sha256 })
    const change = changeId === undefined ? {} : { change_id: changeId }
    return c.json({ bytes, sha256, ...change }, 201, { 'Repr-Digest': reprDigest(sha256) })
  } catch (error) {
    await stay(came)
    if (isBrokenOff(error)) return refuse(c, 'bad_request', 'The body ended before it was whole.')
    throw error
  }
}

function bodyOf(c: Context<HttpEnv>): AsyncIterable<Uint8Array> {
  const { incoming } = c.env ?? {}
  // Left without being ended: the socket must live on for the answer.
  if (incoming !== undefined) return incoming.iterator({ destroyOnReturn: false })
  return c.req.raw.body?.values({ preventCancel: true }) ?? Readable.from([])
}

/** The client went away: what came stays, and nobody reads the answer. */
function isBrokenOff(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ECONNRESET', 'ABORT_ERR'].includes(String(error.code))
}

/** RFC 9110 §14.4, the length known. `end`: the byte before which it ends. */
function rangeOf(header: string | undefined) {
  if (header === undefined) return undefined
  const [, first = '', last = '', total = ''] = /^\s*bytes\s+(\d+)-(\d+)\/(\d+)\s*$/i.exec(header) ?? []
  const range = { start: Number(first), end: Number(last) + 1, total: Number(total) }
  const isRight = first !== '' && range.start < range.end && range.end <= range.total
  return isRight ? range : 'unreadable'
}

/** Lower-case hex of a `sha-256` in Repr-Digest (RFC 9530 §3); other algorithms are not looked at. One that nobody can read is not passed over. */
function digestOf(header = ''): string | 'unreadable' | undefined {
  if (!/(?:^|,)\s*sha-256\s*=/.test(header)) return undefined
  const value = /(?:^|,)\s*sha-256\s*=\s*:([A-Za-z0-9+/]{43}=):/.exec(header)?.[1]
  return value === undefined ? 'unreadable' : Buffer.from(value, 'base64').toString('hex')
}
