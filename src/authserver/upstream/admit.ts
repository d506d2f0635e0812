import { ownMember } from '../../lib/claim-path.ts'
import type { Account } from '../login.ts'
import { UpstreamFault } from './fault.ts'
import type { Learnt, UpstreamSettings } from './settings.ts'

/** What the configuration of now makes of somebody: their groups by the names here, and their scopes. */
export function accountFor(learnt: Learnt, settings: UpstreamSettings): Account {
  const { id, username, name, email } = learnt
  const groups = [...new Set(learnt.groups.map((group) => textOr(settings.groupNames, group)))]
  const ofGroups = groups.flatMap((group) => {
    const scopes = ownMember(settings.scopesOfGroups, group)
    return Array.isArray(scopes) ? scopes.map(String) : []
  })
  return {
    id,
    username,
    groups,
    scopes: [...new Set([...settings.scopesOfEverybody, ...ofGroups])],
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
  }
}

/** Why somebody may not sign in; undefined for who may. Asked again with every new token. */
export function refusal(learnt: Learnt, settings: UpstreamSettings): UpstreamFault | undefined {
  const { allowedTenants, allowedDomains, allowedPeople } = settings
  const options = { who: learnt }
  // guard: upstream-tenants
  if (allowedTenants !== undefined && !learnt.tenants.some((tenant) => has(allowedTenants, tenant)))
    return new UpstreamFault(
      'wrong_tenant',
      'Your account is not of an organisation that may sign in here.',
      'Which may is in server.oauth.upstream.allowed_tenants. Sign in with another account, or ask whoever runs the bridge.',
      options,
    )
  if (allowedDomains === undefined && allowedPeople === undefined) return undefined
  if (learnt.email === undefined)
    return new UpstreamFault(
      'email_not_verified',
      'The provider does not vouch for your e-mail address, and only certain addresses may sign in here.',
      settings.provider === 'entra'
        ? 'In Entra ID, under Token configuration of this application, add the optional claims `email` and `xms_edov`; or use server.oauth.upstream.allowed_tenants in place of allowed_domains.'
        : 'The provider must send `email`, and `email_verified` as true: the scope `email` is asked for unless server.oauth.upstream.scopes says otherwise.',
      options,
    )
  const [, domain = ''] = learnt.email.split('@')
  // guard: upstream-addresses
  if (!has(allowedDomains ?? [], domain) && !has(allowedPeople ?? [], learnt.email))
    return new UpstreamFault(
      'wrong_address',
      'Your e-mail address is not one that may sign in here.',
      'Which may is in server.oauth.upstream.allowed_domains and allowed_people. Sign in with another account, or ask whoever runs the bridge.',
      options,
    )
  return undefined
}

/** Names of organisations and domains are the same in any case. */
function has(allowed: readonly string[], found: string): boolean {
  return allowed.some((one) => one.toLowerCase() === found.toLowerCase())
}

function textOr(names: Readonly<Record<string, string>>, name: string): string {
  const known = ownMember(names, name)
  return typeof known === 'string' ? known : name
}
