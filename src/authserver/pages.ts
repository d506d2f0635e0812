import { createHash } from 'node:crypto'
import { type Content, type Html, html } from './html.ts'

/** For every page here: one look in light and dark, from the width of a phone on. No script, no picture, nothing from elsewhere. */
const STYLE = `
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--line:#8c959f;--paper:#f6f8fa;--card:#fff;--mark:#0a58ca;--on-mark:#fff;--bad:#a40e26}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa4af;--line:#6e7681;--paper:#0d1117;--card:#161b22;--mark:#79b8ff;--on-mark:#0d1117;--bad:#ff8f8f}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:27rem;margin:0 auto;padding:1.5rem 1.25rem}
@media (min-width:30rem){main{margin:8vh auto;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:2rem}}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 1rem}
p,ul,dl{margin:0 0 1rem}
ul{padding-left:1.25rem}
li{margin:.25rem 0}
dt{color:var(--soft);font-size:.875rem}
dd{margin:0 0 .75rem}
label{display:block;margin:1rem 0;font-weight:600}
label span{display:block;font-weight:400;font-size:.875rem;color:var(--soft)}
input{display:block;width:100%;margin-top:.25rem;padding:.6rem .75rem;font:inherit;font-weight:400;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.375rem}
.buttons{display:flex;flex-wrap:wrap;gap:.75rem;margin-top:1.5rem}
button,a.button{flex:1 1 8rem;padding:.65rem 1rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer;color:var(--ink);background:transparent;border:1px solid var(--line);border-radius:.375rem}
button.main,a.button.main{color:var(--on-mark);background:var(--mark);border-color:var(--mark)}
a{color:var(--mark)}
:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
[role=alert]{padding:.75rem 1rem;border:1px solid var(--bad);border-left-width:.375rem;border-radius:.375rem;color:var(--bad);font-weight:600}
code{font:.9375em ui-monospace,monospace}
small,.soft{color:var(--soft);font-size:.875rem}
`.replace(/\n/g, '')

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/**
 * What every page is sent with. Its forms lead to this server alone, unless `formTargets` (CSP sources) names more: browsers that hold a form's
 * redirects to it too would never come back to the client.
 *
 * Not `no-referrer`: with that, browsers say `Origin: null` of a page's own form, which is refused like any other page's.
 */
export function pageHeaders(formTargets: readonly string[] = []): Record<string, string> {
  const forms = ["'self'", ...formTargets].join(' ')
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action ${forms}; base-uri 'none'; frame-ancestors 'none'`,
    'x-frame-options': 'DENY',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  }
}

/** A whole page. A title is text. */
export function page(title: string, ...body: readonly Content[]): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>${STYLE}</style></head>
<body><main><h1>${title}</h1>${body}</main></body></html>`.toString()
}

/** A form that is posted to the page's own address. Which button was pressed is `action`. */
export function form(fields: readonly Content[], buttons: readonly Html[]): Html {
  return html`<form method="post">${fields}<div class="buttons">${buttons}</div></form>`
}

export interface Field {
  readonly label: string
  readonly name: string
  readonly type?: 'text' | 'password' | 'email'
  /** As in the HTML standard: `username`, `current-password`, `new-password`, `one-time-code`, `off`. */
  readonly autocomplete: string
  readonly hint?: string
  readonly value?: string
  /** A number of digits that a phone shows its number pad for. */
  readonly digits?: number
  /** May be left empty. */
  readonly optional?: true
  /** The one to begin with; at most one of a page. */
  readonly first?: true
}

export function field({ label, name, type = 'text', autocomplete, hint, value, ...more }: Field): Html {
  const { digits, optional, first } = more
  return html`<label>${label}${hint === undefined ? '' : html`<span>${hint}</span>`}<input name="${name}" type="${type}" autocomplete="${autocomplete}"${
    value === undefined ? '' : html` value="${value}"`
  }${digits === undefined ? '' : html` inputmode="numeric" pattern="[0-9 ]*" maxlength="${digits + 1}"`}${
    type === 'text' || type === 'email' ? html` autocapitalize="none" spellcheck="false"` : ''
  }${optional ? '' : html` required`}${first ? html` autofocus` : ''}></label>`
}

/** The first one of a form is what Enter presses; `main` is what most people want. */
export function button(label: string, action: string, main = false): Html {
  return html`<button name="action" value="${action}"${main ? html` class="main"` : ''}>${label}</button>`
}

/** What went wrong, read aloud by screen readers; nothing for undefined. */
export function problem(text: string | undefined): Content {
  return text === undefined ? undefined : html`<p role="alert">${text}</p>`
}

/** A page that only says something. */
export function messagePage(title: string, text: string): string {
  return page(title, html`<p>${text}</p>`)
}

export function problemPage(title: string, text: string): string {
  return page(title, problem(text))
}

/** User name and password; `action` is `login`. */
export function loginPage(wrong?: string): string {
  const fields = [
    problem(wrong),
    field({ label: 'User name', name: 'username', autocomplete: 'username', first: true }),
    field({ label: 'Password', name: 'password', type: 'password', autocomplete: 'current-password' }),
  ]
  return page('Sign in', form(fields, [button('Sign in', 'login', true)]))
}
