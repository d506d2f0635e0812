import type { McpClient } from '../clients/client.ts'
import { CLIENTS, findClient, overHttp } from '../clients/list.ts'
import { isReachable } from './address-checks.ts'
import type { Check } from './check.ts'
import { clientWay } from './client-way.ts'
import { ARRIVED } from './door-checks.ts'
import { failure, note, ok, type Said } from './finding.ts'
import { tryRegistration } from './registration.ts'

/** Clients that speak to a bridge over HTTP; the last two are no product of their own and do nothing else than the others. */
export const CLIENT_IDS = Object.values(CLIENTS)
  .filter(({ transports, httpBy }) => transports.includes('http') && httpBy === undefined)
  .map(({ id }) => id)
  .filter((id) => id !== 'generic' && id !== 'gemini')

/** What each client does from the first request on, as `clients/` says, until the person would have to sign in. */
export const clientChecks: readonly Check[] = [
  {
    id: 'client-reach',
    of: 'client',
    title: 'The client can reach the address',
    means:
      'It runs at its maker’s and calls from there: an address of a private network, or of this machine, is out of its reach.',
    mend: 'Give the bridge a public https address, by a reverse proxy or a tunnel, and set `server.public_url` to it.',
    needs: ['dns'],
    run: async (id, look) => {
      const client = clientOf(id)
      if (client.runs === 'local') return ok(`${client.title} runs where people are.`)
      if (look.isSecure && (await isReachable(look))) return ok(`${client.title} can reach it.`)
      return note(
        `${client.title} calls from the network of ${client.vendor}, which cannot reach this address.`,
        'If it is to be used: put a reverse proxy or a tunnel with a public https address in front, and write it into server.public_url.',
      )
    },
  },
  {
    id: 'client-discovery',
    of: 'client',
    title: 'The client finds out where to sign in',
    means:
      'Replayed as the client does it: its first request, the metadata of the bridge and of the authorization server in its order, and what it demands of them. The finding names the first step at which it stops.',
    mend: 'Mend what the step names; the check of the same subject further up says how.',
    needs: ARRIVED,
    run: async (id, look) => {
      const client = clientOf(id)
      if (!(await look.signsIn())) return withKey(client)
      const way = await clientWay(client, look)
      if (way.kind === 'found') return ok(`${client.title} finds ${way.issuer}, in ${way.steps} steps.`)
      const words = `${client.title} stops at step ${way.step}, ${way.name}: ${way.what}`
      return way.level === 'failure'
        ? failure(words, way.fix, way.why)
        : [{ level: way.level, what: words, fix: way.fix, ...(way.why !== undefined && { why: way.why }) }]
    },
  },
  {
    id: 'client-registration',
    of: 'client',
    title: 'The client can register, at its own redirect addresses, and ask people to sign in',
    means:
      'The authorization server refuses the registration, one of the redirect addresses, or the request to sign in that follows. Tried with a registration named “ssh-mcp-bridge doctor”, which is removed again where the server can do that (RFC 7592).',
    mend: 'Allow the redirect addresses that are named: `server.oauth.registration.redirect_hosts` of the built-in login, the allowed or trusted hosts of the provider otherwise.',
    needs: ['client-discovery'],
    run: async (id, look) => {
      if (!(await look.signsIn())) return []
      return tryRegistration(clientOf(id), look)
    },
  },
]

function clientOf(id: string): McpClient {
  const client = findClient(id)
  if (client === undefined) throw new TypeError(`no client is called ${id}`)
  return client
}

/** Without sign-in: some take a key, the others cannot be used. */
function withKey(client: McpClient): Said[] {
  return client.apiKey === undefined
    ? note(
        `${client.title} cannot send an API key: it cannot use this bridge.`,
        'If it is to be used, write server.oauth.mode: embedded, or server.oauth.issuer.',
      )
    : ok(`${client.title} sends the key that is configured in it.`)
}

/** The client whose way over HTTP is the one of `id`; undefined for what is none. */
export function clientFor(id: string): string | undefined {
  const client = findClient(id)
  return client && overHttp(client).id
}
