import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Configuration } from 'oidc-provider'

type Claims = Record<string, unknown>

/** What the tokens of a real provider look like, by what a standard one would say. */
export interface TokenShape {
  /** Behind the origin: each provider has an issuer of its own form. */
  readonly path: string
  /** `undefined` takes a claim away. */
  person(claims: Claims): Claims
  machine(claims: Claims): Claims
  /** The `typ` of the header. Absent: none. */
  readonly type?: string
}

/** A real authorization server whose tokens have the shape of another one's. */
export interface ShapedProvider {
  readonly issuer: string
  /** A token of Alice, by a client of hers. `more` changes its claims. */
  tokenOfPerson(scope: string, more?: Claims): Promise<string>
  /** By the client credentials grant, over HTTP. */
  tokenOfMachine(scope: string): Promise<string>
  /** As a revocation by the provider itself. */
  revoke(token: string): Promise<void>
  close(): Promise<void>
}

export const RESOURCE = 'api://bridge'
export const CLIENT = 'client-1'
const SECRET = 'secret-of-the-client'

/** `format`: opaque tokens are kept by the provider, which tells about them at `/token/introspection`. */
export async function startShapedProvider(
  shape: TokenShape,
  format: 'jwt' | 'opaque' = 'jwt',
): Promise<ShapedProvider> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = origin + shape.path
  let more: Claims = {}
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const resourceServer = {
    scope: 'openid mcp:execute mcp:admin',
    audience: RESOURCE,
    accessTokenFormat: format,
    jwt: { sign: { alg: 'RS256' } },
  } as const
  const client = {
    client_id: CLIENT,
    client_secret: SECRET,
    redirect_uris: ['http://127.0.0.1/callback'],
    grant_types: ['authorization_code', 'client_credentials'],
  }
  const configuration: Configuration = {
    clients: [client, { ...client, client_id: 'bridge' }],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid: 'key-1', use: 'sig', alg: 'RS256' }] },
    scopes: ['openid', 'mcp:execute', 'mcp:admin'],
    ttl: { Grant: 600, AccessToken: 600, ClientCredentials: 600 },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => resourceServer,
        useGrantedResource: () => true,
      },
    },
    formats: {
      customizers: {
        jwt: (_, token, jwt) => {
          const claims = jwt.payload as Claims
          const shaped = token.kind === 'ClientCredentials' ? shape.machine(claims) : shape.person(claims)
          jwt.payload = { ...shaped, ...more }
          jwt.header = { ...jwt.header, typ: shape.type }
        },
      },
    },
  }
  const provider = new Provider(issuer, configuration)
  const prefix = shape.path.replace(/\/$/, '')
  const callback = provider.callback()
  server.on('request', (request, response) => {
    if (request.url?.startsWith(prefix)) request.url = request.url.slice(prefix.length)
    void callback(request, response)
  })
  const post = async (path: string, form: Record<string, string>) => {
    const credentials = Buffer.from(`${CLIENT}:${SECRET}`).toString('base64')
    const answer = await fetch(`${origin}${prefix}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams(form),
    })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer
  }
  return {
    issuer,
    async tokenOfPerson(scope, changes = {}) {
      const found = await provider.Client.find(CLIENT)
      if (found === undefined) throw new Error('the client is not there')
      const grant = new provider.Grant({ accountId: 'alice', clientId: CLIENT })
      grant.addResourceScope(RESOURCE, scope)
      const token = new provider.AccessToken({
        accountId: 'alice',
        client: found,
        grantId: await grant.save(),
        gty: 'authorization_code',
        scope,
      } as ConstructorParameters<typeof provider.AccessToken>[0])
      token.resourceServer = new provider.ResourceServer(RESOURCE, resourceServer)
      more = changes
      const text = await token.save()
      more = {}
      return text
    },
    async tokenOfMachine(scope) {
      const answer = await post('/token', { grant_type: 'client_credentials', scope, resource: RESOURCE })
      return ((await answer.json()) as { access_token: string }).access_token
    },
    async revoke(token) {
      await post('/token/revocation', { token })
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const GUID = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'
const TENANT = '11111111-2222-3333-4444-555555555555'

/** Without what only the standard one says. */
const bare = ({ client_id: _, jti: __, ...claims }: Claims): Claims => claims
const without = (name: string, { [name]: _, ...claims }: Claims): Claims => claims

const entra = (path: string, client: 'azp' | 'appid', ver: string): TokenShape => ({
  path,
  type: 'JWT',
  person: (claims) => ({
    ...without('scope', bare(claims)),
    ...{ tid: TENANT, oid: GUID, sub: 'pairwise', [client]: CLIENT, scp: claims.scope, ver },
    ...(ver === '2.0' ? { preferred_username: 'alice@example.com' } : { upn: 'alice@example.com' }),
    name: 'Alice Example',
  }),
  machine: (claims) => ({
    ...without('scope', bare(claims)),
    ...{ tid: TENANT, oid: GUID, sub: GUID, [client]: CLIENT, roles: [claims.scope], ver },
    ...(ver === '2.0' && { idtyp: 'app' }),
  }),
})

/** As the reference pages of each show them; see docs/decisions/tokens-and-keys.md. */
export const SHAPES = {
  auth0: {
    path: '/',
    type: 'at+jwt',
    person: (claims) => ({
      ...bare(claims),
      sub: 'auth0|65f',
      aud: [RESOURCE, `${claims.iss}userinfo`],
      azp: CLIENT,
    }),
    machine: (claims) => ({
      ...bare(claims),
      sub: `${CLIENT}@clients`,
      azp: CLIENT,
      gty: 'client-credentials',
    }),
  },
  entra_v2: entra(`/${TENANT}/v2.0`, 'azp', '2.0'),
  entra_v1: entra(`/${TENANT}/`, 'appid', '1.0'),
  okta: {
    path: '/oauth2/default',
    person: (claims) => ({
      ...without('scope', bare(claims)),
      ...{ sub: 'alice@example.com', uid: '00u1', cid: CLIENT, scp: String(claims.scope).split(' '), ver: 1 },
    }),
    machine: (claims) => ({
      ...without('scope', bare(claims)),
      ...{ sub: CLIENT, cid: CLIENT, scp: String(claims.scope).split(' '), ver: 1 },
    }),
  },
  keycloak: {
    path: '/realms/r',
    type: 'JWT',
    person: (claims) => ({
      ...bare(claims),
      ...{ sub: 'f-1', typ: 'Bearer', azp: CLIENT, aud: [RESOURCE, 'account'] },
      ...{ preferred_username: 'alice', email: 'alice@example.com', email_verified: true },
      realm_access: { roles: ['operator'] },
    }),
    machine: (claims) => ({
      ...bare(claims),
      ...{ sub: 'f-2', typ: 'Bearer', azp: CLIENT, client_id: CLIENT },
      preferred_username: `service-account-${CLIENT}`,
    }),
  },
  standard: { path: '/standard', type: 'at+jwt', person: (claims) => claims, machine: (claims) => claims },
} as const satisfies Record<string, TokenShape>
