import type { Configuration, JWK, ResourceServer } from 'oidc-provider'
import type { Clock } from '../lib/clock.ts'
import { randomHex } from '../lib/ids.ts'
import { memoryAdapter } from './memory-adapter.ts'
import { PAGE_HEADERS, problemPage } from './pages.ts'
import { type EmbeddedUser, tokenClaims } from './users.ts'

export interface ProviderPolicy {
  /** The protected resources for which tokens are given (RFC 8707), each also the `aud` of its tokens. */
  readonly resources: readonly string[]
  readonly scopes: readonly string[]
  readonly users: readonly EmbeddedUser[]
  /** Clients without a user (client credentials). Only these may use that grant: registration is open, so a registered client may not. */
  readonly machineClients: readonly MachineClient[]
  /** May be negative, for tokens that have expired when they are given. */
  readonly accessTokenSeconds: number
}

export interface MachineClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: readonly string[]
}

/** What the bridge asks of an authorization server and nothing beside it: open registration, code with PKCE, resource-bound JWTs. */
export function providerSettings(
  policy: ProviderPolicy,
  signingKey: JWK,
  refuseResource: () => never,
  clock: Clock,
): Configuration {
  const { resources, scopes, users, machineClients, accessTokenSeconds } = policy
  const ttlSeconds = Math.max(1, accessTokenSeconds)
  const machine = new Map(machineClients.map((client) => [client.clientId, client]))

  return {
    adapter: memoryAdapter(clock),
    jwks: { keys: [signingKey] },
    cookies: { keys: [randomHex()], long: { signed: true }, short: { signed: true } },
    clients: machineClients.map(({ clientId, clientSecret }) => ({
      client_id: clientId,
      client_secret: clientSecret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    })),
    scopes: ['openid', 'profile', 'email', 'offline_access', ...scopes],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
    responseTypes: ['code'],
    // OAuth 2.1 §4.1.1: every client proves that the code is its own. The library knows S256 only.
    pkce: { required: () => true },
    clientBasedCORS: (_context, origin) => isLoopbackOrigin(origin),
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      clientCredentials: { enabled: machineClients.length > 0 },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, _client, oneOf) => oneOf?.[0] ?? resources[0],
        useGrantedResource: () => true,
        getResourceServerInfo: (context, indicator, client): ResourceServer => {
          const audience = resources.find((resource) => withoutSlash(resource) === withoutSlash(indicator))
          const machineScopes = machine.get(client.clientId)?.scopes
          const withoutUser = context.oidc.params?.grant_type === 'client_credentials'
          if (audience === undefined || (withoutUser && machineScopes === undefined)) return refuseResource()
          return {
            audience,
            scope: (machineScopes ?? scopes).join(' '),
            accessTokenTTL: ttlSeconds,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }
        },
      },
    },
    findAccount: (_context, subject) => {
      const user = users.find(({ username }) => username === subject)
      return user && { accountId: subject, claims: () => ({ ...tokenClaims(user), sub: subject }) }
    },
    extraTokenClaims: (_context, token) => {
      const user = 'accountId' in token && users.find(({ username }) => username === token.accountId)
      return user ? tokenClaims(user) : undefined
    },
    formats: {
      customizers: {
        jwt: (_context, _token, jwt) => {
          if (accessTokenSeconds < 1) jwt.payload.exp = Number(jwt.payload.iat) + accessTokenSeconds
        },
      },
    },
    renderError: (context, out) => {
      context.set(PAGE_HEADERS)
      context.body = problemPage('This did not work', `${out.error}: ${out.error_description ?? ''}`)
    },
    ttl: {
      AccessToken: ttlSeconds,
      AuthorizationCode: 60,
      ClientCredentials: ttlSeconds,
      Grant: 86_400,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 86_400,
    },
  }
}

/** Browser-based clients on this machine (such as an inspector) may read the answers; pages from elsewhere may not. */
function isLoopbackOrigin(origin: string): boolean {
  const hostname = URL.parse(origin)?.hostname
  return hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]'
}

/** Some clients rebuild the address with URL, which ends a bare origin in a slash: both name the same resource. */
function withoutSlash(address: string): string {
  return address.replace(/\/$/, '')
}
