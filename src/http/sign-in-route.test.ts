import { expect, test } from 'vitest'
import { testHttpApp } from '../../test/kit/http-app.ts'
import type { SignInDoor } from './sign-in-route.ts'

const HOST = 'http://localhost'

function opened() {
  const asked: { path: string; method: string; body: string; remoteAddress?: string }[] = []
  const signIn: SignInDoor = {
    async answer({ request, ...rest }) {
      const { pathname, search } = new URL(request.url)
      asked.push({ path: pathname + search, method: request.method, body: await request.text(), ...rest })
      const headers = new Headers({ 'content-security-policy': 'its own' })
      headers.append('set-cookie', 'a=1')
      headers.append('set-cookie', 'b=2')
      return new Response('answered', { status: 418, headers })
    },
  }
  return { ...testHttpApp({ signIn }), asked }
}

test('the login answers without a principal, with cookies and headers of its own', async () => {
  const { app, asked } = opened()
  const answer = await app.request(`${HOST}/oauth/authorize?client_id=x`)
  expect([answer.status, await answer.text(), answer.headers.getSetCookie()]).toEqual([
    418,
    'answered',
    ['a=1', 'b=2'],
  ])
  expect(answer.headers.get('content-security-policy')).toBe('its own')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  await app.request(`${HOST}/oauth/token`, { method: 'POST', body: new URLSearchParams({ a: 'b' }) })
  expect(asked).toEqual([
    { path: '/oauth/authorize?client_id=x', method: 'GET', body: '' },
    { path: '/oauth/token', method: 'POST', body: 'a=b' },
  ])
})

test('without it, its paths are like any other that needs a principal', async () => {
  const { app } = testHttpApp()
  for (const path of ['/oauth/token', '/oauth/register', '/.well-known/oauth-authorization-server'])
    expect([path, (await app.request(`${HOST}${path}`)).status]).toEqual([path, 401])
})

test('a body longer than any form is refused before the login sees it, however it is sent', async () => {
  const { app, asked } = opened()
  const post = (bytes: number) =>
    app.request(`${HOST}/oauth/register`, { method: 'POST', body: 'x'.repeat(bytes) })
  expect((await post(16_384)).status).toBe(418)
  expect((await post(16_385)).status).toBe(413)
  expect(asked).toHaveLength(1)
})

test('a page from elsewhere, and a name that is not this server, do not reach it', async () => {
  const { app, asked } = opened()
  for (const path of ['/oauth/token', '/oauth/register', '/oauth/sign-in/x', '/oauth/authorize'])
    for (const headers of [
      { origin: 'https://evil.example.com' },
      { origin: 'null' },
      { host: 'evil.example.com' },
    ])
      expect((await app.request(`${HOST}${path}`, { method: 'POST', headers })).status).toBe(403)
  expect(asked).toEqual([])
})

test('a page on this machine reaches what it asks by script, and no page that a person answers', async () => {
  const { app } = opened()
  const origin = 'http://localhost:6274'
  const status = async (path: string) =>
    (await app.request(`${HOST}${path}`, { method: 'POST', headers: { origin } })).status
  for (const path of ['/oauth/token', '/oauth/register', '/oauth/revoke'])
    expect(await status(path)).toBe(418)
  for (const path of ['/oauth/sign-in/x', '/oauth/authorize']) expect(await status(path)).toBe(403)
})
