import { type Content, html } from './html.ts'
import { button, form, page } from './pages.ts'
import { scopeSentence } from './scope-sentences.ts'

export interface ConsentQuestion {
  /** What the client calls itself; text that anybody may have chosen. */
  readonly clientName: string
  /** The host of the document that describes the client: proven, other than the name. Absent for a client that registered itself. */
  readonly clientHost?: string
  /** Where the answer goes. */
  readonly redirectUri: string
  readonly username: string
  readonly resource: string
  readonly scopes: readonly string[]
}

/** May this client act for this person? `action` is `allow` or `deny`. The name comes with what is known beside it, since anybody may call itself anything. */
export function consentPage({ clientName, username, resource, scopes, ...where }: ConsentQuestion): string {
  const list = scopes.map((scope) => html`<li><code>${scope}</code><br>${scopeSentence(scope)}</li>`)
  return page(
    'Allow access?',
    html`<p><strong>${clientName}</strong> asks to act for <strong>${username}</strong>.</p>
<dl><dt>It says that it is</dt><dd>${clientName}</dd>${proof(where)}
<dt>It wants to use</dt><dd><code>${resource}</code></dd></dl>
<p>Allow this only if you have just begun it yourself, in an application that you trust. It will be able to:</p>
<ul>${list}</ul>`,
    form([], [button('Allow', 'allow', true), button('Deny', 'deny')]),
  )
}

function proof({ clientHost, redirectUri }: Pick<ConsentQuestion, 'clientHost' | 'redirectUri'>): Content {
  const answer = html`<dt>The answer goes to</dt><dd><code>${placeOf(redirectUri)}</code></dd>`
  if (clientHost === undefined) return answer
  return html`<dt>It belongs to</dt><dd><code>${clientHost}</code></dd>${answer}`
}

/** What tells two places apart: the host of a web address; of this machine, that it is this machine; else the whole private address. */
function placeOf(redirectUri: string): string {
  const url = URL.parse(redirectUri)
  if (url === null) return redirectUri
  if (!/^https?:$/.test(url.protocol)) return redirectUri
  return isLoopbackHost(url.hostname) ? `an application on your own computer (${url.host})` : url.host
}

export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/** Sources of a Content-Security-Policy for the form of this page: the client may send the browser on, to any https address of its own. */
export function consentTargets(redirectUri: string): readonly string[] {
  const url = URL.parse(redirectUri)
  if (url === null || url.protocol === 'https:') return ['https:']
  if (url.protocol !== 'http:') return ['https:', url.protocol]
  // Host sources know no IPv6 address (CSP level 3 §2.3.1).
  return ['https:', url.hostname.startsWith('[') ? 'http:' : url.origin]
}
