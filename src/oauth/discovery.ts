import type { Log } from '../domain/log.ts'
import { fetchJson } from './fetch-json.ts'
import type { Surroundings } from './settings.ts'
import { isJsonObject, ownMember } from './strict-json.ts'

/** What of a provider's metadata is asked for. */
export type MetadataAddress = 'jwks_uri' | 'introspection_endpoint'

/**
 * Finds an address in the issuer's metadata: OpenID Connect Discovery §4 first, which every preset's provider has, then RFC 8414 §3. A
 * document counts only when it names exactly this issuer (RFC 8414 §3.3). Rejects when none does.
 */
export async function discoverAddress(
  issuer: string,
  member: MetadataAddress,
  { fetch, log }: Pick<Surroundings, 'fetch' | 'log'>,
  signal?: AbortSignal,
): Promise<URL> {
  const problems: string[] = []
  for (const address of metadataAddresses(issuer)) {
    try {
      return addressOf(await fetchJson(address, fetch, signal), member, issuer, address, log)
    } catch (error) {
      if (signal?.aborted) throw error
      problems.push(error instanceof Error ? messageOf(error) : String(error))
    }
  }
  throw new Error(`the metadata of ${issuer} cannot be used: ${problems.join('; ')}`)
}

/** Where an issuer publishes its metadata. A slash at its end is not part of either address. */
export function metadataAddresses(issuer: string): readonly URL[] {
  const url = new URL(issuer)
  const path = url.pathname.replace(/\/$/, '')
  return [
    new URL(`${path}/.well-known/openid-configuration`, url.origin),
    new URL(`/.well-known/oauth-authorization-server${path}`, url.origin),
  ]
}

/** What a metadata document that was read from `address` says. Throws when it must not be believed. */
export function addressOf(
  document: unknown,
  member: MetadataAddress,
  issuer: string,
  address: URL,
  log: Log,
): URL {
  if (!isJsonObject(document)) throw new Error(`${address.href} is not a JSON object`)
  const named = ownMember(document, 'issuer')
  if (named !== issuer) {
    // The most frequent mistake in setting this up; tokens would be refused for it one by one.
    if (typeof named === 'string' && withoutSlash(named) === withoutSlash(issuer))
      log.warn(`The issuer calls itself ${named}: write it into server.oauth.issuer exactly so.`, { issuer })
    throw new Error(`${address.href} names the issuer ${JSON.stringify(named)}`)
  }
  const uri = ownMember(document, member)
  if (typeof uri !== 'string' || !URL.canParse(uri)) throw new Error(`${address.href} has no ${member}`)
  const found = new URL(uri)
  // A provider reached over TLS must not send us for its keys over a line that anyone can write on.
  const isSafe = found.protocol === 'https:' || (found.protocol === 'http:' && address.protocol === 'http:')
  if (!isSafe) throw new Error(`${address.href} has a ${member} that is not https`)
  return found
}

function withoutSlash(text: string): string {
  return text.replace(/\/$/, '')
}

/** With what lies behind it: `fetch failed` alone says nothing. */
export function messageOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
