import { createHash } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { metadataUrl } from '../oauth/metadata.ts'
import { clientSections, type OfferedSignIn } from './connect-clients.ts'
import { seenRequest } from './connect-test.ts'
import type { HttpEnv } from './http-env.ts'
import type { HttpDeps } from './http-settings.ts'
import { text } from './page-text.ts'

export const CONNECT_PATH = '/connect'

/** One style, in light and dark, from the width of a phone on. */
const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#8c959f;--paper:#fff;--card:#f6f8fa;--mark:#0a58ca;--good:#116329;--bad:#a40e26}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4af;--line:#6e7681;--paper:#0d1117;--card:#161b22;--mark:#79b8ff;--good:#7ee787;--bad:#ff8f8f}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:44rem;margin:0 auto;padding:1.5rem 1.25rem 4rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 .5rem}
h2{font-size:1.25rem;margin:2.5rem 0 .75rem}
p,ol,ul,dl,pre{margin:0 0 1rem}
ol,ul{padding-left:1.25rem}
li{margin:.25rem 0}
.address{display:block;padding:1rem;font-size:1.125rem;border:1px solid var(--line);border-radius:.5rem;background:var(--card)}
.address,pre{user-select:all;-webkit-user-select:all}
details{border:1px solid var(--line);border-radius:.5rem;margin:0 0 .5rem;background:var(--card)}
summary{padding:.75rem 1rem;font-weight:600;cursor:pointer}
details>div{padding:0 1rem}
code,pre{font-family:ui-monospace,monospace;font-size:.9375rem}
pre{padding:.75rem;white-space:pre-wrap;border:1px solid var(--line);border-radius:.375rem;background:var(--paper)}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.25rem 1rem}
dt,.soft{color:var(--soft)}
dd{margin:0}
.good{color:var(--good)}
.bad{color:var(--bad)}
.good,.bad{font-weight:600}
a{color:var(--mark)}
:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
@media (max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.75rem}}
`

/** No script, no picture, no form, nothing from elsewhere: text and this one style. */
const HEADERS = {
  'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/**
 * How a client is told about this bridge, for whoever has its address; and what the server made of this very request, for whoever set up
 * a proxy before it. Hosts, people, providers and versions are not on it: it is shown to anybody.
 */
export function mountConnectPage(app: Hono<HttpEnv>, deps: HttpDeps): void {
  app.get(CONNECT_PATH, (c) => c.html(page(c, deps), 200, HEADERS))
}

function page(c: Context<HttpEnv>, deps: HttpDeps): string {
  const base = c.get('publicUrl')
  const signIn = offeredSignIn(deps, base)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Connect a client to this SSH bridge</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Connect a client</h1>
<p>This is the address to type, with its path:</p>
<p><code class="address">${text(`${base}/mcp`)}</code></p>
<p>${SIGN_IN[signIn.by]}</p>
<h2>Your client</h2>
${clientSections(`${base}/mcp`, signIn)}
<h2>What this server saw</h2>
${seenRequest(c, deps.settings.publicUrl)}
<h2>Documents that clients read</h2>
${documents(base, signIn)}
<p>Whoever runs this server sees what each client would meet with:</p>
<pre>ssh-mcp-bridge doctor --url ${text(base)}</pre>
</main>
</body>
</html>
`
}

const SIGN_IN = {
  here: 'Your client opens a browser, and you sign in at this server.',
  elsewhere: 'Your client opens a browser, and you sign in where your organisation has you sign in.',
  key: 'Your client sends an API key, which you get from whoever runs this server. Keep it in an environment variable; it belongs in no file that others read.',
  nothing: 'There is no sign-in: this server answers programs of its own machine only.',
} as const satisfies Record<OfferedSignIn['by'], string>

function offeredSignIn(deps: HttpDeps, base: string): OfferedSignIn {
  const first = deps.oauth()?.issuers[0]
  if (first === undefined) return { by: deps.authEnabled ? 'key' : 'nothing' }
  return first.issuer === base ? { by: 'here' } : { by: 'elsewhere', provider: first.provider }
}

function documents(base: string, { by }: OfferedSignIn): string {
  if (by === 'key' || by === 'nothing') return '<p>None: nobody signs in here.</p>'
  const server = metadataUrl(base, '').replace('oauth-protected-resource', 'oauth-authorization-server')
  const links = [metadataUrl(base, '/mcp'), metadataUrl(base, ''), ...(by === 'here' ? [server] : [])]
  return `<ul>\n${links.map((link) => `<li><a href="${text(link)}">${text(link)}</a></li>`).join('\n')}\n</ul>`
}
