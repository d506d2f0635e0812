import { isLoopback } from '../config/loopback.ts'
import { listIn, outcomeOf, textIn } from './ask.ts'
import type { Check } from './check.ts'
import { failure, note, ok } from './finding.ts'

const EMBEDDED =
  'let the bridge stand in between: server.oauth.mode: embedded with server.oauth.upstream {issuer, client_id, client_secret}'

/** The metadata of each authorization server (RFC 8414, OpenID Connect Discovery): whether it is there, and can be believed. */
export const serverChecks: readonly Check[] = [
  {
    id: 'server-document',
    of: 'issuer',
    title: 'The authorization server publishes its metadata',
    means:
      'No document at any of the places where clients look: they do not know where to sign in. Often the issuer is misspelt, or the server is not reachable from here.',
    mend: 'Write `server.oauth.issuer` exactly as the provider names it; its metadata is at ISSUER`/.well-known/openid-configuration`.',
    run: async (issuer, look) => {
      const { places, found } = await look.server(issuer)
      const isOwn = look.oauth?.embedded?.issuer === issuer
      if (found === undefined)
        return failure(
          'No metadata of this authorization server could be read.',
          `${isOwn ? 'It is this bridge itself: mend its address first, and start it' : 'Correct server.oauth.issuer'}; this has to show a JSON document: curl ${places.at(-1)?.url}`,
          places.map(({ url, reply }) => `${url}: ${outcomeOf(reply)}`).join('; '),
        )
      const isOAuth = places.some(
        ({ kind, reply }) => kind === 'oauth' && reply.kind === 'answered' && reply.status === 200,
      )
      if (isOAuth) return ok(`Its metadata is at ${found.url}.`)
      return note(
        'Its metadata is published for OpenID Connect alone.',
        `Nothing, for clients of 2025-11 and later. Older ones look only at RFC 8414; for those ${EMBEDDED}.`,
        found.url,
      )
    },
  },
  {
    id: 'server-issuer',
    of: 'issuer',
    title: 'The metadata names exactly this issuer',
    means:
      'Issuers are compared letter for letter (RFC 8414 §3.3), the final slash counts. With another one clients stop, and the bridge refuses the tokens.',
    mend: 'Copy `issuer` out of the document into `server.oauth.issuer`.',
    needs: ['server-document'],
    run: async (issuer, look) => {
      const { found } = await look.server(issuer)
      const named = textIn(found?.document, 'issuer')
      if (named === issuer) return ok(`It names ${issuer}.`)
      const isSlash = named?.replace(/\/$/, '') === issuer.replace(/\/$/, '')
      return failure(
        isSlash
          ? `The issuer calls itself ${named}: the final slash is the difference.`
          : `The document names the issuer ${named ?? 'nothing'}.`,
        `Write server.oauth.issuer: ${named ?? 'the issuer'} (exactly so), and restart the bridge.`,
        found?.url,
      )
    },
  },
  {
    id: 'server-endpoints',
    of: 'issuer',
    title: 'Its endpoints are there and speak https',
    means:
      'The authorization or the token endpoint is missing, or plain http: clients refuse it, and whoever listens reads codes and tokens.',
    mend: 'Behind a proxy tell the authorization server its public address (Keycloak: `--hostname=https://…` and `--proxy-headers=xforwarded`).',
    needs: ['server-document'],
    run: async (issuer, look) => {
      const { found } = await look.server(issuer)
      const endpoints = ['authorization_endpoint', 'token_endpoint'].map(
        (name) => [name, textIn(found?.document, name)] as const,
      )
      const missing = endpoints.filter(([, url]) => url === undefined || !URL.canParse(url))
      if (missing.length > 0)
        return failure(
          `The metadata has no ${missing.map(([name]) => name).join(' and no ')}.`,
          'Name a server at which people can sign in as server.oauth.issuer.',
          found?.url,
        )
      const plain = endpoints.filter(([, url]) => isPlain(url ?? ''))
      if (plain.length === 0) return ok('Its endpoints speak https.')
      return failure(
        `It names plain http: ${plain.map(([name, url]) => `${name} ${url}`).join(', ')}.`,
        'Tell the authorization server its public https address. Keycloak: --hostname=https://… --proxy-headers=xforwarded.',
      )
    },
  },
  {
    id: 'server-pkce',
    of: 'issuer',
    title: 'It announces PKCE with S256',
    means:
      'MCP clients must see `code_challenge_methods_supported` with `S256`, and refuse to sign in without (ChatGPT, the SDK). Entra ID does PKCE and does not announce it.',
    mend: 'Switch PKCE on at the provider; where that cannot be announced, use `server.oauth.mode: embedded` with `upstream`.',
    needs: ['server-document'],
    run: async (issuer, look) => {
      const { found } = await look.server(issuer)
      if (listIn(found?.document, 'code_challenge_methods_supported').includes('S256'))
        return ok('It announces PKCE with S256.')
      return failure(
        'Its metadata does not announce PKCE with S256: clients refuse to sign in.',
        `Switch PKCE (S256) on at the provider. Where it is not announced, as at Entra ID: ${EMBEDDED}.`,
        `code_challenge_methods_supported: ${JSON.stringify(found?.document.code_challenge_methods_supported ?? null)} in ${found?.url}`,
      )
    },
  },
]

/** Loopback may be plain: nobody is on the way. */
export function isPlain(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'http:' && !isLoopback(new URL(url).hostname)
}
