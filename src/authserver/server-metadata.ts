import { IDENTITY_SCOPES } from './scope-sentences.ts'

/** Whoever serves it says where: RFC 8414 and OpenID Connect Discovery each have a place, and clients look at more. */
export function isMetadataPath(pathname: string): boolean {
  return pathname.includes('/.well-known/')
}

/** Where the provider library answers it. */
export const LIBRARY_METADATA_PATH = '/.well-known/openid-configuration'

/**
 * The library's document, without what is not meant for assistants: scopes of operators and approvers, which can be given all the same, and ways
 * to answer that need a script.
 */
export async function metadataOf(answer: Response, scopesOffered: readonly string[]): Promise<Response> {
  if (answer.status !== 200) return answer
  const document = (await answer.json()) as Record<string, unknown>
  const methods = document.token_endpoint_auth_methods_supported
  const told = {
    ...document,
    scopes_supported: [...scopesOffered, ...IDENTITY_SCOPES],
    response_modes_supported: ['query'],
    revocation_endpoint_auth_methods_supported: methods,
  }
  return Response.json(told, {
    headers: { 'cache-control': 'public, max-age=300', 'access-control-allow-origin': '*' },
  })
}
