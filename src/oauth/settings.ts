import type { Log } from '../domain/log.ts'
import type { Clock } from '../lib/clock.ts'

/** Which identity provider's dialect the tokens speak: where identity, scopes, groups and client id are read. */
export type Provider = 'auth0' | 'entra' | 'okta' | 'keycloak' | 'generic'

export interface OAuthSettings {
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
  readonly scopesSupported: readonly string[]
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
}
