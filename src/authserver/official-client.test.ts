import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { auth } from '@modelcontextprotocol/client'
import { expect, test } from 'vitest'
import {
  ALICE,
  claimsOf,
  REDIRECT_URI,
  startTestAuthorizationServer,
} from '../../test/kit/authorization-server.ts'
import { oauthApplication } from '../../test/kit/oauth-application.ts'
import { signIn } from '../cli/demo/browser.ts'

test('the official MCP client finds its way from an address to a token', async () => {
  const resourceServer = createServer((_request, response) => {
    const document = { resource, authorization_servers: [server.issuer], scopes_supported: ['mcp:execute'] }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(document))
  })
  await new Promise<void>((resolve) => resourceServer.listen(0, '127.0.0.1', resolve))
  const resource = `http://127.0.0.1:${(resourceServer.address() as AddressInfo).port}/mcp`
  const server = await startTestAuthorizationServer({ resource })
  try {
    const provider = oauthApplication({ redirectUrl: REDIRECT_URI })
    expect(await auth(provider, { serverUrl: resource })).toBe('REDIRECT')
    const person = { username: ALICE.username, password: ALICE.password, consent: 'allow' } as const
    const { searchParams } = await signIn(provider.sentTo?.href ?? '', REDIRECT_URI, person)
    const answer = { authorizationCode: searchParams.get('code') ?? '', iss: searchParams.get('iss') ?? '' }
    expect(await auth(provider, { serverUrl: resource, ...answer })).toBe('AUTHORIZED')
    expect(claimsOf(provider.kept?.access_token ?? '')).toMatchObject({
      aud: resource,
      sub: 'alice',
      scope: 'mcp:execute',
    })
  } finally {
    await server.close()
    resourceServer.close()
  }
})
