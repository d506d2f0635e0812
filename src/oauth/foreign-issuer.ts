import type { RefusalReason } from './refusals.ts'
import type { IssuerSettings } from './settings.ts'

const ENTRA_HOSTS = ['login.microsoftonline.com', 'login.microsoftonline.us', 'sts.windows.net']
const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

/**
 * Why a token whose issuer is not configured is refused. Two providers give out tokens under two issuers, of which people configure the
 * one and are sent the other; told as `wrong_issuer` they would look for the mistake in the wrong place. Tells nothing of the
 * configuration that the metadata does not tell.
 */
export function whyForeign(issuer: unknown, configured: Iterable<IssuerSettings>): RefusalReason {
  const named = typeof issuer === 'string' && URL.canParse(issuer) ? new URL(issuer) : undefined
  if (named === undefined) return 'wrong_issuer'
  for (const { provider, issuer: own } of configured) {
    const ours = new URL(own)
    // The org server (`https://ORG.okta.com`) stands beside the custom ones (`https://ORG.okta.com/oauth2/ID`).
    if (provider === 'okta' && named.origin === ours.origin && named.pathname === '/')
      return 'okta_org_server'
    if (provider === 'entra' && isOtherVersion(named, ours)) return 'entra_other_version'
  }
  return 'wrong_issuer'
}

/** Entra's version 1 is `https://sts.windows.net/TENANT/`, its version 2 `https://login.microsoftonline.com/TENANT/v2.0`. */
function isOtherVersion(named: URL, ours: URL): boolean {
  const [tenant] = GUID.exec(named.pathname) ?? []
  return (
    tenant !== undefined &&
    tenant.toLowerCase() === GUID.exec(ours.pathname)?.[0].toLowerCase() &&
    ENTRA_HOSTS.includes(named.hostname)
  )
}
