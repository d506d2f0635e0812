import { expect, test } from 'vitest'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { MemoryState } from '../authserver/memory-state.ts'
import { ConsoleSignIn } from './console-sign-in.ts'

const ISSUER = 'https://login.example.com'
const BACK = 'https://ssh.example.com/console/callback'

/** A provider that gives a token for every code, whatever it is: what is looked at is what the console makes of it. */
function opened(state = new MemoryState(new ManualClock())) {
  const forms: URLSearchParams[] = []
  const signIn = new ConsoleSignIn({
    settings: () => ({
      issuer: ISSUER,
      clientId: 'console',
      scopes: ['openid', 'mcp:approve'],
      parameters: { resource: 'https://ssh.example.com' },
    }),
    state,
    clock: new ManualClock(),
    fetch: async (address, options) => {
      if (new URL(address).pathname === '/token') {
        forms.push(new URLSearchParams(String(options.body)))
        return Response.json({ access_token: 'a-token', token_type: 'bearer', expires_in: 60 })
      }
      return Response.json({
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/authorize`,
        token_endpoint: `${ISSUER}/token`,
        authorization_response_iss_parameter_supported: true,
      })
    },
  })
  return { signIn, forms }
}

/** What the provider sends the browser back with. */
function answerTo(url: URL, changes: Readonly<Record<string, string>> = {}): string {
  const state = url.searchParams.get('state') ?? ''
  return `?${new URLSearchParams({ code: 'a-code', state, iss: ISSUER, ...changes })}`
}

test('asks with PKCE, state and resource, and gives the code back with what only it knows', async () => {
  const { signIn, forms } = opened()
  const { url, id } = await signIn.begin(BACK, '/console/now')
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    response_type: 'code',
    client_id: 'console',
    code_challenge_method: 'S256',
    resource: 'https://ssh.example.com',
    scope: 'openid mcp:approve',
    redirect_uri: BACK,
  })
  const finished = await signIn.finish(id, answerTo(url))
  expect(finished).toMatchObject({ to: '/console/now', tokens: { accessToken: 'a-token' } })
  expect(forms[0]?.get('code_verifier')).toMatch(/^[\w-]{43}$/)
  expect(url.href).not.toContain(forms[0]?.get('code_verifier'))
})

test('an answer counts once', async () => {
  const { signIn, forms } = opened()
  const { url, id } = await signIn.begin(BACK, '/console/')
  expect(await signIn.finish(id, answerTo(url))).toBeDefined()
  expect(await signIn.finish(id, answerTo(url))).toBeUndefined()
  expect(forms).toHaveLength(1)
})

test.each([
  ['of another state', { state: 'other' }],
  ['of another provider', { iss: 'https://other.example.com' }],
])('an answer %s is refused before the code is shown to anybody', async (_, changes) => {
  const { signIn, forms } = opened()
  const { url, id } = await signIn.begin(BACK, '/console/')
  await expect(signIn.finish(id, answerTo(url, changes))).rejects.toThrow()
  expect(forms).toEqual([])
})

test('however many are begun and never answered, they take no more room than that of two thousand', async () => {
  const state = new MemoryState(new ManualClock())
  const { signIn } = opened(state)
  for (let begun = 0; begun < 2_100; begun += 1) await signIn.begin(BACK, '/console/')
  expect(await state.count('console_sign_in')).toBeLessThanOrEqual(2_001)
  const { url, id } = await signIn.begin(BACK, '/console/')
  expect(await signIn.finish(id, answerTo(url))).toBeDefined()
})
