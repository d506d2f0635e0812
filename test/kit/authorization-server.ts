import {
  type EmbeddedAuthorizationServer,
  type EmbeddedAuthorizationServerOptions,
  type EmbeddedUser,
  startAuthorizationServer,
} from '../../src/authserver/embedded.ts'
import {
  authorize,
  exchangeCode,
  fetchServerMetadata,
  registerClient,
} from '../../src/cli/demo/oauth-client.ts'

/** Nothing listens there: the code is read from the redirect itself. */
export const REDIRECT_URI = 'http://127.0.0.1/callback'

export const ALICE: EmbeddedUser = {
  username: 'alice',
  password: 'correct horse battery',
  email: 'alice@example.com',
  name: 'Alice Example',
}

export const BOB: EmbeddedUser = {
  username: 'bob',
  password: 'staple tin lantern',
  email: 'bob@example.com',
  name: 'Bob Example',
  scopes: ['mcp:execute'],
}

export interface TestAuthorizationServer extends EmbeddedAuthorizationServer {
  /** Walks the whole way as a client and a person would: metadata, registration, login, consent, PKCE, token. */
  tokenFor(
    user: EmbeddedUser,
    wanted?: { readonly scopes?: readonly string[]; readonly resource?: string },
  ): Promise<string>
}

/** A real authorization server with Alice (all scopes) and Bob (`mcp:execute` at most). The caller closes it. */
export async function startTestAuthorizationServer(
  options: Pick<EmbeddedAuthorizationServerOptions, 'resource'> & Partial<EmbeddedAuthorizationServerOptions>,
): Promise<TestAuthorizationServer> {
  const settings = { scopes: ['mcp:execute', 'mcp:admin'], users: [ALICE, BOB], ...options }
  const server = await startAuthorizationServer(settings)
  const [first = ''] = typeof settings.resource === 'string' ? [settings.resource] : settings.resource
  return {
    ...server,
    async tokenFor(user, { scopes = ['mcp:execute'], resource = first } = {}) {
      const metadata = await fetchServerMetadata(server.issuer)
      const client = await registerClient(metadata, REDIRECT_URI)
      const person = { username: user.username, password: user.password, consent: 'allow' } as const
      const code = await authorize(metadata, client, person, { scopes, resource })
      return (await exchangeCode(metadata, client, code, resource)).accessToken
    },
  }
}

/** The claims of a token as they stand in it, unverified. */
export function claimsOf(token: string): Record<string, unknown> {
  return decode(token, 1)
}

export function headerOf(token: string): Record<string, unknown> {
  return decode(token, 0)
}

function decode(token: string, part: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString('utf8'))
}
