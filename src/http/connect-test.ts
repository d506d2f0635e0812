import type { Context } from 'hono'
import type { HttpEnv } from './http-env.ts'
import { termList, text } from './page-text.ts'

/**
 * What the server made of the request that asked for the page: what somebody who set up a proxy wants to know, and nothing that the
 * asker did not send. A request with a foreign host does not come this far.
 */
export function seenRequest(c: Context<HttpEnv>, publicUrl: string | undefined): string {
  const seen = c.get('seenUrl')
  const forwarded = c.get('forwarded')
  const { protocol, host } = new URL(seen)
  const advice = adviceOn(seen, publicUrl, forwarded)
  return `${termList([
    ['Scheme', text(protocol.replace(':', ''))],
    ['Host', `<code>${text(host)}</code>`],
    ['X-Forwarded-*', FORWARDED[forwarded]],
    ['server.public_url', publicUrlLine(seen, publicUrl)],
  ])}
<p>${advice ?? '<span class="good">Nothing is wrong with this request.</span>'}</p>`
}

const FORWARDED = {
  none: 'none were sent',
  believed: 'sent by a proxy that is trusted, and believed',
  ignored: 'sent, and not believed',
} as const satisfies Record<HttpEnv['Variables']['forwarded'], string>

function publicUrlLine(seen: string, publicUrl: string | undefined): string {
  if (publicUrl === undefined) return 'not set: the server calls itself what each request calls it'
  return new URL(publicUrl).origin === new URL(seen).origin
    ? 'matches'
    : `differs: the server calls itself <code>${text(publicUrl)}</code>`
}

/** The first thing that is worth changing, as markup; undefined when nothing is. */
function adviceOn(
  seen: string,
  publicUrl: string | undefined,
  forwarded: HttpEnv['Variables']['forwarded'],
): string | undefined {
  if (forwarded === 'ignored')
    return '<span class="bad">A proxy passed this request on and is not trusted:</span> its <code>X-Forwarded-*</code> headers do not count, so every caller looks like the proxy. Name its address in <code>server.trusted_proxies</code>.'
  const isLocal = /^https?:\/\/(?:127\.|localhost[:/]|localhost$|\[::1\])/.test(seen)
  if (publicUrl === undefined)
    return isLocal
      ? undefined
      : '<span class="bad">The address is taken from the request.</span> Set <code>server.public_url</code>, so that the documents below always name the right one.'
  const [asked, own] = [new URL(seen), new URL(publicUrl)]
  if (asked.origin === own.origin) return undefined
  if (asked.host === own.host)
    return '<span class="bad">The scheme did not come through.</span> Clients are told <code>server.public_url</code>, so they work; have the proxy send <code>X-Forwarded-Proto</code>, and name it in <code>server.trusted_proxies</code>.'
  return isLocal
    ? 'You asked this machine itself. Ask again under the public address to see what clients meet with.'
    : '<span class="bad">The host is another one</span> than that of <code>server.public_url</code>: clients are sent to the latter.'
}
