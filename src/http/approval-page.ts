import type { Hono } from 'hono'
import { isCommandId } from '../domain/command.ts'
import { refuse } from './errors.ts'
import type { HttpEnv } from './http-env.ts'

export const APPROVAL_PREFIX = '/approvals/'

/**
 * Where the link in a request leads: to the console, or to how to answer it without one. Of the request itself nothing is shown, nor whether there is one, since whoever
 * opens the page is nobody yet.
 */
export function mountApprovalPage(app: Hono<HttpEnv>, hasConsole: boolean): void {
  app.get(`${APPROVAL_PREFIX}:id`, (c) => {
    const id = c.req.param('id')
    if (!isCommandId(id)) return refuse(c, 'not_found', 'There is nothing at this path.')
    if (hasConsole) return c.redirect(`${c.get('publicUrl')}/console/approvals/${id}`)
    return c.html(page(id, c.get('publicUrl')), 200, {
      'Content-Security-Policy':
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
    })
  })
}

function page(id: string, url: string): string {
  const address = url.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>A request waits for approval</title>
</head>
<body>
<h1>A request waits for approval</h1>
<p>It is <code>${id}</code>. Whoever may answer it sees all that is asked with a token of their own that has the scope
<code>mcp:approve</code>, kept in <code>SSH_MCP_TOKEN</code>:</p>
<pre>ssh-mcp-bridge approvals approve ${id} --url ${address}
ssh-mcp-bridge approvals deny ${id} --url ${address}</pre>
<p>Over HTTP: <code>GET ${address}/api/v1/approvals</code>, then <code>POST ${address}/api/v1/approvals/answer</code>.</p>
</body>
</html>
`
}
