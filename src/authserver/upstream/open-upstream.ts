import type { Fetch } from '../../outbound/fetch.ts'
import type { Login } from '../login.ts'
import { GithubUpstream } from './github.ts'
import { OpenIdUpstream } from './openid.ts'
import type { Upstream, UpstreamSettings } from './settings.ts'
import { UPSTREAM_PATH, UpstreamLogin, type UpstreamLoginParts } from './upstream-login.ts'

export interface UpstreamParts extends Omit<UpstreamLoginParts, 'settings' | 'upstream'> {
  /** Our own; the provider sends people back below it. */
  readonly issuer: string
  readonly fetch: Fetch
}

/** Signing in at the provider of the settings. Nothing is asked of it before somebody signs in. */
export function openUpstream(settings: UpstreamSettings, { issuer, fetch, ...parts }: UpstreamParts): Login {
  const redirectUri = issuer + UPSTREAM_PATH
  return new UpstreamLogin({ ...parts, settings, upstream: dialectOf(settings, redirectUri, fetch, parts) })
}

function dialectOf(
  settings: UpstreamSettings,
  redirectUri: string,
  fetch: Fetch,
  { clock }: Pick<UpstreamLoginParts, 'clock'>,
): Upstream {
  const { provider } = settings
  return provider === 'github'
    ? new GithubUpstream(settings, redirectUri, fetch)
    : new OpenIdUpstream({ ...settings, provider }, redirectUri, fetch, clock)
}
