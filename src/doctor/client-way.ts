import type { McpClient, SignIn } from '../clients/client.ts'
import { type JsonRecord, listIn, outcomeOf, type Reply, textIn } from './ask.ts'
import { readChallenge } from './challenge-words.ts'
import type { Said } from './finding.ts'
import { INITIALIZE, type Look, MCP_HEADERS } from './look.ts'
import { documentOf } from './server-places.ts'

/** How far a client comes before a person has to sign in. */
export type ClientWay =
  | {
      readonly kind: 'found'
      readonly issuer: string
      readonly document: JsonRecord
      readonly resource: string
      readonly scopes: readonly string[]
      readonly steps: number
    }
  | Stopped

export interface Stopped {
  readonly kind: 'stopped'
  /** Counted from 1. */
  readonly step: number
  readonly name: string
  readonly level: Exclude<Said['level'], 'ok'>
  readonly what: string
  readonly why?: string
  readonly fix: string
}

const SEE = (check: string) => `See ${check} above, which says how.`

/** The steps of one client, in its own order (`clients/`). Looked at once for each client. */
export function clientWay(client: McpClient, look: Look): Promise<ClientWay> {
  return look.once(`way of ${client.id}`, () => walk(client, look))
}

async function walk({ title, signIn }: McpClient, look: Look): Promise<ClientWay> {
  if (signIn === undefined) throw new TypeError(`${title} does not sign in`)
  let step = 1
  const stop = (
    name: string,
    what: string,
    fix: string,
    why?: string,
    level: Stopped['level'] = 'failure',
  ): Stopped => ({
    kind: 'stopped',
    step,
    name,
    level,
    what,
    fix,
    ...(why !== undefined && { why }),
  })

  const opened = await open(signIn, look)
  const challenge =
    opened.kind === 'answered' ? readChallenge(opened.headers.get('www-authenticate')) : undefined
  // Without a challenge it goes on: it looks at the well-known places then. What is no 401 is taken for the answer of a server without sign-in.
  if (opened.kind === 'silent' || opened.status !== 401)
    return stop(
      `the first request (${signIn.discovery.opens})`,
      `it expects 401 and gets ${outcomeOf(opened)}.`,
      SEE(signIn.discovery.opens === 'GET' ? 'challenge-get' : 'challenge-post'),
    )

  step = 2
  const resourcePlaces = await look.resourcePlaces()
  const resourceDocument = signIn.discovery.resource
    .map((place) => documentOf(resourcePlaces.find((one) => one.place === place)?.reply))
    .find((document) => document !== undefined)
  if (resourceDocument === undefined)
    return stop(
      'the metadata of the bridge',
      'it is at none of the places where it looks.',
      SEE('resource-document'),
    )

  step = 3
  const resource = textIn(resourceDocument, 'resource') ?? ''
  const isOurs = URL.canParse(resource) && new URL(resource).origin === new URL(look.mcpUrl).origin
  if (!isOurs)
    return stop(
      'comparing `resource` with what was typed',
      `it is ${resource || 'missing'}, not ${look.mcpUrl}.`,
      SEE('resource-address'),
    )
  if (signIn.needs.includes('same_resource') && resource !== look.mcpUrl)
    return stop(
      'comparing `resource` with what was typed',
      `it wants ${look.mcpUrl} letter for letter, and it is ${resource}.`,
      `Type ${resource} as the address of the server; or write ${look.mcpUrl} into server.oauth.audience in its place, and at the provider.`,
      undefined,
      'warning',
    )

  step = 4
  const issuers = listIn(resourceDocument, 'authorization_servers')
  const [issuer] = issuers
  if (issuer === undefined || !URL.canParse(issuer))
    return stop('choosing the authorization server', 'the metadata names none.', SEE('resource-servers'))
  const { places } = await look.server(issuer)
  const found = signIn.discovery.server
    .map((kind) => documentOf(places.find((place) => place.kind === kind)?.reply))
    .find((document) => document !== undefined)
  if (found === undefined)
    return stop(
      'the metadata of the authorization server',
      `it is at none of the places where it looks for ${issuer}.`,
      SEE('server-document'),
    )
  if (textIn(found, 'issuer') !== issuer)
    return stop(
      'comparing the issuer',
      `it is ${textIn(found, 'issuer') ?? 'missing'}, not ${issuer}.`,
      SEE('server-issuer'),
    )

  step = 5
  if (!listIn(found, 'code_challenge_methods_supported').includes('S256')) {
    const level = signIn.needs.includes('s256_metadata') ? 'failure' : 'warning'
    return stop('PKCE', 'the metadata does not announce S256.', SEE('server-pkce'), undefined, level)
  }
  const wanted = (challenge?.scope ?? '').split(' ').filter((scope) => scope !== '')
  const scopes = wanted.length > 0 ? wanted : listIn(resourceDocument, 'scopes_supported')
  return { kind: 'found', issuer, document: found, resource, scopes, steps: step }
}

function open({ discovery }: SignIn, look: Look): Promise<Reply> {
  if (discovery.opens === 'GET') return look.got()
  if (discovery.opens === 'initialize') return look.posted()
  return look.once('discovered', () =>
    look.ask(look.mcpUrl, {
      method: 'POST',
      headers: { ...MCP_HEADERS, 'MCP-Protocol-Version': MODERN, 'Mcp-Method': 'server/discover' },
      body: JSON.stringify(modernRequest('server/discover')),
    }),
  )
}

/** The revision without handshake; everything that a request depends on is in it. */
export const MODERN = '2026-07-28'

export function modernRequest(method: string) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': INITIALIZE.params.clientInfo,
  }
  return { jsonrpc: '2.0', id: 1, method, params: { _meta } }
}
