/** The dialects that a provider may speak. */
export type UpstreamProvider = 'auth0' | 'entra' | 'okta' | 'keycloak' | 'generic' | 'google' | 'github'

/** Where people sign in, and what the bridge makes of what is said of them there. */
export interface UpstreamSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly provider: UpstreamProvider
  readonly scopes?: readonly string[]
  /** Claim names that override the provider's: `subject`, `email`, `name`, `groups`. */
  readonly claims: Readonly<Record<string, string>>
  readonly allowedDomains?: readonly string[]
  /** E-mail addresses, beside those of the domains. */
  readonly allowedPeople?: readonly string[]
  readonly allowedTenants?: readonly string[]
  readonly groupNames: Readonly<Record<string, string>>
  readonly scopesOfGroups: Readonly<Record<string, readonly string[]>>
  readonly scopesOfEverybody: readonly string[]
}

/** What a provider said of somebody when they signed in. Kept as it was said: what the configuration makes of it may change. */
export interface Learnt {
  /** The `sub` of our tokens, made of issuer and subject. */
  readonly id: string
  readonly issuer: string
  readonly subject: string
  readonly username: string
  readonly name?: string
  /** Verified by the provider. */
  readonly email?: string
  /** By the provider's names. */
  readonly groups: readonly string[]
  /** Entra tenant, Google workspace, Auth0 organisation, GitHub organisations. */
  readonly tenants: readonly string[]
}

/** What is made anew for each sign-in and never leaves the bridge but as the protocol says. */
export interface Begun {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** A provider, in its dialect. */
export interface Upstream {
  /** Where the browser is sent. `again`: the person is to say who they are, also where the provider knows. */
  begin(begun: Begun, again: boolean): Promise<URL>
  /** Who came back. Rejects with an `UpstreamFault` for every way in which that can fail. */
  finish(search: string, begun: Begun): Promise<Learnt>
}

/** Groups are asked for only where something is made of them. */
export function wantsGroups({ groupNames, scopesOfGroups, claims }: UpstreamSettings): boolean {
  return Object.keys(groupNames).length > 0 || Object.keys(scopesOfGroups).length > 0 || 'groups' in claims
}
