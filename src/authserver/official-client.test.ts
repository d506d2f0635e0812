import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { auth, type OAuthClientProvider } from '@modelcontextprotocol/client'
import { expect, test } from 'vitest'
import {
  ALICE,
  claimsOf,
  REDIRECT_URI,
  startTestAuthorizationServer,
} from '../../test/kit/authorization-server.ts'
import { signIn } from '../cli/demo/browser.ts'

type Provider = OAuthClientProvider & {
  sentTo?: URL
  accessToken?: string
  refreshToken?: string | undefined
}

/** What an application keeps for the official client between its steps. */
function application(): Provider {
  let client: ReturnType<NonNullable<OAuthClientProvider['clientInformation']>>
  let tokens: ReturnType<OAuthClientProvider['tokens']>
  let verifier = ''
  let discovered: ReturnType<NonNullable<OAuthClientProvider['discoveryState']>>
  const provider: Provider = {
    redirectUrl: REDIRECT_URI,
    clientMetadata: {
      client_name: 'Official client',
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
    clientInformation: () => client,
    saveClientInformation: (information) => {
      client = information
    },
    tokens: () => tokens,
    saveTokens: (given) => {
      tokens = given
      provider.accessToken = given.access_token
    },
    redirectToAuthorization: (url) => {
      provider.sentTo = url
    },
    saveCodeVerifier: (text) => {
      verifier = text
    },
    codeVerifier: () => verifier,
    saveDiscoveryState: (state) => {
      discovered = state
    },
    discoveryState: () => discovered,
  }
  return provider
}

test('the official MCP client finds its way from an address to a token', async () => {
  const resourceServer = createServer((_request, response) => {
    const document = { resource, authorization_servers: [server.issuer], scopes_supported: ['mcp:execute'] }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => resourceServer.listen(0, '127.0.0.1', resolve))
  const resource = `http://127.0.0.1:${(resourceServer.address() as AddressInfo).port}/mcp`
  const server = await startTestAuthorizationServer({ resource })
  try {
    const provider = application()
    expect(await auth(provider, { serverUrl: resource })).toBe('REDIRECT')
    const person = { username: ALICE.username, password: ALICE.password, consent: 'allow' } as const
    const { searchParams } = await signIn(provider.sentTo?.href ?? '', REDIRECT_URI, person)
    const answer = { authorizationCode: searchParams.get('code') ?? '', iss: searchParams.get('iss') ?? '' }
    expect(await auth(provider, { serverUrl: resource, ...answer })).toBe('AUTHORIZED')
    expect(claimsOf(provider.accessToken ?? '')).toMatchObject({
      aud: resource,
      sub: 'alice',
      scope: 'mcp:execute',
    })
  } finally {
    await server.close()
    resourceServer.close()
  }
})
