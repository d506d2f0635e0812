import { createHash } from 'node:crypto'
import { randomHex } from '../../lib/ids.ts'
import { type Person, signIn } from './browser.ts'

/** What a client needs of an authorization server's metadata (RFC 8414 §2). */
export interface ServerMetadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly registration_endpoint: string
  readonly code_challenge_methods_supported: readonly string[]
}

export interface RegisteredClient {
  readonly clientId: string
  readonly redirectUri: string
}

export interface AuthorizedCode {
  readonly code: string
  readonly verifier: string
}

export interface AccessToken {
  readonly accessToken: string
  readonly scopes: readonly string[]
  readonly expiresInSeconds: number
}

export async function fetchServerMetadata(issuer: string): Promise<ServerMetadata> {
  const wellKnown = new URL(issuer)
  wellKnown.pathname = `/.well-known/oauth-authorization-server${wellKnown.pathname.replace(/\/$/, '')}`
  const metadata = (await json(
    await fetch(wellKnown),
    'authorization server metadata',
  )) as unknown as ServerMetadata
  // RFC 8414 §3.3: a document for another issuer is not believed.
  if (metadata.issuer !== issuer) throw new Error(`metadata of ${issuer} names the issuer ${metadata.issuer}`)
  return metadata
}

/** RFC 7591: a public client that has no secret and proves itself by PKCE. */
export async function registerClient(
  metadata: ServerMetadata,
  redirectUri: string,
): Promise<RegisteredClient> {
  const response = await fetch(metadata.registration_endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Demo client',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    }),
  })
  const { client_id } = await json(response, 'registration')
  return { clientId: String(client_id), redirectUri }
}

/** Sends the person to the authorization server and comes back with a code: PKCE S256, `state` and `iss` are all checked. */
export async function authorize(
  metadata: ServerMetadata,
  client: RegisteredClient,
  person: Person,
  wanted: { readonly scopes: readonly string[]; readonly resource: string },
): Promise<AuthorizedCode> {
  const verifier = randomHex() + randomHex()
  const state = randomHex()
  const url = new URL(metadata.authorization_endpoint)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: client.redirectUri,
    scope: wanted.scopes.join(' '),
    resource: wanted.resource,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()

  const { searchParams: answer } = await signIn(url.href, client.redirectUri, person)
  const error = answer.get('error')
  if (error !== null) throw new Error(`${error}: ${answer.get('error_description') ?? ''}`)
  if (answer.get('state') !== state) throw new Error('the answer carries another state than the request')
  if (answer.get('iss') !== metadata.issuer) throw new Error('the answer names another issuer (RFC 9207)')
  return { code: answer.get('code') ?? '', verifier }
}

export async function exchangeCode(
  metadata: ServerMetadata,
  client: RegisteredClient,
  { code, verifier }: AuthorizedCode,
  resource: string,
): Promise<AccessToken> {
  const response = await fetch(metadata.token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: client.clientId,
      redirect_uri: client.redirectUri,
      code,
      code_verifier: verifier,
      resource,
    }),
  })
  const { access_token, scope, expires_in } = await json(response, 'token')
  const scopes = String(scope ?? '')
    .split(' ')
    .filter(Boolean)
  return { accessToken: String(access_token), scopes, expiresInSeconds: Number(expires_in) }
}

async function json(response: Response, what: string): Promise<Record<string, unknown>> {
  const text = await response.text()
  if (!response.ok) throw new Error(`${what}: HTTP ${response.status} ${text.slice(0, 300)}`)
  return JSON.parse(text) as Record<string, unknown>
}
