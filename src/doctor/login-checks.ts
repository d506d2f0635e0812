import { outcomeOf, textIn } from './ask.ts'
import type { Check } from './check.ts'
import { failure, note, ok, type Said, warning } from './finding.ts'
import type { Look } from './look.ts'

/** With `mode: embedded` the bridge signs people in itself, or sends them on to a provider: whether that can come to an end. */
export const loginChecks: readonly Check[] = [
  {
    id: 'login-people',
    of: 'bridge',
    title: 'Somebody can sign in at the bridge',
    means:
      'The bridge signs people in itself (`mode: embedded`), and knows nobody: every sign-in ends at its page. Or those it knows have not chosen a password yet.',
    mend: '`ssh-mcp-bridge users add NAME` prints a link at which the person chooses a password.',
    run: async (_, look) => {
      const people = await look.settings.people?.()
      if (people === undefined) return []
      const { all, ready } = people
      if (ready > 0) return ok(`${ready} ${ready === 1 ? 'person' : 'people'} can sign in.`)
      if (all > 0)
        return note(
          'Nobody can sign in yet: those who were added have not chosen a password, or are disabled.',
          'Send them their set-up link again: ssh-mcp-bridge users reset NAME; see ssh-mcp-bridge users list.',
        )
      return warning(
        'Nobody can sign in: the bridge knows no people.',
        'Add somebody, and open the link that is printed: ssh-mcp-bridge users add NAME',
      )
    },
  },
  {
    id: 'login-upstream',
    of: 'bridge',
    title: 'The provider at which people sign in can be used',
    means:
      'With `server.oauth.upstream` people are sent on to that provider. Its metadata cannot be read, or names another issuer: every sign-in fails on the way.',
    mend: 'Write `server.oauth.upstream.issuer` exactly as the provider names it, and let the bridge reach it.',
    run: async (_, look) => {
      const upstream = look.oauth?.embedded?.upstream
      // No OpenID provider: there is nothing to read.
      if (upstream === undefined || upstream.provider === 'github') return []
      return upstreamSaid(upstream.issuer, look)
    },
  },
]

async function upstreamSaid(issuer: string, look: Look): Promise<Said[]> {
  const { places, found } = await look.server(issuer)
  if (found === undefined)
    return failure(
      `The metadata of ${issuer}, at which people sign in, cannot be read.`,
      `Correct server.oauth.upstream.issuer; this has to show a JSON document: curl ${places.at(-1)?.url}`,
      places.map(({ url, reply }) => `${url}: ${outcomeOf(reply)}`).join('; '),
    )
  const named = textIn(found.document, 'issuer')
  // Entra's issuer for several tenants is a template.
  if (named === issuer || named?.includes('{tenantid}')) return ok(`People sign in at ${issuer}.`)
  return failure(
    `The provider at which people sign in calls itself ${named ?? 'nothing'}.`,
    `Write server.oauth.upstream.issuer: ${named ?? 'its issuer'} (exactly so), and restart the bridge.`,
    found.url,
  )
}
