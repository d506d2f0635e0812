import type { ClientMetadata, KoaContextWithOIDC } from 'oidc-provider'
import type { Login } from './login.ts'
import { mayGive } from './scope-sentences.ts'

/** The console's own `client_id` here: nobody registers it, and nobody else gets it. */
export const CONSOLE_CLIENT = 'ssh-mcp-bridge-console'

export interface MachineClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: readonly string[]
}

/** As the library takes it. */
export function machineClient({ clientId, clientSecret }: MachineClient): ClientMetadata {
  return {
    client_id: clientId,
    client_secret: clientSecret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  }
}

/** A public client of this very server, with one address to go back to. */
export interface FirstParty {
  readonly clientId: string
  readonly redirectUri: string
}

/** As the library takes it; none where there is none. */
export function firstPartyClients(own: FirstParty | undefined): ClientMetadata[] {
  if (own === undefined) return []
  return [
    {
      client_id: own.clientId,
      client_name: 'Console of this bridge',
      // Of a native one each sign-in would ask for consent (RFC 8252 §8.6): another program could take its place. Not here.
      application_type: 'web',
      redirect_uris: [own.redirectUri],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
  ]
}

/** What a part of the bridge itself is given without a question: of what it asks for, what this person may have. */
export async function grantOfOwn(
  { oidc }: KoaContextWithOIDC,
  { people, resources }: { readonly people: Pick<Login, 'find'>; readonly resources: readonly string[] },
) {
  const { client, account, params } = oidc
  if (client === undefined || account === undefined) return undefined
  const may = await people.find(account.accountId)
  const asked = String(params?.scope ?? '').split(' ')
  const isGiven = (scope: string) => may !== undefined && mayGive(may, scope)
  const given = asked.filter(isGiven).join(' ')
  const refused = asked.filter((scope) => !isGiven(scope)).join(' ')
  const grant = new oidc.provider.Grant({ accountId: account.accountId, clientId: client.clientId })
  // The library knows every scope by both ways; what is neither given nor refused would be asked about.
  grant.addOIDCScope(given)
  grant.rejectOIDCScope(refused)
  for (const resource of resources) {
    grant.addResourceScope(resource, given)
    grant.rejectResourceScope(resource, refused)
  }
  await grant.save()
  return grant
}
