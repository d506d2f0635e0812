import { createHash } from 'node:crypto'
import type { McpClient, SignIn } from '../clients/client.ts'
import { randomToken } from '../lib/ids.ts'
import { type JsonRecord, listIn, outcomeOf, type Reply, textIn } from './ask.ts'
import { type ClientWay, clientWay } from './client-way.ts'
import { failure, note, ok, type Said, warning } from './finding.ts'
import type { Look } from './look.ts'
import { isPlain } from './server-checks.ts'
import { registrationWays } from './server-features.ts'

type Found = Extract<ClientWay, { kind: 'found' }>

/** Stands for the port that a client picks, and for the ids that it is given. */
const PORT = '49152'

/** How the registrations are called, so that whoever finds one knows it. */
const NAME = 'ssh-mcp-bridge doctor (a test, may be removed)'

/**
 * Registers as the client would, asks to sign in as it would, and removes the registration again. Nobody signs in: the answer to the
 * request tells whether somebody could.
 */
export async function tryRegistration(client: McpClient, look: Look): Promise<Said[]> {
  const way = await clientWay(client, look)
  const { signIn } = client
  if (way.kind !== 'found' || signIn === undefined) return []
  const ways = registrationWays(way.document)
  // Claude takes its document only where public clients are announced.
  const isTaken =
    !signIn.needs.includes('none_auth') ||
    listIn(way.document, 'token_endpoint_auth_methods_supported').includes('none')
  const byDocument = ways.includes('document') && signIn.registration.includes('cimd') && isTaken
  const endpoint = textIn(way.document, 'registration_endpoint')
  const typed = () =>
    byDocument
      ? ok(`${client.title} is known by its document ${signIn.metadataDocument ?? ''}.`)
      : warning(
          `${client.title} cannot register itself: its client id has to be typed.`,
          `Register a public client at the provider with the redirect addresses ${signIn.redirects.map(({ uri }) => uri).join(' ')}, and type its id: ssh-mcp-bridge connect ${client.id} shows where.`,
        )
  if (endpoint === undefined || !signIn.registration.includes('dcr')) return typed()
  // With a certificate or without: what is registered over a line that anybody reads is nobody's.
  if (isPlain(endpoint))
    return failure(
      'The registration endpoint is plain http.',
      'Tell the authorization server its public https address.',
      endpoint,
    )

  const redirects = redirectsOf(signIn, way)
  const reply = await register(endpoint, signIn, redirects, look)
  if (isRegistered(reply)) return asked(client, way, reply.json, redirects, look)
  const status = reply.kind === 'answered' ? reply.status : 0
  // It is for those alone who hold an initial access token (RFC 7591 §3), and no client does.
  if (status === 401 || status === 403) return typed()
  if (status === 429)
    return note(
      'The authorization server takes no more registrations for now.',
      'Look again in an hour, at one client alone: ssh-mcp-bridge doctor CONFIG --client NAME. The login of the bridge: server.oauth.registration.per_hour.',
      errorOf(reply),
    )
  const refused: string[] = []
  // Which of them it is: one for each, and removed again.
  for (const one of redirects.length > 1 ? redirects : []) {
    const single = await register(endpoint, signIn, [one], look)
    if (isRegistered(single)) await remove(endpoint, single.json, look)
    else refused.push(one)
  }
  const named = (refused.length > 0 ? refused : redirects).map((uri) => uri.replace(`:${PORT}/`, ':PORT/'))
  // The bridge's own login holds the addresses in a document to the same list.
  const isOwn = look.oauth?.embedded?.issuer === way.issuer
  const say = byDocument && !isOwn ? warning : failure
  return say(
    `The authorization server refuses to register ${client.title} at ${named.join(' and ')}.`,
    isOwn
      ? `Add to server.oauth.registration.redirect_hosts: ${[...new Set(named.map(hostOf))].join(', ')}`
      : `Allow the redirect address at the provider: ${named.join(' ')}. Keycloak: Clients → Client registration → Trusted Hosts; Auth0 and Okta: open dynamic registration. Or register the client by hand and type its id.`,
    errorOf(reply),
  )
}

function redirectsOf({ redirects }: SignIn, { document }: Found): string[] {
  const filled = redirects.map(({ uri }) =>
    uri.replaceAll('PORT', PORT).replaceAll(/\{callback_id\}|\bID$/g, 'doctor'),
  )
  // ChatGPT takes one of its two, by RFC 9207.
  const stable = filled.find((uri) => uri.endsWith('/connector_platform_oauth_redirect'))
  if (stable === undefined) return filled
  const isNamed = document.authorization_response_iss_parameter_supported === true
  return isNamed ? [stable] : filled.filter((uri) => uri !== stable)
}

function register(
  endpoint: string,
  { tokenAuth: [method = 'none'] }: SignIn,
  redirects: readonly string[],
  look: Look,
): Promise<Reply> {
  return look.ask(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({
      client_name: NAME,
      redirect_uris: redirects,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: method,
    }),
  })
}

type Registered = Reply & { readonly kind: 'answered'; readonly json: JsonRecord }

function isRegistered(reply: Reply): reply is Registered {
  return reply.kind === 'answered' && reply.status < 300 && textIn(reply.json, 'client_id') !== undefined
}

async function asked(
  client: McpClient,
  way: Found,
  registered: JsonRecord,
  redirects: readonly string[],
  look: Look,
): Promise<Said[]> {
  const reply = await look.ask(
    authorizationUrl(way, textIn(registered, 'client_id') ?? '', redirects[0] ?? ''),
    {
      headers: { Accept: 'text/html' },
    },
  )
  const isRemoved = await remove(textIn(way.document, 'registration_endpoint') ?? '', registered, look)
  const left = isRemoved
    ? 'the registration was removed again'
    : `a registration named “${NAME}” is left there`
  const fault = refusalIn(reply)
  if (fault === undefined) return ok(`${client.title} registers and people are asked to sign in.`, left)
  return failure(
    `${client.title} registers, and its request to sign in is refused: ${fault}.`,
    /target|resource/i.test(fault)
      ? `Let the authorization server give tokens for ${way.resource}: register it there as an API (audience, resource) with this identifier.`
      : /scope/i.test(fault)
        ? `Define these scopes at the authorization server: ${way.scopes.join(' ')}.`
        : 'The log of the authorization server says why; mend that there.',
    left,
  )
}

function authorizationUrl({ document, resource, scopes }: Found, clientId: string, redirect: string): string {
  const url = new URL(textIn(document, 'authorization_endpoint') ?? '')
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirect,
    code_challenge: createHash('sha256').update(randomToken()).digest('base64url'),
    code_challenge_method: 'S256',
    state: randomToken(),
    resource,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** A page or a way to one is good; an error comes as a status, or as a redirect back that says so (RFC 6749 §4.1.2.1). */
function refusalIn(reply: Reply): string | undefined {
  if (reply.kind === 'silent') return reply.message
  const where = reply.headers.get('location')
  const error =
    where !== null && URL.canParse(where, reply.url) ? new URL(where, reply.url).searchParams : undefined
  if (error?.has('error'))
    return [error.get('error'), error.get('error_description')].filter(Boolean).join(': ')
  return reply.status >= 400 ? errorOf(reply) : undefined
}

/** RFC 7592 §2.3, where the server offers it: at an address of its own, with the token that it gave for that. */
async function remove(endpoint: string, registered: JsonRecord, look: Look): Promise<boolean> {
  const url = textIn(registered, 'registration_client_uri')
  const token = textIn(registered, 'registration_access_token')
  if (url === undefined || token === undefined || !URL.canParse(url)) return false
  // guard: doctor-registration-token-stays
  if (new URL(url).origin !== new URL(endpoint).origin) return false
  const reply = await look.ask(url, { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } })
  return reply.kind === 'answered' && reply.status === 204
}

function errorOf(reply: Reply): string {
  if (reply.kind === 'silent') return reply.message
  const said = [textIn(reply.json, 'error'), textIn(reply.json, 'error_description')]
    .filter(Boolean)
    .join(': ')
  const code = /\b(invalid_[a-z_]+|AADSTS\d+)\b[^<\n]{0,200}/.exec(reply.text)?.[0]
  return `${outcomeOf(reply)}${said || code ? `, ${said || code}` : ''}`
}

function hostOf(uri: string): string {
  const [scheme = '', rest = ''] = uri.split('://')
  return scheme === 'https' ? (rest.split('/')[0] ?? rest) : `${scheme}://${rest.split('/')[0]}`
}
