import type { Principal } from '../../domain/principal.ts'
import type { RoleMatch, RuleSet } from '../rule-set.ts'

/** The names of the roles that the principal holds. */
export function rolesOf(principal: Principal, { roles }: Pick<RuleSet, 'roles'>): ReadonlySet<string> {
  const held = roles.filter(({ matches }) => matches.some((match) => holds(match, principal)))
  return new Set(held.map(({ name }) => name))
}

function holds(match: RoleMatch, principal: Principal): boolean {
  const { issuer, subject, method, email, clientId, groups, roles, scopes } = principal
  return (
    hasOne(match.groups, groups) &&
    hasOne(match.roles, roles) &&
    hasEmail(match.emails, email) &&
    hasOne(match.subjects, [subject]) &&
    hasOne(match.issuers, [issuer]) &&
    hasOne(match.clients, clientId === undefined ? [] : [clientId]) &&
    // A way in that knows no scopes was given none: a role that asks for one is not theirs by that.
    hasOne(match.scopes, scopes === 'all' ? [] : [...scopes]) &&
    hasOne(match.apiKeys, method === 'api_key' ? [subject] : []) &&
    hasOne(match.methods, [method])
  )
}

function hasOne(wanted: readonly string[] | undefined, held: readonly string[]): boolean {
  return wanted === undefined || wanted.some((one) => held.includes(one))
}

function hasEmail(wanted: readonly string[] | undefined, email: string | undefined): boolean {
  if (wanted === undefined) return true
  if (email === undefined) return false
  const address = email.toLowerCase()
  const domain = address.slice(address.lastIndexOf('@'))
  return wanted
    .map((one) => one.toLowerCase())
    .some((one) => (one.startsWith('*@') ? one.slice(1) === domain : one === address))
}
