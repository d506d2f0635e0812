import type {
  AdapterFactory,
  Configuration,
  ErrorOut,
  KoaContextWithOIDC,
  ResourceServer,
} from 'oidc-provider'
import type { ClientDocuments } from './client-documents.ts'
import { FAILED } from './fault-page.ts'
import { interactionPolicy } from './interactions.ts'
import {
  type FirstParty,
  firstPartyClients,
  grantOfOwn,
  type MachineClient,
  machineClient,
} from './known-clients.ts'
import type { ProviderLibrary } from './load-provider.ts'
import type { Account, Login } from './login.ts'
import { pageHeaders, problemPage } from './pages.ts'
import { IDENTITY_SCOPES } from './scope-sentences.ts'
import type { KeyRing, SigningAlgorithm } from './signing-keys.ts'

/** Where everything of the server is, behind its own address. */
export const PATHS = {
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  keys: '/oauth/jwks',
  register: '/oauth/register',
  revoke: '/oauth/revoke',
  signIn: '/oauth/sign-in/',
} as const

export interface ProviderPolicy {
  /** The protected resources for which tokens are given (RFC 8707), each also the `aud` of its tokens. The first is the default. */
  readonly resources: readonly string[]
  /** Every scope that can be given, beside those that say who somebody is. */
  readonly scopes: readonly string[]
  readonly people: Pick<Login, 'find'>
  /** Clients without a user (client credentials). Only these may use that grant: registration is open, so a registered client may not. */
  readonly machineClients: readonly MachineClient[]
  readonly firstParty?: FirstParty
  /** May be negative, for tokens that have expired when they are given. */
  readonly accessTokenSeconds: number
  readonly tokenAlgorithm: SigningAlgorithm
  /** Since it was last used. */
  readonly refreshTokenSeconds: number
  readonly canRegister: boolean
}

/** What the provider is built on. */
export interface ProviderParts {
  readonly adapter: AdapterFactory
  readonly ring: KeyRing
  readonly documents: ClientDocuments
  /** The path of the issuer, in front of every path of a page; empty for most. */
  readonly prefix: string
}

/** A browser stays signed in for a working day; consent is asked for each time all the same. */
const SESSION_S = 12 * 3_600
const INTERACTION_S = 600
const CODE_S = 60
const ID_TOKEN_S = 600

/**
 * What the bridge asks of an authorization server and nothing beside it: code with PKCE S256, refresh tokens that are used once, JWTs for its own
 * addresses. The same for the bridge's own server and for the one of demo and tests.
 */
export function providerSettings(
  policy: ProviderPolicy,
  { adapter, ring, documents, prefix }: ProviderParts,
  library: ProviderLibrary,
): Configuration {
  const { scopes, people, machineClients, accessTokenSeconds, refreshTokenSeconds } = policy
  const ttlSeconds = Math.max(1, accessTokenSeconds)
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, overwrite: true } as const

  return {
    adapter,
    jwks: { keys: ring.keys.map(({ kid, alg, privateJwk }) => ({ ...privateJwk, kid, alg, use: 'sig' })) },
    cookies: {
      keys: [...ring.cookieSecrets],
      names: { session: 'sign_in_session', interaction: 'sign_in_request', resume: 'sign_in_resume' },
      long: { ...cookie, path: `${prefix}/oauth` },
      short: cookie,
    },
    routes: {
      authorization: PATHS.authorize,
      token: PATHS.token,
      jwks: PATHS.keys,
      registration: PATHS.register,
      revocation: PATHS.revoke,
    },
    clients: [...machineClients.map(machineClient), ...firstPartyClients(policy.firstParty)],
    // Loopback with any port (RFC 8252 §7.3), and consent each time.
    clientDefaults: { application_type: 'native', grant_types: ['authorization_code', 'refresh_token'] },
    clientAuthMethods: ['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'],
    scopes: [...IDENTITY_SCOPES, ...scopes],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
    responseTypes: ['code'],
    // OAuth 2.1 §4.1.1: every client proves that the code is its own. The library knows S256 only.
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clientBasedCORS: (_context, origin) => isLoopbackOrigin(origin),
    interactions: {
      url: (_context, interaction) => `${prefix}${PATHS.signIn}${interaction.uid}`,
      policy: interactionPolicy(library.interactionPolicy),
    },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: policy.canRegister, issueRegistrationAccessToken: false },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => client.clientId === token.clientId,
      },
      clientIdMetadataDocument: documents.feature,
      clientCredentials: { enabled: machineClients.length > 0 },
      dPoP: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: resourceIndicators(policy, ring, ttlSeconds, library),
    },
    fetch: documents.fetch,
    findAccount: async (context, subject, token) => {
      const account = await people.find(subject)
      if (account === undefined || isOld(account, begunAt(context, token))) return undefined
      return { accountId: subject, claims: () => ({ ...tokenClaims(account), sub: subject }) }
    },
    extraTokenClaims: async (_context, token) => {
      const account = 'accountId' in token ? await people.find(String(token.accountId)) : undefined
      return account && { ...tokenClaims(account), groups: [...account.groups] }
    },
    loadExistingGrant: async (context) => {
      const { oidc } = context
      const grantId = oidc.result?.consent?.grantId
      if (grantId !== undefined) return oidc.provider.Grant.find(grantId)
      // Every other client is taken for a program on a computer, and asked about each time.
      return oidc.client?.clientId === policy.firstParty?.clientId ? grantOfOwn(context, policy) : undefined
    },
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    // guard: refresh-tokens-rotate
    rotateRefreshToken: () => true,
    revokeGrantPolicy: () => true,
    formats: {
      customizers: {
        jwt: (_context, _token, jwt) => {
          if (accessTokenSeconds < 1) jwt.payload.exp = Number(jwt.payload.iat) + accessTokenSeconds
        },
      },
    },
    renderError: (context, out, error) => {
      context.set(pageHeaders())
      context.body = problemPage('This did not work', explained(out, error))
    },
    ttl: {
      AccessToken: ttlSeconds,
      AuthorizationCode: CODE_S,
      ClientCredentials: ttlSeconds,
      // Lengthened whenever its refresh token is used.
      Grant: refreshTokenSeconds + INTERACTION_S,
      IdToken: ID_TOKEN_S,
      Interaction: INTERACTION_S,
      RefreshToken: refreshTokenSeconds,
      Session: SESSION_S,
    },
  }
}

function resourceIndicators(
  { resources, scopes, machineClients, people, tokenAlgorithm }: ProviderPolicy,
  ring: KeyRing,
  ttlSeconds: number,
  { errors }: ProviderLibrary,
): NonNullable<NonNullable<Configuration['features']>['resourceIndicators']> {
  const machine = new Map(machineClients.map((client) => [client.clientId, client]))
  const signing = ring.keys.find(({ alg }) => alg === tokenAlgorithm)
  return {
    enabled: true,
    defaultResource: (_context, _client, oneOf) => oneOf?.[0] ?? resources[0] ?? [],
    useGrantedResource: () => true,
    async getResourceServerInfo(context, indicator, client): Promise<ResourceServer> {
      // guard: own-resources-only
      const audience = resources.find((resource) => withoutSlash(resource) === withoutSlash(indicator))
      const machineScopes = machine.get(client.clientId)?.scopes
      const withoutUser = context.oidc.params?.grant_type === 'client_credentials'
      if (audience === undefined || (withoutUser && machineScopes === undefined))
        throw new errors.InvalidTarget()
      // At the token endpoint: what this person may give now, which may be less than it was.
      const subject = context.oidc.entities.Account?.accountId
      const may = subject === undefined ? undefined : await people.find(subject)
      const offered =
        machineScopes ?? scopes.filter((scope) => may === undefined || may.scopes.includes(scope))
      return {
        audience,
        scope: offered.join(' '),
        accessTokenTTL: ttlSeconds,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: tokenAlgorithm, ...(signing && { kid: signing.kid }) } },
      }
    },
  }
}

/** For whoever sits in front of the page: the client has sent them here and cannot be told. */
function explained(out: ErrorOut, error: Error): string {
  if (out.error === 'server_error') return FAILED
  const { error_detail: detail } = error as { error_detail?: string }
  const said = `${out.error}: ${detail ?? out.error_description ?? ''}`
  return out.error === 'invalid_client' && !said.includes('document')
    ? `${said}. Your client is not known here, or not any more. Remove the connection in it, and add it again.`
    : said
}

/** When the sign-in was that this goes back to, in seconds; of a browser session, or of the code or refresh token at hand. */
function begunAt({ oidc }: KoaContextWithOIDC, token: unknown): number | undefined {
  const { iiat, iat } = (token ?? {}) as { iiat?: number; iat?: number }
  return iiat ?? iat ?? oidc.session?.loginTs
}

function isOld({ notBefore }: Account, begunS: number | undefined): boolean {
  // guard: new-password-ends-sessions
  return notBefore !== undefined && begunS !== undefined && begunS < Math.floor(notBefore.getTime() / 1000)
}

/** What is said of somebody in the access token, so that a resource server can name the human without asking back. */
function tokenClaims({ username, name, email }: Account): Record<string, unknown> {
  return {
    preferred_username: username,
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email }),
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
