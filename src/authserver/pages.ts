/** The two pages a person meets: who are you, and may this client act for you. No script, no outside resource. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const

export function loginPage(problem?: string): string {
  return page(
    'Sign in',
    `${problem === undefined ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
    <label>User name <input name="username" autocomplete="username" required autofocus></label>
    <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
    <button name="action" value="login">Sign in</button>`,
  )
}

export interface ConsentQuestion {
  readonly clientName: string
  readonly username: string
  readonly redirectHost: string
  readonly scopes: readonly string[]
}

export function consentPage({ clientName, username, redirectHost, scopes }: ConsentQuestion): string {
  const list = scopes.map((scope) => `<li><code>${escapeHtml(scope)}</code></li>`).join('')
  return page(
    'Allow access',
    `<p><strong>${escapeHtml(clientName)}</strong> (${escapeHtml(redirectHost)}) asks to act for
    <strong>${escapeHtml(username)}</strong> with:</p><ul>${list}</ul>
    <button name="action" value="allow">Allow</button> <button name="action" value="deny">Deny</button>`,
  )
}

export function problemPage(title: string, text: string): string {
  return document(title, `<p role="alert">${escapeHtml(text)}</p>`)
}

function page(title: string, fields: string): string {
  return document(title, `<form method="post">${fields}</form>`)
}

function document(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body{font:16px/1.5 system-ui;max-width:24rem;margin:4rem auto;padding:0 1rem}label{display:block;margin:1rem 0}
input{display:block;width:100%;box-sizing:border-box;padding:.5rem}button{padding:.5rem 1rem}</style></head>
<body><h1>${escapeHtml(title)}</h1>${body}</body></html>`
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
