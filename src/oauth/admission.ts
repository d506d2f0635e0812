import type { Principal } from '../domain/principal.ts'
import type { RefusalReason } from './refusals.ts'
import type { IssuerSettings } from './settings.ts'
import { type JsonObject, ownMember } from './strict-json.ts'

/** Of one issuer: whose tokens are taken, where not everybody's are. */
type Admitted = Pick<IssuerSettings, 'allowedClients' | 'allowedTenants'>

/**
 * The tenant that a token is from: `tid` of Entra ID, `org_id` of Auth0. Entra's is a GUID, which is the same in any case of letters;
 * everything else is compared exactly.
 */
export function tenantOf(claims: JsonObject): string | undefined {
  const tenant = ownMember(claims, 'tid') ?? ownMember(claims, 'org_id')
  return typeof tenant === 'string' && tenant !== '' ? folded(tenant) : undefined
}

/**
 * Whether a client and a tenant are among those that may. One that a token does not name is none of them. Asked for each token, and
 * again for whoever was let in earlier once the configuration changes.
 */
export function refusedAdmission(
  { clientId, tenant }: Pick<Principal, 'clientId' | 'tenant'>,
  { allowedClients, allowedTenants }: Admitted,
): RefusalReason | undefined {
  // guard: allowed-tenants
  if (allowedTenants && !(tenant !== undefined && allowedTenants.map(folded).includes(tenant)))
    return 'tenant_not_allowed'
  // guard: allowed-clients
  if (allowedClients && !(clientId !== undefined && allowedClients.includes(clientId)))
    return 'client_not_allowed'
  return undefined
}

function folded(tenant: string): string {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenant) ? tenant.toLowerCase() : tenant
}
