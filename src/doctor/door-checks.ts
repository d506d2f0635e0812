import { outcomeOf, type Reply, textIn } from './ask.ts'
import type { Check } from './check.ts'
import { failure, ok, warning } from './finding.ts'
import type { Look } from './look.ts'

/** What every request needs that is to arrive at the bridge. */
const CERTIFICATE = ['certificate-dates', 'certificate-name', 'certificate-chain']
// guard: doctor-token-only-where-safe
export const ARRIVED = [
  'connect',
  'encrypted',
  ...CERTIFICATE,
  'redirects',
  'host-accepted',
  'bridge-answers',
]

/** Whether requests arrive at the bridge as they were sent: what proxies do to them on the way. */
export const doorChecks: readonly Check[] = [
  {
    id: 'redirects',
    of: 'bridge',
    title: 'The address answers by itself and leads nowhere else',
    means:
      'Clients do not follow a redirect of a POST, and none takes its token along. A redirect to itself never ends.',
    mend: 'Write the address to which it leads into `server.public_url`, or take the redirect out of the proxy (often the one that adds a slash, or that goes from https to https).',
    needs: ['connect', ...CERTIFICATE],
    run: async (_, look) => {
      for (const url of [`${look.baseUrl}/health`, look.mcpUrl]) {
        const reply = url === look.mcpUrl ? await look.posted() : await look.get(url)
        const to = redirectOf(reply)
        if (to !== undefined)
          return failure(
            `${url} leads to ${to}${to === url ? ', which is itself: it never ends' : ''}.`,
            to === url
              ? 'The proxy believes that the request came by http. Take its redirect to https out for this server, or tell the hop before it to pass on X-Forwarded-Proto: https.'
              : `Write the address without a redirect into server.public_url and into the clients: ${to.replace(/\/(mcp|health)?\/?$/, '')}; or take the redirect out of the proxy.`,
            outcomeOf(reply),
          )
      }
      const hasAnswered = (await look.posted()).kind === 'answered'
      return hasAnswered ? ok('No redirects.') : []
    },
  },
  {
    id: 'host-accepted',
    of: 'bridge',
    title: 'The bridge takes requests for this name',
    means:
      'The bridge answers only to names that are its own (a page could otherwise make a name of its own lead here). A proxy that sends another Host, or an address that the bridge was not told, is refused with 403; 421 is the same word of a proxy.',
    mend: 'Set `server.public_url` to the address that clients type, and let the proxy pass the Host on (nginx: `proxy_set_header Host $host;`).',
    needs: ['connect', ...CERTIFICATE],
    run: async (_, look) => {
      const reply = await look.get(`${look.baseUrl}/health`)
      const isRefused =
        reply.kind === 'answered' &&
        (reply.status === 421 || (reply.status === 403 && /this host is not/i.test(reply.text)))
      if (reply.kind === 'silent') return []
      if (!isRefused) return ok('It answers to this name.')
      return failure(
        `The bridge does not know itself by this name (HTTP ${reply.status}).`,
        `Write server.public_url: ${look.baseUrl} and restart the bridge. In the proxy pass the name on: proxy_set_header Host $host; (nginx).`,
        reply.text.slice(0, 200),
      )
    },
  },
  {
    id: 'bridge-answers',
    of: 'bridge',
    title: 'It is the bridge that answers',
    means:
      'Something else answers at the address: a proxy that does not reach the bridge (502, 503, 504), or another program.',
    mend: 'Start the bridge, and let the proxy pass every path on to its address and port (nginx: `location / { proxy_pass http://127.0.0.1:8080; }`).',
    needs: ['connect', ...CERTIFICATE, 'redirects', 'host-accepted'],
    run: async (_, look) => {
      const reply = await look.get(`${look.baseUrl}/health`)
      const service = reply.kind === 'answered' ? textIn(reply.json, 'service') : undefined
      if (service === 'ssh-mcp-bridge' && reply.kind === 'answered')
        return ok(`It is ssh-mcp-bridge ${textIn(reply.json, 'version') ?? 'of some version'}.`)
      const isGateway = reply.kind === 'answered' && [502, 503, 504].includes(reply.status)
      return failure(
        isGateway
          ? 'The proxy does not reach the bridge.'
          : 'Something else than the bridge answers at this address.',
        isGateway
          ? 'Start the bridge, and see that the proxy passes requests to where it listens: proxy_pass http://127.0.0.1:PORT; (nginx).'
          : 'Let the proxy pass every path below this address on to the bridge, /health and /.well-known/ too: location / { proxy_pass http://127.0.0.1:PORT; } (nginx).',
        outcomeOf(reply),
      )
    },
  },
  {
    id: 'bridge-ready',
    of: 'bridge',
    title: 'The bridge takes calls',
    means:
      'A part that every call needs does not work, such as the disk of the audit; until it does, every call is refused.',
    mend: 'Mend the part that `/ready` names; the bridge goes on by itself then.',
    needs: ARRIVED,
    run: async (_, look) => {
      const reply = await look.get(`${look.baseUrl}/ready`)
      if (reply.kind === 'answered' && reply.status === 200) return ok('It is ready.')
      return failure(
        'The bridge takes no calls now.',
        'Mend the part that is named, then look again: curl ADDRESS/ready. For the audit that is room on its disk, and its directory writable by the user of the bridge.',
        reply.kind === 'answered' && reply.json !== undefined
          ? JSON.stringify(reply.json.problems)
          : outcomeOf(reply),
      )
    },
  },
  {
    id: 'caching',
    of: 'bridge',
    title: 'Nothing on the way keeps answers',
    means:
      'A cache between clients and the bridge hands out old metadata, or one caller’s answer to another.',
    mend: 'Switch caching off for this host in the proxy or CDN (nginx: `proxy_cache off;`; Cloudflare: a cache rule “bypass”).',
    needs: ARRIVED,
    run: async (_, look) => {
      const seen = [
        ...((await cacheWords(look, '/health')) ?? []),
        ...((await cacheWords(look, '/.well-known/oauth-protected-resource/mcp')) ?? []),
      ]
      if (seen.length === 0) return ok('No answer comes out of a cache.')
      return warning(
        'A cache on the way answers in place of the bridge.',
        'Switch caching off for this host: proxy_cache off; (nginx), or a cache rule “bypass cache” for it (CDN).',
        seen.join('; '),
      )
    },
  },
]

export function redirectOf(reply: Reply): string | undefined {
  if (reply.kind !== 'answered' || reply.status < 300 || reply.status > 399) return undefined
  const where = reply.headers.get('location')
  if (where === null) return undefined
  return URL.canParse(where, reply.url) ? new URL(where, reply.url).href : where
}

async function cacheWords(look: Look, path: string): Promise<readonly string[] | undefined> {
  const reply = await look.get(`${look.baseUrl}${path}`)
  if (reply.kind !== 'answered') return undefined
  return ['Age', 'X-Cache', 'X-Cache-Status', 'CF-Cache-Status', 'X-Proxy-Cache'].flatMap((name) => {
    const value = reply.headers.get(name)
    const isHit = value !== null && (name === 'Age' ? Number(value) > 0 : /\bHIT\b|\bSTALE\b/i.test(value))
    return isHit ? [`${path}: ${name}: ${value}`] : []
  })
}
