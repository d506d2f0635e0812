import { readClaim } from '../lib/claim-path.ts'
import type { IssuerSettings, Provider } from './settings.ts'
import { type JsonObject, ownMember } from './strict-json.ts'

/** Where one provider's access tokens keep what the bridge asks for. Names are claims or paths; the first one present counts. */
export interface ProviderPreset {
  /** Who the token is for, stable and never reassigned within the issuer. */
  readonly subject: (claims: JsonObject) => unknown
  readonly email: readonly string[]
  readonly name: readonly string[]
  readonly clientId: readonly string[]
  /** Claims of which every access token has one and an ID token none; empty where the two cannot be told apart that way. */
  readonly accessTokenMarks: readonly string[]
  readonly groups: readonly string[]
  /** All of them count, not the first. */
  readonly roles: (audiences: ReadonlySet<string>) => readonly string[]
  /** All of them count, not the first. */
  readonly scopes: (claims: JsonObject) => readonly string[]
  /** A client acting for itself (client credentials), with no human behind it. */
  readonly isMachine: (claims: JsonObject) => boolean
}

const SCOPES = ['scope', 'scp']

export const PROVIDERS: Readonly<Record<Provider, ProviderPreset>> = {
  auth0: {
    subject: (claims) => ownMember(claims, 'sub'),
    email: ['email'],
    name: ['name', 'nickname'],
    clientId: ['azp', 'client_id'],
    accessTokenMarks: [],
    groups: ['groups'],
    roles: () => ['roles'],
    scopes: () => SCOPES,
    isMachine: (claims) => ownMember(claims, 'gty') === 'client-credentials',
  },

  // `sub` is pairwise here; the person is tenant and object id. `email` can be set freely by other directories, so the names that
  // the tenant itself hands out come first. Applications hold app roles where users hold scopes.
  entra: {
    subject: (claims) => joined(ownMember(claims, 'tid'), ownMember(claims, 'oid')),
    email: ['upn', 'preferred_username', 'email', 'unique_name'],
    name: ['name'],
    clientId: ['azp', 'appid'],
    accessTokenMarks: ['azp', 'appid'],
    groups: ['groups'],
    roles: () => ['roles'],
    scopes: (claims) => (isEntraApplication(claims) ? [...SCOPES, 'roles'] : SCOPES),
    isMachine: isEntraApplication,
  },

  // `sub` is the login name, which an administrator can give to somebody else; `uid` is the person.
  okta: {
    subject: (claims) => ownMember(claims, 'uid') ?? ownMember(claims, 'sub'),
    email: ['email', 'sub'],
    name: ['name'],
    clientId: ['cid', 'client_id'],
    accessTokenMarks: ['cid'],
    groups: ['groups'],
    roles: () => ['roles'],
    scopes: () => SCOPES,
    isMachine: (claims) => !Object.hasOwn(claims, 'uid') && isOwnSubject(claims, 'cid'),
  },

  // Client roles count for this server's own clients only: `admin` of another application means nothing here.
  keycloak: {
    subject: (claims) => ownMember(claims, 'sub'),
    email: ['email'],
    name: ['name', 'preferred_username'],
    clientId: ['azp', 'client_id'],
    accessTokenMarks: [],
    groups: ['groups'],
    roles: (audiences) => [
      'realm_access.roles',
      ...[...audiences].map((one) => `resource_access.${one}.roles`),
    ],
    scopes: () => SCOPES,
    isMachine: (claims) =>
      Object.hasOwn(claims, 'client_id') &&
      String(ownMember(claims, 'preferred_username')).startsWith('service-account-'),
  },

  generic: {
    subject: (claims) => ownMember(claims, 'sub'),
    email: ['email'],
    name: ['name', 'preferred_username'],
    clientId: ['client_id', 'azp', 'appid', 'cid'],
    accessTokenMarks: [],
    groups: ['groups'],
    roles: () => ['roles'],
    scopes: () => SCOPES,
    // RFC 9068 §2.2: with no resource owner, the subject is the client.
    isMachine: (claims) => isOwnSubject(claims, 'client_id') || isOwnSubject(claims, 'azp'),
  },
}

/** The tenant an Entra issuer is about; its tokens must name the same one. */
export function pinnedTenant(settings: Pick<IssuerSettings, 'provider' | 'issuer'>): string | undefined {
  if (settings.provider !== 'entra') return undefined
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.exec(settings.issuer)?.[0].toLowerCase()
}

/**
 * The claims whose values the provider left out because they did not fit, by their names: OpenID Connect Core §5.6.2 `_claim_names`,
 * and Entra's `hasgroups`.
 */
export function omittedClaims(claims: JsonObject): readonly string[] {
  const elsewhere = ownMember(claims, '_claim_names')
  const names = typeof elsewhere === 'object' && elsewhere !== null ? Object.keys(elsewhere) : []
  const hasGroups = ownMember(claims, 'hasgroups')
  return hasGroups === true || hasGroups === 'true' ? [...names, 'groups'] : names
}

/**
 * The names under which clients ask the provider for scopes. Entra wants them behind the Application ID URI, although its tokens then
 * hold the short names; every other provider knows them as they are. Nobody needs `offline_access` to use this server.
 */
export function requestableScopes(
  settings: Pick<IssuerSettings, 'provider' | 'audience'>,
  scopes: Iterable<string>,
): string[] {
  const names = [...new Set(scopes)].filter((scope) => scope !== 'offline_access')
  const [first] = settings.audience
  if (settings.provider !== 'entra' || first === undefined) return names
  const uri = settings.audience.find((one) => one.includes('://')) ?? `api://${first}`
  const prefix = uri.replace(/\/$/, '')
  return names.map((scope) => (scope.includes('://') ? scope : `${prefix}/${scope}`))
}

/** The first of the names that the token has, as a value to be looked at. */
export function firstClaim(claims: JsonObject, names: readonly string[]): unknown {
  for (const name of names) {
    const value = readClaim(claims, name)
    if (value !== undefined && value !== null && value !== '') return value
  }
  return undefined
}

function isEntraApplication(claims: JsonObject): boolean {
  const kind = ownMember(claims, 'idtyp')
  return kind === undefined ? !Object.hasOwn(claims, 'scp') : kind === 'app'
}

function isOwnSubject(claims: JsonObject, clientClaim: string): boolean {
  const client = ownMember(claims, clientClaim)
  return client !== undefined && client === ownMember(claims, 'sub')
}

function joined(tenant: unknown, object: unknown): string | undefined {
  const areText = typeof tenant === 'string' && typeof object === 'string' && tenant !== '' && object !== ''
  return areText ? `${tenant}/${object}` : undefined
}
