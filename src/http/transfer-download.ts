import type { Context } from 'hono'
import type { Log } from '../domain/log.ts'
import type { Download } from '../domain/transfer.ts'
import type { Link, LinkUse } from '../pipeline/link-use.ts'
import type { TransferLinks } from '../pipeline/transfer-links.ts'
import type { HttpEnv } from './http-env.ts'
import { notTransferred, rangeRefused, reprDigest } from './transfer-answers.ts'

/** A digest goes with the head only when the file is read once before it is sent: for small ones always, for others when asked for. */
const READ_TWICE_BYTES = 32 * 1024 * 1024

interface Deps {
  readonly transfers: TransferLinks
  readonly log: Log
}

/** GET and HEAD of a link to a file, with Range and If-Range (RFC 9110 §14) and Repr-Digest (RFC 9530 §3). */
export async function sendDownload(
  c: Context<HttpEnv>,
  link: Link,
  { transfers, log }: Deps,
): Promise<Response> {
  const gone = c.req.raw.signal
  const opened = await transfers.use(link, gone, c.get('remoteAddress'))
  if ('kind' in opened) return notTransferred(c, opened)
  const { use } = opened
  const file = opened.stream as Download
  const finish = async () => {
    await file.close()
    await use.end()
  }
  try {
    const isHead = c.req.method === 'HEAD'
    const etag = `"${file.version}"`
    const range = rangeOf(c.req.header('Range'), c.req.header('If-Range'), etag, file.bytes)
    if (range === 'unsatisfiable') {
      await finish()
      const headers = { 'Content-Range': `bytes */${file.bytes}`, ETag: etag }
      return rangeRefused(c, `The file has ${file.bytes} bytes.`, headers)
    }
    const wantsDigest = /sha-256\s*=\s*[1-9]/.test(c.req.header('Want-Repr-Digest') ?? '')
    const sha256 = isHead || wantsDigest || file.bytes <= READ_TWICE_BYTES ? await file.digest() : undefined
    const { start, end } = range ?? { start: 0, end: file.bytes }
    const headers = {
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(end - start),
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      'Accept-Ranges': 'bytes',
      ETag: etag,
      // Tells nginx to pass the bytes on as they come.
      'X-Accel-Buffering': 'no',
      ...(range !== undefined && { 'Content-Range': `bytes ${start}-${end - 1}/${file.bytes}` }),
      ...(sha256 !== undefined && { 'Repr-Digest': reprDigest(sha256) }),
    }
    if (isHead) {
      await finish()
      return new Response(null, { status: 200, headers })
    }
    // guard: downloads-on-record-first
    await use.begin()
    const known = sha256 === undefined ? {} : { sha256 }
    const body = bodyOf(file, use, { start, end, ...known }, log)
    return new Response(body, { status: range === undefined ? 200 : 206, headers })
  } catch (error) {
    await finish()
    throw error
  }
}

interface Stretch {
  readonly start: number
  /** Before this byte it ends. */
  readonly end: number
  readonly sha256?: string
}

/** Reads as fast as the client takes it. The record is written before the last bytes are handed over. */
function bodyOf(
  file: Download,
  use: LinkUse,
  { start, end, sha256 }: Stretch,
  log: Log,
): ReadableStream<Uint8Array> {
  const source = file.read(start, end)[Symbol.asyncIterator]()
  let ready: Buffer[] = []
  let position = start
  const close = async () => {
    await source.return?.()
    await file.close()
    const digest = sha256 === undefined ? {} : { sha256 }
    await use.end({ offset: start, bytes: position - start, totalBytes: file.bytes, ...digest })
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          if (ready.length === 0 && position < end) {
            const next = await source.next()
            ready = next.done ? [] : [...next.value]
          }
          const piece = ready.shift()
          if (piece !== undefined) position += piece.length
          if (position >= end) await close()
          if (piece !== undefined) controller.enqueue(piece)
          if (position >= end) controller.close()
        } catch (error) {
          log.warn('A transfer by link broke off', { bytes: position - start, error: String(error) })
          await close().catch(() => undefined)
          controller.error(error)
        }
      },
      cancel: () => close().catch(() => undefined),
    },
    { highWaterMark: 0 },
  )
}

/** One range; several, other units and a file that is not the one of If-Range any more give the whole file (RFC 9110 §14.2). */
function rangeOf(
  header: string | undefined,
  ifRange: string | undefined,
  etag: string,
  bytes: number,
): Stretch | 'unsatisfiable' | undefined {
  if (header === undefined || (ifRange !== undefined && ifRange !== etag)) return undefined
  const [, first = '', last = ''] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header) ?? []
  if (first === '' && last === '') return undefined
  if (first === '') {
    const length = Math.min(Number(last), bytes)
    return length === 0 ? 'unsatisfiable' : { start: bytes - length, end: bytes }
  }
  const start = Number(first)
  const end = last === '' ? bytes : Math.min(Number(last) + 1, bytes)
  if (last !== '' && Number(last) < start) return undefined
  return start >= bytes ? 'unsatisfiable' : { start, end }
}
