import type { Guard } from './guard.ts'

export const TOKEN_GUARDS: readonly Guard[] = [
  {
    name: 'allowed-clients',
    file: 'src/oauth/admission.ts',
    from: 'if (allowedClients && !(clientId !== undefined && allowedClients.includes(clientId)))',
    to: 'if (allowedClients && clientId !== undefined && !allowedClients.includes(clientId))',
    test: 'src/oauth/read-principal.test.ts',
    title: 'but not those of no client: client_not_allowed',
  },
  {
    name: 'allowed-tenants',
    file: 'src/oauth/admission.ts',
    from: 'if (allowedTenants && !(tenant !== undefined && allowedTenants.map(folded).includes(tenant)))',
    to: 'if (allowedTenants && tenant === undefined)',
    test: 'src/oauth/read-principal.test.ts',
    title: 'but not those of another organisation: tenant_not_allowed',
  },
  {
    name: 'max-lifetime',
    file: 'src/oauth/check-claims.ts',
    from: "return Number(ownMember(claims, 'exp')) - Number(issued) > maxMs / 1000 ? 'lifetime_too_long' : undefined",
    to: 'return undefined',
    test: 'src/oauth/verify-token.test.ts',
    title: 'a second more: lifetime_too_long',
  },
  {
    name: 'admission-as-it-is-now',
    file: 'src/app/principal-now.ts',
    from: 'return own !== undefined && refusedAdmission(principal, own) === undefined',
    to: 'return own !== undefined',
    test: 'src/app/principal-now.test.ts',
    title: 'a person goes when their client or tenant is not among those any more',
  },
  {
    name: 'only-verified-addresses',
    file: 'src/oauth/read-principal.ts',
    from: "if (verified !== undefined && verified !== true && verified !== 'true') return undefined",
    to: "if (verified === false || verified === 'false') return undefined",
    test: 'src/oauth/read-principal.test.ts',
    title: 'an e-mail address that the provider calls unverified is not taken',
  },
  {
    name: 'bad-tokens-by-address',
    file: 'src/oauth/authenticator.ts',
    from: '// guard: bad-tokens-by-address\n    if (waitMs > 0) return',
    to: 'if (waitMs < 0) return',
    test: 'src/oauth/introspection.test.ts',
    title:
      'an address that shows one bad token after the other has the issuer asked so often in a minute, and no more',
  },
  {
    name: 'introspection-active',
    file: 'src/oauth/introspection.ts',
    from: "if (ownMember(claims, 'active') !== true) return refuse('token_inactive')",
    to: '',
    test: 'src/oauth/introspection.test.ts',
    title: 'a token that is not active any more: token_inactive',
  },
  {
    name: 'keys-are-not-introspected',
    file: 'src/oauth/authenticator.ts',
    from: 'if (apiKeys.length > 0) return guarded(token, presented.remoteAddress)',
    to: '',
    test: 'src/oauth/introspection.test.ts',
    title: 'a key is never shown to the issuer',
  },
]
