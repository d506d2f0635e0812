/** Who signs people in, as configured: providers of others, or the bridge itself. */

export type Provider = 'auth0' | 'entra' | 'okta' | 'keycloak' | 'generic'
export type UpstreamProvider = Provider | 'google' | 'github'

export interface OAuthConfig {
  /** At least one; that of the bridge itself comes first. Each has its own issuer. */
  readonly issuers: readonly IssuerConfig[]
  /** Scopes offered in the metadata document: `mcp:execute` and every host's `required_scopes`. */
  readonly scopesSupported: readonly string[]
  /** The bridge is the authorization server of the first issuer. */
  readonly embedded?: EmbeddedConfig
}

export interface IssuerConfig {
  /** Compared exactly with `iss`. */
  readonly issuer: string
  readonly audience: readonly string[]
  readonly jwksUri?: string
  readonly provider: Provider
  /** Claim names that override the provider's: `email`, `name`, `groups`, `roles`, `scopes`, `subject`, `client_id`. */
  readonly claims: Readonly<Record<string, string>>
  readonly allowedClients?: readonly string[]
  readonly allowedTenants?: readonly string[]
  readonly maxLifetimeMs?: number
  readonly introspection?: IntrospectionConfig
}

export interface IntrospectionConfig {
  readonly endpoint?: string
  readonly clientId: string
  readonly clientSecret: string
}

export interface EmbeddedConfig {
  /** Also the address under which it is reached; without a final slash. */
  readonly issuer: string
  readonly accessTokenMs: number
  readonly tokenAlgorithm: 'RS256' | 'ES256'
  readonly refreshTokenMs: number
  readonly registration: {
    readonly enabled: boolean
    readonly redirectHosts: readonly string[]
    readonly perHour: number
    readonly keepMs: number
  }
  readonly clientMetadataDocuments: boolean
  /** Absent: people are the bridge's own users. */
  readonly upstream?: UpstreamConfig
  /** Absent: a key file in the storage directory. */
  readonly encryptionKey?: string
}

export interface UpstreamConfig {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly provider: UpstreamProvider
  readonly scopes?: readonly string[]
  readonly claims: Readonly<Record<string, string>>
  readonly allowedDomains?: readonly string[]
  readonly allowedPeople?: readonly string[]
  readonly allowedTenants?: readonly string[]
  readonly groupNames: Readonly<Record<string, string>>
  readonly scopesOfGroups: Readonly<Record<string, readonly string[]>>
  readonly scopesOfEverybody: readonly string[]
}
