/**
 * Who asks. One human (or one service account), known by issuer and subject together: the same subject from two issuers is two
 * principals.
 */
export interface Principal {
  /** OAuth: the token's `iss`. Otherwise `api-key`, `os` (stdio: the operating-system user) or `none` (loopback without auth). */
  readonly issuer: string
  /** Stable within the issuer: the token's subject (Entra: tenant and object id), the key's name, the user's name. */
  readonly subject: string
  readonly method: 'oauth' | 'api_key' | 'stdio' | 'none'
  /** Signed in by itself (client credentials): no human stands behind it. */
  readonly isMachine?: true
  readonly name?: string
  readonly email?: string
  readonly clientId?: string
  /** Of the provider's organisations the one that the token is from. */
  readonly tenant?: string
  readonly groups: readonly string[]
  readonly roles: readonly string[]
  /** `all`: a way in that knows no scopes (stdio, the one `api_key`, loopback without auth). */
  readonly scopes: ReadonlySet<string> | 'all'
}

/** The key under which everything a principal owns is kept: sessions, connections, limits. Never shown to anyone. */
export function principalKey(principal: Pick<Principal, 'issuer' | 'subject'>): string {
  return JSON.stringify([principal.issuer, principal.subject])
}

/** The name people know: e-mail, else name, else subject. For the human log line and messages. */
export function principalName(principal: Principal): string {
  return principal.email ?? principal.name ?? principal.subject
}

/** The scopes of `required` that the principal does not hold. Scopes are compared exactly and case-sensitively (RFC 6749 §3.3). */
export function missingScopes(principal: Principal, required: Iterable<string>): string[] {
  const held = principal.scopes
  return held === 'all' ? [] : [...new Set(required)].filter((scope) => !held.has(scope))
}
