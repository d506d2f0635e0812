import { isOAuthOn, ownIssuer } from './check-oauth.ts'
import type { EmbeddedConfig, IssuerConfig, OAuthConfig, UpstreamConfig } from './oauth-config.ts'
import { providerOf, upstreamProviderOf } from './provider-of.ts'
import type { ServerDraft } from './schema.ts'

type OAuthDraft = ServerDraft['oauth']
type IssuerDraft = OAuthDraft['issuers'][number]

const SECOND = 1_000
const DAY = 86_400_000

/** Undefined when tokens are not taken. */
export function readOAuth(server: ServerDraft, scopesSupported: readonly string[]): OAuthConfig | undefined {
  const { oauth } = server
  if (!isOAuthOn(oauth)) return undefined
  const embedded = oauth.mode === 'embedded' ? toEmbedded(oauth, ownIssuer(server)) : undefined
  const own: IssuerConfig[] = embedded
    ? [{ issuer: embedded.issuer, audience: [], provider: 'generic', claims: {} }]
    : toIssuer(oauth)
  const issuers = [...own, ...oauth.issuers.flatMap(toIssuer)]
  return issuers.length === 0 ? undefined : { issuers, scopesSupported, ...(embedded && { embedded }) }
}

/** Every credential in `server.oauth`, for redaction. */
export function oauthSecrets({ oauth }: ServerDraft): string[] {
  const introspections = [oauth, ...oauth.issuers].map(({ introspection }) => introspection?.client_secret)
  return [...introspections, oauth.upstream?.client_secret, oauth.encryption_key].filter(
    (one) => one !== undefined,
  )
}

/** None when a key that it needs is missing, which was reported. */
function toIssuer(draft: IssuerDraft): IssuerConfig[] {
  const { issuer, audience, provider, introspection } = draft
  if (issuer === undefined || audience === undefined) return []
  return [
    {
      issuer,
      audience: [audience].flat(),
      provider: provider ?? providerOf(issuer),
      claims: written(draft.claims),
      ...(draft.jwks_uri !== undefined && { jwksUri: draft.jwks_uri }),
      ...(draft.allowed_clients && { allowedClients: draft.allowed_clients }),
      ...(draft.allowed_tenants && { allowedTenants: draft.allowed_tenants }),
      ...(draft.max_lifetime !== undefined && { maxLifetimeMs: draft.max_lifetime * SECOND }),
      ...(introspection && {
        introspection: {
          clientId: introspection.client_id,
          clientSecret: introspection.client_secret,
          ...(introspection.endpoint !== undefined && { endpoint: introspection.endpoint }),
        },
      }),
    },
  ]
}

function toEmbedded(oauth: OAuthDraft, issuer: string): EmbeddedConfig {
  const { enabled, redirect_hosts, per_hour, keep } = oauth.registration
  return {
    issuer,
    accessTokenMs: oauth.access_token * SECOND,
    tokenAlgorithm: oauth.token_algorithm,
    refreshTokenMs: oauth.refresh_token * DAY,
    registration: { enabled, redirectHosts: redirect_hosts, perHour: per_hour, keepMs: keep * DAY },
    clientMetadataDocuments: oauth.client_metadata_documents,
    ...(oauth.upstream && { upstream: toUpstream(oauth.upstream) }),
    ...(oauth.encryption_key !== undefined && { encryptionKey: oauth.encryption_key }),
  }
}

function toUpstream(draft: NonNullable<OAuthDraft['upstream']>): UpstreamConfig {
  const issuer = draft.issuer ?? 'https://github.com'
  return {
    issuer,
    clientId: draft.client_id,
    clientSecret: draft.client_secret,
    provider: draft.provider ?? upstreamProviderOf(issuer),
    claims: written(draft.claims),
    groupNames: draft.group_names,
    scopesOfGroups: draft.scopes_of_groups,
    scopesOfEverybody: draft.scopes_of_everybody,
    ...(draft.scopes && { scopes: draft.scopes }),
    ...(draft.allowed_domains && { allowedDomains: draft.allowed_domains }),
    ...(draft.allowed_people && { allowedPeople: draft.allowed_people }),
    ...(draft.allowed_tenants && { allowedTenants: draft.allowed_tenants }),
  }
}

function written(claims: IssuerDraft['claims']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(claims).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
