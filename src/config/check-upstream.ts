import { checkSecureAddress } from './check-address.ts'
import type { UpstreamProvider } from './oauth-config.ts'
import { upstreamProviderOf } from './provider-of.ts'
import type { Review } from './review.ts'
import type { ServerDraft } from './schema.ts'

type UpstreamDraft = NonNullable<ServerDraft['oauth']['upstream']>

/** Those that say of which of several organisations somebody is. */
const WITH_TENANTS: ReadonlySet<UpstreamProvider> = new Set(['entra', 'google', 'auth0', 'github'])

/** Where people sign in: what is half configured, and what would let in anybody at all. */
export function checkUpstream(upstream: UpstreamDraft, review: Review): void {
  const at = (key: string) => ['server', 'oauth', 'upstream', key]
  if (upstream.issuer === undefined && upstream.provider !== 'github')
    review.problem(
      ['server', 'oauth', 'upstream'],
      '`issuer` is missing: only `provider: github` knows its own',
    )
  checkSecureAddress(upstream.issuer, at('issuer'), review)
  const issuer = upstream.issuer ?? 'https://github.com'
  const provider = upstream.provider ?? upstreamProviderOf(issuer)
  const { allowed_tenants: tenants, allowed_domains: domains, allowed_people: people } = upstream
  if (tenants !== undefined && !WITH_TENANTS.has(provider))
    review.problem(
      at('allowed_tenants'),
      `\`allowed_tenants\` would let nobody in: a provider of the kind \`${provider}\` names no tenant; write allowed_domains or allowed_people`,
    )
  const givesScopes = upstream.scopes_of_everybody.length > 0
  // guard: upstream-open-to-all
  if (isForAnybody(provider, issuer) && givesScopes && !(tenants || domains || people))
    review.problem(
      at('scopes_of_everybody'),
      `anybody can have an account at ${new URL(issuer).host}, and would get ${upstream.scopes_of_everybody.join(' ')}: say who may sign in with allowed_people, allowed_domains or allowed_tenants, or give scopes to groups only (scopes_of_everybody: [])`,
    )
}

/** Where an account is to be had by asking for one. A GitHub Enterprise server, or one tenant of Entra ID, has an owner. */
function isForAnybody(provider: UpstreamProvider, issuer: string): boolean {
  const { hostname, pathname } = new URL(issuer)
  if (provider === 'entra') return /^\/(common|organizations|consumers)\b/.test(pathname)
  return provider === 'google' || (provider === 'github' && hostname === 'github.com')
}
