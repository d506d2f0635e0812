import type { Context, Hono } from 'hono'
import { sourceOf } from '../lib/source-of.ts'
import { Throttle } from '../oauth/throttle.ts'
import type { Link } from '../pipeline/link-use.ts'
import type { TransferLinks } from '../pipeline/transfer-links.ts'
import { wireFailure } from '../pipeline/wire-error.ts'
import { answerError, refuse } from './errors.ts'
import type { HttpEnv } from './http-env.ts'
import type { HttpDeps } from './http-settings.ts'
import { notTransferred, TRANSFER_PREFIX } from './transfer-answers.ts'
import { sendDownload } from './transfer-download.ts'
import { takeUpload } from './transfer-upload.ts'

/**
 * Files by single-use links. The token is all that is asked for, so these paths stand before authentication. A token that is wrong, used
 * up or expired answers like any other path that is not there, and guesses are slowed down.
 */
export function mountTransfers(
  app: Hono<HttpEnv>,
  deps: HttpDeps & { readonly transfers: TransferLinks },
): void {
  const { transfers, clock } = deps
  const guesses = new Throttle()
  const linkOf = async (c: Context<HttpEnv>): Promise<Link | Response> => {
    const address = c.get('remoteAddress')
    const waitMs = guesses.waitMs(sourceOf(address), clock.monotonicMs())
    if (waitMs > 0)
      return answerError(c, {
        ...wireFailure('rate_limited', 'Too many addresses that lead nowhere. Wait before the next one.'),
        retryAfterMs: waitMs,
      })
    const link = await transfers.find(c.req.param('token') ?? '')
    if (link !== undefined) return 'kind' in link ? notTransferred(c, link) : link
    guesses.failed(sourceOf(address), clock.monotonicMs())
    return refuse(c, 'not_found', 'There is nothing at this path.')
  }

  // Hono answers HEAD by what is mounted for GET.
  app.get(`${TRANSFER_PREFIX}:token`, async (c) => {
    const link = await linkOf(c)
    if (link instanceof Response) return link
    if (link.direction === 'download') return sendDownload(c, link, deps)
    return c.req.method === 'HEAD' ? takeUpload(c, link, deps) : wrongMethod(c, 'HEAD, PUT')
  })
  app.put(`${TRANSFER_PREFIX}:token`, async (c) => {
    const link = await linkOf(c)
    if (link instanceof Response) return link
    return link.direction === 'upload' ? takeUpload(c, link, deps) : wrongMethod(c, 'GET, HEAD')
  })
}

function wrongMethod(c: Context<HttpEnv>, allow: string): Response {
  return refuse(c, 'method_not_allowed', `This link answers ${allow}.`, { Allow: allow })
}
