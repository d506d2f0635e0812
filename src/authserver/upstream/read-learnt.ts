import { createHash } from 'node:crypto'
import {
  isJsonObject,
  type JsonObject,
  ownMember,
  readClaim,
  readList,
  readText,
} from '../../lib/claim-path.ts'
import { DIALECTS, type Dialect } from './dialects.ts'
import { UpstreamFault } from './fault.ts'
import type { Learnt, UpstreamProvider, UpstreamSettings } from './settings.ts'

const MAX_NAME_LENGTH = 320

/** The `sub` of our tokens: stable, of no use elsewhere, and the same subject at two providers is two people. */
export function accountId(issuer: string, subject: string): string {
  return `up_${createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('base64url')}`
}

/** What an OpenID provider's claims say of somebody. They must be verified already. */
export function readLearnt(
  claims: JsonObject,
  settings: UpstreamSettings & { readonly provider: Exclude<UpstreamProvider, 'github'> },
): Learnt {
  const dialect = DIALECTS[settings.provider]
  const overridden = ownMember(settings.claims, 'subject')
  const subject =
    typeof overridden === 'string' ? readText(readClaim(claims, overridden), 255) : dialect.subject(claims)
  if (subject === undefined)
    throw new UpstreamFault(
      'upstream_no_subject',
      'The provider did not say who you are in a way that stays the same.',
      settings.provider === 'entra'
        ? 'The ID token needs `tid` and `oid`: ask for the scope `profile` in server.oauth.upstream.scopes.'
        : 'Look at server.oauth.upstream.claims.subject: the claim that it names must be a text of at most 255 characters.',
    )
  const issuer = dialect.issuer ?? settings.issuer
  const who = { issuer, subject }
  const email = readEmail(claims, settings, dialect)
  const name = readText(readClaim(claims, placeOf(settings, 'name', 'name')), MAX_NAME_LENGTH)
  const preferred = readText(ownMember(claims, 'preferred_username'), MAX_NAME_LENGTH)
  return {
    id: accountId(issuer, subject),
    ...who,
    username: preferred ?? email ?? name ?? subject,
    groups: readGroups(claims, settings, who),
    tenants: tenantOf(claims, dialect),
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
  }
}

/** Missing groups are not "no groups": a rule that denies a group would silently not apply. */
function readGroups(
  claims: JsonObject,
  settings: UpstreamSettings,
  who: { issuer: string; subject: string },
) {
  const place = placeOf(settings, 'groups', 'groups')
  const omitted = ownMember(claims, '_claim_names')
  // guard: upstream-groups-overage
  if ((isJsonObject(omitted) && Object.hasOwn(omitted, place)) || ownMember(claims, 'hasgroups') === true)
    throw new UpstreamFault(
      'groups_overage',
      'You are in more groups than Entra ID puts into a token, so it left all of them out.',
      'In Entra ID, under Token configuration of this application, choose "Groups assigned to the application" in place of all groups.',
      { who },
    )
  const groups = readList(readClaim(claims, place))
  if (groups !== 'malformed') return groups
  throw new UpstreamFault(
    'malformed_claim',
    'The provider sent your groups in a form that is not understood.',
    `The claim \`${place}\` must be a text or a list of texts; server.oauth.upstream.claims.groups names another one.`,
    { who },
  )
}

/** One that the provider did not verify was typed in by whoever wanted to be it: not an identity. */
function readEmail(claims: JsonObject, settings: UpstreamSettings, dialect: Dialect): string | undefined {
  // guard: upstream-email-verified
  if (!dialect.isEmailVerified(claims)) return undefined
  const email = readText(readClaim(claims, placeOf(settings, 'email', 'email')), MAX_NAME_LENGTH)
  return email !== undefined && /^[^\s@]+@[^\s@]+$/.test(email) ? email : undefined
}

function tenantOf(claims: JsonObject, { tenant }: Dialect): string[] {
  const found = tenant === undefined ? undefined : readText(ownMember(claims, tenant), 256)
  return found === undefined ? [] : [found]
}

function placeOf(settings: UpstreamSettings, what: string, usual: string): string {
  const override = ownMember(settings.claims, what)
  return typeof override === 'string' ? override : usual
}
