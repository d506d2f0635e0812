import type { Provider, UpstreamProvider } from './oauth-config.ts'

/** Its access tokens are for Google alone: people can sign in there, and no token of it is for this server. */
export function isGoogle(issuer: string): boolean {
  return new URL(issuer).hostname === 'accounts.google.com'
}

/** The preset for an issuer whose address tells. */
export function providerOf(issuer: string): Provider {
  const { hostname, pathname } = new URL(issuer)
  if (hostname.endsWith('.auth0.com')) return 'auth0'
  if (['login.microsoftonline.com', 'login.microsoftonline.us', 'sts.windows.net'].includes(hostname))
    return 'entra'
  if (/\.(okta|oktapreview|okta-emea)\.com$/.test(hostname)) return 'okta'
  return /\/realms\/[^/]+\/?$/.test(pathname) ? 'keycloak' : 'generic'
}

/** The same among those at which people can sign in, which are more. */
export function upstreamProviderOf(issuer: string): UpstreamProvider {
  if (isGoogle(issuer)) return 'google'
  return new URL(issuer).hostname === 'github.com' ? 'github' : providerOf(issuer)
}
