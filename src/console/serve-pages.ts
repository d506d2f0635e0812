import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Hono } from 'hono'
import { refuse } from '../http/errors.ts'
import type { HttpEnv } from '../http/http-env.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Everything from this server alone, nothing inline, no frame around it; `Trusted Types` make a page that writes HTML fail. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
} as const

interface Asset {
  readonly body: Uint8Array<ArrayBuffer>
  readonly type: string
}

/**
 * The console as it was built: one page for every path below `/console/`, and files whose names change with what is in them. They say nothing about
 * anybody, so anybody may have them.
 */
export function servePages(app: Hono<HttpEnv>, directory: string): void {
  const page = existsSync(join(directory, 'index.html'))
    ? readFileSync(join(directory, 'index.html'), 'utf8')
    : undefined
  const assets = readAssets(join(directory, 'assets'))
  app.get('/console', (c) => c.redirect(`${c.get('publicUrl')}/console/`))
  app.get('/console/assets/:name', (c) => {
    const asset = assets.get(c.req.param('name'))
    if (asset === undefined) return refuse(c, 'not_found', 'There is nothing at this path.')
    return c.body(asset.body, 200, {
      ...HEADERS,
      'Content-Type': asset.type,
      'Cache-Control': 'public, max-age=31536000, immutable',
    })
  })
  app.get('/console/*', (c, next) => {
    if (c.req.path.startsWith('/console/api/')) return next()
    if (page === undefined)
      return Promise.resolve(
        refuse(c, 'not_found', 'This build of the bridge has no console. Run: npm run build'),
      )
    return Promise.resolve(
      c.html(placed(page, c.get('publicUrl')), 200, { ...HEADERS, 'Cache-Control': 'no-store' }),
    )
  })
}

/** Read once: they are few and small. */
function readAssets(directory: string): ReadonlyMap<string, Asset> {
  const names = existsSync(directory) ? readdirSync(directory) : []
  return new Map(
    names.flatMap((name) => {
      const type = TYPES[extname(name)]
      return type === undefined
        ? []
        : [[name, { body: new Uint8Array(readFileSync(join(directory, name))), type }]]
    }),
  )
}

/** The page lies at many paths, and its files at one: behind a proxy below a path of its own, if that is so. */
function placed(page: string, publicUrl: string): string {
  const prefix = new URL(publicUrl).pathname.replace(/\/$/, '')
  return page.replaceAll('"./assets/', `"${prefix}/console/assets/`)
}
