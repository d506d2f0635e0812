import { outcomeOf, type Reply } from './ask.ts'
import { type ChallengeWords, readChallenge } from './challenge-words.ts'
import type { Check } from './check.ts'
import { ARRIVED } from './door-checks.ts'
import { failure, note, ok, type Said, warning } from './finding.ts'
import type { Look } from './look.ts'

/** What the bridge says to whoever comes without a token: from that alone a client has to find the way in. */
export const challengeChecks: readonly Check[] = [
  {
    id: 'challenge-post',
    of: 'bridge',
    title: '`POST /mcp` without a token is answered with 401 and a challenge',
    means:
      'The challenge (`WWW-Authenticate: Bearer …`) is how a client learns that it has to sign in, and where. Without it most show “connection failed”.',
    mend: 'Let the proxy pass `POST /mcp` on and leave `WWW-Authenticate` in the answer (nginx: no `proxy_hide_header WWW-Authenticate`, no `auth_request` or `auth_basic` of its own).',
    needs: ARRIVED,
    run: async (_, look) => challenged('POST', await look.posted(), look),
  },
  {
    id: 'challenge-get',
    of: 'bridge',
    title: '`GET /mcp` is answered at once',
    means:
      'Some clients (Codex, mcp-remote) open with a GET. It has to be answered with the same 401; one that hangs looks like a server that is down.',
    mend: 'Let the proxy pass GET on `/mcp` on to the bridge as it does POST.',
    needs: ARRIVED,
    run: async (_, look) => challenged('GET', await look.got(), look),
  },
  {
    id: 'challenge-metadata',
    of: 'bridge',
    title: 'The challenge names the metadata, at this address',
    means:
      '`resource_metadata` begins with another scheme or host than the one that was asked: the bridge does not know the address that clients use, because the proxy does not tell it. Clients follow it to nowhere, or refuse it.',
    mend: 'Set `server.public_url` to the address that clients type (best), or list the proxy in `server.trusted_proxies` and let it send `X-Forwarded-Proto` and `X-Forwarded-Host`.',
    needs: ['challenge-post'],
    run: async (_, look) => {
      if (!(await look.signsIn())) return []
      const named = (await look.challenge())?.resource_metadata
      if (named === undefined)
        return warning(
          'The challenge does not say where the metadata is: clients have to guess.',
          'Let the proxy leave WWW-Authenticate as the bridge wrote it.',
        )
      return sameAddress(named, look, 'The challenge')
    },
  },
  {
    id: 'challenge-scope',
    of: 'bridge',
    title: 'The challenge names the scopes to ask for',
    means: 'Without `scope` clients ask for everything that the metadata lists, or for nothing.',
    mend: 'Let the proxy leave `WWW-Authenticate` as the bridge wrote it.',
    needs: ['challenge-post'],
    run: async (_, look) => {
      if (!(await look.signsIn())) return []
      const { scope } = (await look.challenge()) ?? {}
      if (scope) return ok(`The challenge asks for: ${scope}.`)
      return warning(
        'The challenge names no scope.',
        'Let the proxy leave WWW-Authenticate as the bridge wrote it.',
      )
    },
  },
]

async function challenged(method: string, reply: Reply, look: Look): Promise<Said[]> {
  if (reply.kind === 'silent')
    return failure(
      `${method} /mcp is not answered.`,
      `Let the proxy pass ${method} /mcp on: location / { proxy_pass http://127.0.0.1:PORT; } (nginx).`,
      reply.message,
    )
  const challenge: ChallengeWords | undefined = readChallenge(reply.headers.get('www-authenticate'))
  if (reply.status === 401 && challenge !== undefined)
    return challenge.resource_metadata === undefined && method === 'POST' && !(await look.signsIn())
      ? note(
          `${method} /mcp wants an API key; there is no way to sign in.`,
          'For clients that take no key (ChatGPT, claude.ai) write server.oauth.mode: embedded, or server.oauth.issuer.',
        )
      : ok(`${method} /mcp is answered with 401 and a challenge.`)
  if (reply.status === 401)
    return failure(
      `${method} /mcp is answered with 401, and without a Bearer challenge.`,
      'Take out what removes it, or answers in place of the bridge: proxy_hide_header WWW-Authenticate, auth_basic, auth_request (nginx).',
      `WWW-Authenticate: ${reply.headers.get('www-authenticate') ?? 'none'}`,
    )
  const isOpen = look.settings.config?.server.auth.apiKeys.length === 0 && look.oauth === undefined
  // GET is for sessions that are there already; without authentication it is refused for want of one.
  if (isOpen || (look.settings.config === undefined && reply.status === 200))
    return note(
      'The bridge wants no token: whoever reaches it may use it.',
      'That is for this machine alone. For any other, write server.api_key, or server.oauth.mode: embedded.',
    )
  return failure(
    `${method} /mcp is answered with HTTP ${reply.status} in place of 401.`,
    `Let the proxy pass ${method} /mcp on to the bridge unchanged: location / { proxy_pass http://127.0.0.1:PORT; } (nginx).`,
    outcomeOf(reply),
  )
}

/** Whether an address that the bridge names is one of the address that was asked. */
export function sameAddress(named: string, look: Look, who: string): Said[] {
  const asked = new URL(look.baseUrl)
  const told = URL.canParse(named) ? new URL(named) : undefined
  if (told?.origin === asked.origin) return ok(`${who} names ${named}.`)
  const isScheme = told?.host === asked.host
  return failure(
    isScheme
      ? `${who} names a ${told?.protocol.slice(0, -1)} address, and clients use ${asked.protocol.slice(0, -1)}.`
      : `${who} names another address than the one that was asked.`,
    `Write server.public_url: ${look.baseUrl} and restart the bridge.${isScheme ? ' Or list the proxy in server.trusted_proxies and let it send proxy_set_header X-Forwarded-Proto $scheme; (nginx).' : ''}`,
    named,
  )
}
