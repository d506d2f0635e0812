import { requestableScopes } from './providers.ts'
import type { OAuthSettings } from './settings.ts'

/** RFC 9728 §2: what a client that knows only this server's address needs to find the way in. */
export interface ProtectedResourceMetadata {
  readonly resource: string
  readonly authorization_servers: readonly string[]
  readonly scopes_supported: readonly string[]
  readonly bearer_methods_supported: readonly ['header']
}

/** The endpoints that are protected resources, as paths behind the server's base address. */
export type ResourcePath = '' | '/mcp'

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** The addresses under which clients know this server; `baseUrl` has no trailing slash. */
export function ownResources(baseUrl: string): readonly string[] {
  return [baseUrl, `${baseUrl}/`, `${baseUrl}/mcp`]
}

/** What `aud` may name: the configured audiences and this server's own addresses, for clients send either as `resource` (RFC 8707). */
export function acceptedAudiences(
  configured: readonly string[],
  resources: readonly string[],
): ReadonlySet<string> {
  return new Set([...configured, ...resources])
}

/**
 * The document for one resource. `resource` is the configured audience when that is an address of this server, because the provider
 * knows it by that name; otherwise the address that the document describes.
 */
export function protectedResourceMetadata(
  settings: OAuthSettings,
  baseUrl: string,
  path: ResourcePath,
): ProtectedResourceMetadata {
  const described = `${baseUrl}${path}`
  const own = settings.issuers
    .flatMap(({ audience }) => audience)
    .filter((one) => ownResources(baseUrl).includes(one))
  return {
    resource: own.find((one) => one === described) ?? own[0] ?? described,
    authorization_servers: settings.issuers.map(({ issuer }) => issuer),
    scopes_supported: namedScopes(settings, settings.scopesSupported),
    bearer_methods_supported: ['header'],
  }
}

/** Scopes under the names that clients ask the provider for: the first one, which clients try first (RFC 9728 §7.6). */
export function namedScopes({ issuers: [first] }: OAuthSettings, scopes: Iterable<string>): string[] {
  return first === undefined ? [...scopes] : requestableScopes(first, scopes)
}

/** RFC 9728 §3.1: the well-known path goes between the host and the resource's own path. */
export function metadataUrl(baseUrl: string, path: ResourcePath): string {
  const { origin, pathname } = new URL(baseUrl)
  return `${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}${path}`
}
