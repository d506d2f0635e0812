import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { exportJWK, SignJWT } from 'jose'
import { type Fetch, OutboundError } from '../../src/outbound/fetch.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const { privateKey: strangerKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

export const CLIENT = { clientId: 'bridge', clientSecret: 'upstream-secret-of-the-test' } as const

export interface FakeUpstream {
  readonly fetch: Fetch
  /** What was asked of it, as METHOD URL. */
  readonly asked: string[]
  /** The person at the provider's page: gives the query with which the browser comes back. */
  signIn(location: string, claims: Readonly<Record<string, unknown>>): string
  /** Changes what it says from now on. */
  faults: {
    down?: boolean
    status?: number
    tokenError?: string
    idToken?: Readonly<Record<string, unknown>>
    isForged?: boolean
    metadata?: Readonly<Record<string, unknown>>
  }
}

/** An OpenID provider at any address, without a network: it holds the client to PKCE, its secret and its redirect address. */
export function fakeUpstream(
  issuer: string,
  userInfo: Readonly<Record<string, unknown>> = {},
  announced: Readonly<Record<string, unknown>> = {},
): FakeUpstream {
  const codes = new Map<string, { claims: Readonly<Record<string, unknown>>; query: URLSearchParams }>()
  const place = issuer.replace(/\/$/, '')
  const fake: FakeUpstream = { asked: [], faults: {}, signIn, fetch: answer }

  function signIn(location: string, claims: Readonly<Record<string, unknown>>): string {
    const query = new URL(location).searchParams
    const code = randomUUID()
    codes.set(code, { claims, query })
    const back = new URLSearchParams({ code, state: query.get('state') ?? '' })
    if (announced.authorization_response_iss_parameter_supported === true) back.set('iss', issuer)
    return `?${back}`
  }

  async function answer(address: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address)
    fake.asked.push(`${init.method ?? 'GET'} ${url}`)
    if (fake.faults.down) throw new OutboundError('unreachable', `${url.host} cannot be reached`)
    if (fake.faults.status !== undefined) return new Response('', { status: fake.faults.status })
    if (url.href === `${place}/.well-known/openid-configuration`) return json(metadata())
    if (url.href === `${place}/jwks`)
      return json({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }] })
    if (url.href === `${place}/userinfo`) return json(userInfo)
    if (url.href === `${place}/token`) return token(init)
    return json({}, 404)
  }

  function metadata() {
    return {
      issuer,
      authorization_endpoint: `${place}/authorize`,
      token_endpoint: `${place}/token`,
      jwks_uri: `${place}/jwks`,
      userinfo_endpoint: `${place}/userinfo`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      ...announced,
      ...fake.faults.metadata,
    }
  }

  async function token(init: RequestInit): Promise<Response> {
    const form = new URLSearchParams(String(init.body))
    const header = new Headers(init.headers).get('authorization') ?? ''
    const basic = Buffer.from(header.replace(/^Basic /, ''), 'base64').toString()
    const [id, secret] =
      header === ''
        ? [form.get('client_id'), form.get('client_secret')]
        : basic.split(':').map(decodeURIComponent)
    if (fake.faults.tokenError !== undefined) return json({ error: fake.faults.tokenError }, 400)
    if (id !== CLIENT.clientId || secret !== CLIENT.clientSecret)
      return json({ error: 'invalid_client' }, 401)
    const code = form.get('code') ?? ''
    const given = codes.get(code)
    codes.delete(code)
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    if (
      given?.query.get('code_challenge') !== challenge ||
      given.query.get('redirect_uri') !== form.get('redirect_uri')
    )
      return json({ error: 'invalid_grant' }, 400)
    const claims = {
      iss: issuer,
      aud: CLIENT.clientId,
      nonce: given.query.get('nonce'),
      ...given.claims,
      ...fake.faults.idToken,
    }
    const idToken = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(fake.faults.isForged ? strangerKey : privateKey)
    return json({ access_token: 'opaque', token_type: 'Bearer', expires_in: 60, id_token: idToken })
  }

  return fake
}

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}
