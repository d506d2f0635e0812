import type { Context, MiddlewareHandler } from 'hono'
import { refuse } from './errors.ts'
import { type HttpEnv, PUBLIC_PATHS } from './http-env.ts'

/**
 * Refuses what a page of another site has a browser ask for without an `Origin`: pictures, frames, links, forms with GET (Fetch Metadata,
 * https://www.w3.org/TR/fetch-metadata/). The page sees no answer, but on loopback without authentication, or with the cookie that a sibling's page
 * has sent along, the call would be made and be on record in somebody's name. What has an `Origin` is judged by that. Programs send no such header.
 */
export const guardPages: MiddlewareHandler<HttpEnv> = async (c, next) => {
  // guard: other-pages-ask-nothing
  if (!PUBLIC_PATHS.has(c.req.path) && isOfAnotherPage(c))
    return refuse(
      c,
      'forbidden',
      'A page of another site had your browser ask for this. Open it from the console of the bridge, or type its address.',
    )
  return next()
}

function isOfAnotherPage(c: Context<HttpEnv>): boolean {
  const site = c.req.header('Sec-Fetch-Site')
  return (site === 'cross-site' || site === 'same-site') && c.req.header('Origin') === undefined
}
