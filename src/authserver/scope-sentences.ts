import type { Account } from './login.ts'

/** OpenID scopes that say who somebody is, or for how long; they give no power over a host. */
export const IDENTITY_SCOPES: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'offline_access'])

const SENTENCES: Readonly<Record<string, string>> = {
  'mcp:execute': 'Run commands and use files on the hosts that you may use.',
  'mcp:admin': 'Use the hosts that ask for administration rights as well.',
  'mcp:approve': 'Answer requests of other people that wait for approval.',
  'mcp:operate': 'Lock people, clients and hosts out, and let them in again.',
  'mcp:audit': 'Read the record of everything that everybody asked and did.',
  'mcp:view': 'See on the console what goes on: who does what on which host.',
  openid: 'Know that it is you.',
  profile: 'See your name.',
  email: 'See your e-mail address.',
  offline_access: 'Stay connected when you have closed the browser, until you or an operator ends it.',
}

/** What a scope allows, in one plain sentence. Scopes that hosts ask for are the operator's own: what they mean, only the operator knows. */
export function scopeSentence(scope: string): string {
  return SENTENCES[scope] ?? 'Use the hosts for which the operator of this server asks for this permission.'
}

/** Whether this person may let a client do that; who somebody is, anybody may let it know. */
export function mayGive({ scopes }: Pick<Account, 'scopes'>, scope: string): boolean {
  return IDENTITY_SCOPES.has(scope) || scopes.includes(scope)
}

export interface RequestedScopes {
  /** Those that give power over hosts. */
  readonly ofResource: readonly string[]
  readonly all: readonly string[]
}

/** What a client asks for, by what the provider library says of it. */
export function requestedScopes(details: Readonly<Record<string, unknown>>): RequestedScopes {
  const { missingOIDCScope = [], missingResourceScopes = {} } = details as {
    missingOIDCScope?: readonly string[]
    missingResourceScopes?: Readonly<Record<string, readonly string[]>>
  }
  const ofResource = [...new Set(Object.values(missingResourceScopes).flat())]
  return { ofResource, all: [...new Set([...ofResource, ...missingOIDCScope])] }
}
