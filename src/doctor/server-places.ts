import type { JsonRecord, Reply } from './ask.ts'

/** RFC 8414 §3.1 puts the issuer's path behind the well-known one; OpenID Connect Discovery §4 puts it in front. */
export type ServerPlaceKind = 'oauth' | 'oidc_inserted' | 'oidc_appended'

export interface ServerPlace {
  readonly kind: ServerPlaceKind
  readonly url: string
  readonly reply: Reply
}

export interface ServerDocuments {
  readonly issuer: string
  /** In the order in which MCP clients look. */
  readonly places: readonly ServerPlace[]
  /** The first that is a JSON object, whatever it says. */
  readonly found: { readonly url: string; readonly document: JsonRecord } | undefined
}

/** Where clients look for the metadata of an authorization server. Without a path two of the three are the same. */
export function placesOf(
  issuer: string,
): readonly { readonly kind: ServerPlaceKind; readonly url: string }[] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const places = [
    { kind: 'oauth', url: `${origin}/.well-known/oauth-authorization-server${path}` },
    { kind: 'oidc_inserted', url: `${origin}/.well-known/openid-configuration${path}` },
    { kind: 'oidc_appended', url: `${origin}${path}/.well-known/openid-configuration` },
  ] as const
  return path === '' ? places.slice(0, 2) : places
}

/** Looks at each of them, whether or not an earlier one has it: clients differ in where they begin. */
export async function authorizationPlaces(
  issuer: string,
  get: (url: string) => Promise<Reply>,
): Promise<ServerDocuments> {
  const places = await Promise.all(
    placesOf(issuer).map(async ({ kind, url }) => ({ kind, url, reply: await get(url) })),
  )
  const [found] = places.flatMap(({ url, reply }) => {
    const document = documentOf(reply)
    return document === undefined ? [] : [{ url, document }]
  })
  return { issuer, places, found }
}

/** The JSON object of a reply that is one. */
export function documentOf(reply: Reply | undefined): JsonRecord | undefined {
  return reply?.kind === 'answered' && reply.status === 200 ? reply.json : undefined
}
