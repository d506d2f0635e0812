import { expect, test } from 'vitest'
import { authorizePath, openAuthServer, type Shown, VERIFIER } from '../../test/kit/auth-server.ts'
import { claimsOf } from '../../test/kit/authorization-server.ts'
import { CONSOLE_CLIENT } from './known-clients.ts'

const OWN_REDIRECT = 'https://ssh.example.com/bridge/console/callback'
const FOREIGN_REDIRECT = 'https://chatgpt.com/connector/oauth/abc'

test('a part of the bridge itself is given what it asks for of what the person may, without a question', async () => {
  const { browser, token } = await openAuthServer({
    firstParty: { clientId: CONSOLE_CLIENT, redirectUri: OWN_REDIRECT },
  })
  const path = authorizePath(CONSOLE_CLIENT, {
    redirect_uri: OWN_REDIRECT,
    scope: 'openid mcp:execute mcp:approve',
  })
  const signIn = (await browser().open(path)) as Shown
  expect(signIn.html).toContain('name="password"')
  const one = browser()
  const asked = (await one.open(path)) as Shown
  const answer = (await one.open(asked.path, { action: 'login', username: 'alice', password: 'x' })) as URL
  expect(answer.href).toMatch(OWN_REDIRECT)
  const { body } = await token({
    grant_type: 'authorization_code',
    client_id: CONSOLE_CLIENT,
    redirect_uri: OWN_REDIRECT,
    code: answer.searchParams.get('code') ?? '',
    code_verifier: VERIFIER,
  })
  const { scope } = claimsOf(body.access_token ?? '') as { scope: string }
  expect(scope.split(' ')).toContain('mcp:execute')
  expect(scope.split(' ')).not.toContain('mcp:approve')
})

test('a client of somebody else that is no program on a computer is asked about all the same', async () => {
  const { browser, register } = await openAuthServer({
    firstParty: { clientId: CONSOLE_CLIENT, redirectUri: OWN_REDIRECT },
  })
  const clientId = await register({ redirect_uris: [FOREIGN_REDIRECT], application_type: 'web' })
  const one = browser()
  const path = authorizePath(clientId, { redirect_uri: FOREIGN_REDIRECT })
  const asked = (await one.open(path)) as Shown
  const shown = (await one.open(asked.path, { action: 'login', username: 'alice', password: 'x' })) as Shown
  expect(shown.html).toContain('value="allow"')
})

test('the name of a part of the bridge leads back to its own address alone', async () => {
  const { browser } = await openAuthServer({
    firstParty: { clientId: CONSOLE_CLIENT, redirectUri: OWN_REDIRECT },
  })
  const path = authorizePath(CONSOLE_CLIENT, { redirect_uri: FOREIGN_REDIRECT })
  const shown = (await browser().open(path)) as Shown
  expect(shown.html).toContain('redirect_uri')
})
