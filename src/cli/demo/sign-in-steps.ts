import { expectEqual, expectIncludes, known, StepFailed } from './expect.ts'
import { callTool } from './mcp-client.ts'
import { authorize, exchangeCode, fetchServerMetadata, registerClient } from './oauth-client.ts'
import { SCOPES } from './stage.ts'
import { REDIRECT_URI, type Step } from './story.ts'

/** From an address and nothing else to a bearer token. */
export const signInSteps: readonly Step[] = [
  {
    title: 'client discovered who protects the bridge',
    async play({ bridgeUrl, issuer }, story) {
      const refused = await callTool(story.endpoint, undefined, 'list_hosts')
      expectEqual('a call without a token', refused.status, 401)
      expectEqual(
        'error code of a challenge without credentials (RFC 6750 §3.1)',
        refused.challenge.error,
        undefined,
      )
      const metadataUrl = known('resource_metadata in the challenge', refused.challenge.resource_metadata)

      const named = await protectedResource(metadataUrl)
      const root = await protectedResource(`${bridgeUrl}/.well-known/oauth-protected-resource`)
      for (const document of [named, root]) {
        expectEqual('authorization_servers', document.authorization_servers, [issuer])
        expectEqual('bearer_methods_supported', document.bearer_methods_supported, ['header'])
        expectIncludes('scopes_supported', document.scopes_supported, SCOPES.execute)
      }
      story.resource = named.resource

      const [server = ''] = named.authorization_servers
      story.metadata = await fetchServerMetadata(server)
      expectIncludes('PKCE methods', story.metadata.code_challenge_methods_supported, 'S256')
      return { detail: `401 → ${metadataUrl} → ${server}` }
    },
  },
  {
    title: 'client registered',
    async play(_stage, story) {
      story.client = await registerClient(known('server metadata', story.metadata), REDIRECT_URI)
      if (!/^\S+$/.test(story.client.clientId))
        throw new StepFailed('client_id', 'an id', story.client.clientId)
      return { detail: `client_id ${story.client.clientId}` }
    },
  },
  {
    title: 'user authenticated',
    async play({ user }, story) {
      const metadata = known('server metadata', story.metadata)
      const client = known('registered client', story.client)
      const resource = known('resource', story.resource)
      const person = { ...user, consent: 'allow' } as const
      story.code = await authorize(metadata, client, person, { scopes: [SCOPES.execute], resource })
      return {
        detail: `${user.email} signed in and allowed ${SCOPES.execute} (PKCE S256, iss and state checked)`,
      }
    },
  },
  {
    title: 'code exchanged for an access token',
    async play(_stage, story) {
      const metadata = known('server metadata', story.metadata)
      const client = known('registered client', story.client)
      const resource = known('resource', story.resource)
      story.token = await exchangeCode(metadata, client, known('code', story.code), resource)
      expectEqual('scopes of the token', story.token.scopes, [SCOPES.execute])
      return { detail: `for ${resource}, good for ${story.token.expiresInSeconds} s` }
    },
  },
]

interface ProtectedResource {
  readonly resource: string
  readonly authorization_servers: readonly string[]
  readonly scopes_supported: readonly string[]
  readonly bearer_methods_supported: readonly string[]
}

async function protectedResource(url: string): Promise<ProtectedResource> {
  const response = await fetch(url)
  expectEqual(url, response.status, 200)
  return (await response.json()) as ProtectedResource
}
