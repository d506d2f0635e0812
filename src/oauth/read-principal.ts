import type { Principal } from '../domain/principal.ts'
import { readClaim, readList, readScopes, readText } from '../lib/claim-path.ts'
import { refusedAdmission, tenantOf } from './admission.ts'
import { firstClaim, omittedClaims, PROVIDERS, pinnedTenant } from './providers.ts'
import type { RefusalReason } from './refusals.ts'
import type { IssuerSettings } from './settings.ts'
import { type JsonObject, ownMember } from './strict-json.ts'

export type ReadPrincipal =
  | { readonly kind: 'principal'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly reason: RefusalReason }

// OpenID Connect Core §2 gives a subject 255 characters; Entra's tenant and object id together need 73.
const MAX_SUBJECT_LENGTH = 255
const MAX_NAME_LENGTH = 320

/** Who a token speaks of, in the provider's dialect. The claims must already be those of a verified, current access token. */
export function readPrincipal(
  claims: JsonObject,
  settings: IssuerSettings,
  audiences: ReadonlySet<string>,
): ReadPrincipal {
  const preset = PROVIDERS[settings.provider]
  const marks = preset.accessTokenMarks
  if (marks.length > 0 && !marks.some((mark) => Object.hasOwn(claims, mark))) return refused('id_token')
  const pinned = pinnedTenant(settings)
  if (pinned !== undefined && String(ownMember(claims, 'tid')).toLowerCase() !== pinned)
    return refused('wrong_tenant')

  const place = (what: string, preset: readonly string[]): readonly string[] => {
    const override = ownMember(settings.claims, what)
    return typeof override === 'string' ? [override] : preset
  }
  const subject = readText(
    Object.hasOwn(settings.claims, 'subject')
      ? firstClaim(claims, place('subject', []))
      : preset.subject(claims),
    MAX_SUBJECT_LENGTH,
  )
  if (subject === undefined) return refused('bad_subject')

  const groupPlaces = place('groups', preset.groups)
  const rolePlaces = place('roles', preset.roles(audiences))
  // Missing groups are not "no groups": a rule that denies a group would silently not apply. The provider can be told to emit only
  // the groups that matter, and emits none at all unless it was told to.
  if (omittedClaims(claims).some((name) => groupPlaces.includes(name) || rolePlaces.includes(name)))
    return refused('groups_overage')

  const groups = readList(firstClaim(claims, groupPlaces))
  const roles = readAll(claims, rolePlaces, readList)
  const extra = ownMember(settings.claims, 'scopes')
  const scopePlaces = [...preset.scopes(claims), ...(typeof extra === 'string' ? [extra] : [])]
  const scopes = readAll(claims, scopePlaces, readScopes)
  if (groups === 'malformed' || roles === 'malformed' || scopes === 'malformed')
    return refused('malformed_claim')

  const clientId = readText(firstClaim(claims, place('client_id', preset.clientId)), MAX_SUBJECT_LENGTH)
  const tenant = tenantOf(claims)
  const named = { ...(clientId !== undefined && { clientId }), ...(tenant !== undefined && { tenant }) }
  const unwanted = refusedAdmission(named, settings)
  if (unwanted !== undefined) return refused(unwanted)
  const isMachine = preset.isMachine(claims)
  const email = isMachine ? undefined : readEmail(claims, place('email', preset.email))
  const name = isMachine
    ? (clientId ?? subject)
    : readText(firstClaim(claims, place('name', preset.name)), MAX_NAME_LENGTH)
  return {
    kind: 'principal',
    principal: {
      issuer: settings.issuer,
      subject,
      method: 'oauth',
      ...(isMachine && { isMachine }),
      ...(name === undefined ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...named,
      groups,
      roles,
      scopes: new Set(scopes),
    },
  }
}

/** The first place that holds an address. One for which the provider does not vouch was typed in by whoever wanted to be it: not an identity. */
function readEmail(claims: JsonObject, places: readonly string[]): string | undefined {
  // Some providers say nothing about it, and some write it as text.
  const verified = ownMember(claims, 'email_verified')
  // guard: only-verified-addresses
  if (verified !== undefined && verified !== true && verified !== 'true') return undefined
  return places
    .map((place) => readText(readClaim(claims, place), MAX_NAME_LENGTH))
    .find((text) => text !== undefined && /^[^\s@]+@[^\s@]+$/.test(text))
}

function readAll(
  claims: JsonObject,
  places: readonly string[],
  read: (value: unknown) => readonly string[] | 'malformed',
): readonly string[] | 'malformed' {
  const found = new Set<string>()
  for (const place of places) {
    const words = read(readClaim(claims, place))
    if (words === 'malformed') return 'malformed'
    for (const word of words) found.add(word)
  }
  return [...found]
}

function refused(reason: RefusalReason): ReadPrincipal {
  return { kind: 'refused', reason }
}
