import type { MiddlewareHandler } from 'hono'
import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import type { HttpEnv } from './http-env.ts'
import { shownPath } from './transfer-answers.ts'

/** What every answer carries unless its handler said otherwise: nothing is kept, sniffed, framed or told to the next page. */
const DEFAULT_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
} as const

/** Gives a request its id, its answer the headers of all answers, and the log one line at DEBUG: the path, never the query. */
export function requestLog(log: Log, clock: Clock): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const startedMs = clock.monotonicMs()
    const id = randomId('req')
    c.set('requestId', id)
    await next()

    // HEAD is answered by what answers GET, and nobody reads the body: a stream has to hear that, or it stays open for ever.
    // guard: head-leaves-nothing-open
    if (c.req.method === 'HEAD') await c.res.body?.cancel().catch(() => undefined)
    const { headers } = c.res
    headers.set('X-Request-Id', id)
    for (const [name, value] of Object.entries(DEFAULT_HEADERS))
      if (!headers.has(name)) headers.set(name, value)
    // Tells nginx to pass each event on at once, whatever its configuration says of buffering.
    if (headers.get('Content-Type')?.startsWith('text/event-stream')) headers.set('X-Accel-Buffering', 'no')

    log.debug(`${c.req.method} ${shownPath(new URL(c.req.url).pathname)} ${c.res.status}`, {
      request: id,
      remote: c.get('remoteAddress'),
      ms: Math.round(clock.monotonicMs() - startedMs),
    })
  }
}
