import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'
import type { Fetch } from '../outbound/fetch.ts'

/** Which identity provider's dialect the tokens speak: where identity, scopes, groups and client id are read. */
export type Provider = 'auth0' | 'entra' | 'okta' | 'keycloak' | 'generic'

export interface OAuthSettings {
  /** At least one, each with an issuer of its own. A token belongs to the one that it names. */
  readonly issuers: readonly IssuerSettings[]
  readonly scopesSupported: readonly string[]
}

export interface IssuerSettings {
  /** Compared exactly with `iss`: neither case nor a slash at the end is forgiven. */
  readonly issuer: string
  /** The names by which the provider knows this server, beside its own addresses. */
  readonly audience: readonly string[]
  /** Discovered from the issuer when absent. */
  readonly jwksUri?: string
  readonly provider: Provider
  /**
   * Claim names by what they are read for: `subject`, `email`, `name`, `groups`, `roles`, `client_id` replace the provider's own place,
   * `scopes` is read in addition to it. A name is looked up as it is first (`https://example.com/email`), then as a path
   * (`realm_access.roles`).
   */
  readonly claims: Readonly<Record<string, string>>
  /** Client ids whose tokens are taken. Absent: those of every client. */
  readonly allowedClients?: readonly string[]
  /** Tenants whose tokens are taken. Absent: those of every tenant. */
  readonly allowedTenants?: readonly string[]
  /** The most that may lie between `iat` and `exp`. */
  readonly maxLifetimeMs?: number
  /** Tokens that are no JWTs are asked about there (RFC 7662). */
  readonly introspection?: IntrospectionSettings
}

export interface IntrospectionSettings {
  /** Discovered from the issuer when absent. */
  readonly endpoint?: string
  readonly clientId: string
  readonly clientSecret: string
}

export interface ApiKeySettings {
  readonly name: string
  /** Hex, lower case, of the key's UTF-8 bytes. */
  readonly sha256: string
  readonly scopes: readonly string[] | 'all'
  readonly roles: readonly string[]
  readonly expiresAt?: Date
}

export interface AuthSettings {
  readonly oauth?: OAuthSettings
  readonly apiKeys: readonly ApiKeySettings[]
}

/** What the room is handed from outside. */
export interface Surroundings {
  readonly clock: Clock
  readonly log: Log
  /** Asks the issuers for their keys. */
  readonly fetch: Fetch
  /** The issuer that the bridge is itself: it is not asked over HTTP. */
  readonly own?: OwnIssuer
}

export interface OwnIssuer {
  readonly issuer: string
  /** As a JSON Web Key Set has them (RFC 7517 §5); another list when they were rotated. */
  readonly keys: () => readonly Readonly<Record<string, string>>[]
  /** Whether there still is somebody of that subject, who may sign in, and for whom a token given then (`iat`) still counts. */
  readonly isKnown: (subject: string, issuedS: number) => Promise<boolean>
}
