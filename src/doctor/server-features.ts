import { type JsonRecord, listIn, textIn } from './ask.ts'
import type { Check } from './check.ts'
import { failure, note, ok, type Said, warning } from './finding.ts'
import type { Look } from './look.ts'

/** How clients become known to the authorization server, and what each provider wants beside the standards. */
export const serverFeatures: readonly Check[] = [
  {
    id: 'server-registration',
    of: 'issuer',
    title: 'Clients can make themselves known',
    means:
      'Neither dynamic registration (RFC 7591) nor client id metadata documents: every client has to be registered at the provider by hand, and its id typed into the client.',
    mend: 'Switch one of the two on at the provider; or register a client by hand with the redirect addresses of docs/CLIENTS.md and type its id into each client; or use `server.oauth.mode: embedded`.',
    needs: ['server-document'],
    run: async (issuer, look) => {
      const { found } = await look.server(issuer)
      const ways = registrationWays(found?.document)
      if (ways.length > 0)
        return ok(`Clients make themselves known by ${ways.map((way) => WAYS[way]).join(' and ')}.`)
      return warning(
        'Clients cannot register themselves here.',
        'Register a public client at the provider by hand and type its id: ChatGPT and claude.ai in the form (advanced settings), Claude Code --client-id ID --callback-port PORT, VS Code when it asks, Cursor "auth": {"CLIENT_ID": "…"}. Or: server.oauth.mode: embedded with upstream, and nothing is typed.',
        'no registration_endpoint, and client_id_metadata_document_supported is not true',
      )
    },
  },
  {
    id: 'server-public-clients',
    of: 'issuer',
    title: 'It takes clients without a secret',
    means:
      'Clients on people’s machines have no secret (`none` among `token_endpoint_auth_methods_supported`). Claude uses its metadata document only where `none` is listed.',
    mend: 'Allow public clients at the provider (token endpoint authentication “none”).',
    needs: ['server-document'],
    run: async (issuer, look) => {
      const { found } = await look.server(issuer)
      // RFC 8414 §2: left out, it means client_secret_basic.
      const methods = listIn(found?.document, 'token_endpoint_auth_methods_supported')
      if (methods.includes('none')) return ok('It takes clients without a secret.')
      return warning(
        'It does not say that it takes clients without a secret.',
        'Allow public clients at the provider (token endpoint authentication method “none”), so that its metadata lists none.',
        `token_endpoint_auth_methods_supported: ${methods.join(' ') || 'not there'}`,
      )
    },
  },
  {
    id: 'server-iss',
    of: 'issuer',
    title: 'It names itself in its answers (RFC 9207)',
    means:
      'Without `authorization_response_iss_parameter_supported` ChatGPT cannot use its stable redirect address and has another one for each connector; and a client with several servers can be led to mix them up.',
    mend: 'Switch it on at the provider (Auth0: “Include Issuer in Authorization Responses”), or register the redirect address that ChatGPT’s form shows.',
    needs: ['server-document'],
    run: async (issuer, look) => {
      const { found } = await look.server(issuer)
      if (found?.document.authorization_response_iss_parameter_supported === true)
        return ok('It names itself in its answers.')
      return note(
        'It does not name itself in its answers (RFC 9207).',
        'Switch it on at the provider (Auth0: Settings → Advanced → “Include Issuer in Authorization Responses”). Until then register for ChatGPT the redirect address that its form shows: https://chatgpt.com/connector/oauth/…',
      )
    },
  },
  {
    id: 'server-resource',
    of: 'issuer',
    title: 'It gives tokens for this bridge',
    means:
      'Each provider has its own way to make a token for a server of yours. Entra ID answers AADSTS9010010 when the `resource` that clients send is not the Application ID URI of the scopes.',
    mend: 'Entra ID: set the Application ID URI of the API to the address of the bridge and write it into `server.oauth.audience`; or use `server.oauth.mode: embedded` with `upstream`. The other providers: docs/CHATGPT_INTEGRATION.md.',
    needs: ['server-document', 'resource-document'],
    run: async (issuer, look) => resourceSaid(issuer, look, await look.resource()),
  },
]

const WAYS = {
  dynamic: 'dynamic registration',
  document: 'client id metadata documents',
} as const

export function registrationWays(document: JsonRecord | undefined): (keyof typeof WAYS)[] {
  return [
    ...(document?.client_id_metadata_document_supported === true ? (['document'] as const) : []),
    ...(textIn(document, 'registration_endpoint') !== undefined ? (['dynamic'] as const) : []),
  ]
}

function resourceSaid(issuer: string, look: Look, resource: JsonRecord | undefined): Said[] {
  const configured = look.oauth?.issuers.find((one) => one.issuer === issuer)
  const sent = textIn(resource, 'resource')
  if (configured?.provider !== 'entra' || sent === undefined) return []
  const uris = configured.audience.filter((one) => one.includes('://'))
  if (uris.some((uri) => uri.replace(/\/$/, '') === sent.replace(/\/$/, '')))
    return ok(`Its Application ID URI is what clients send as resource: ${sent}.`)
  return failure(
    `Entra ID refuses the sign-in (AADSTS9010010): clients send resource ${sent}, and the scopes belong to ${uris[0] ?? `api://${configured.audience[0]}`}.`,
    `In Entra ID, App registrations → your API → Expose an API, set the Application ID URI to ${look.mcpUrl} (its domain has to be verified) and write it into server.oauth.audience, beside the client id. Or: server.oauth.mode: embedded with server.oauth.upstream, and nothing has to match.`,
    `server.oauth.audience: ${configured.audience.join(', ')}`,
  )
}
