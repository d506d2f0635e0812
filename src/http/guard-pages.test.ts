import { expect, test } from 'vitest'
import { mountEcho, testHttpApp } from '../../test/kit/http-app.ts'

function echo(headers: Readonly<Record<string, string>>, path = '/echo') {
  const { app, events } = testHttpApp({
    settings: {
      cors: {
        origins: ['https://chatgpt.com'],
        allowCredentials: false,
        allowMethods: [],
        allowHeaders: [],
      },
    },
  })
  mountEcho(app)
  const asked = app.request(`http://localhost${path}`, {
    headers: { Authorization: 'Bearer good', ...headers },
  })
  return { asked, events }
}

test.each([
  ['a picture', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' }],
  ['a link', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }],
  ['a frame of a sibling', { 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'navigate' }],
])(
  'what a page of another site has a browser ask for is refused, and is no call of anybody: %s',
  async (_, headers) => {
    const { asked, events } = echo(headers as Record<string, string>)
    const answer = await asked
    expect([answer.status, await answer.json()]).toMatchObject([403, { error: { code: 'forbidden' } }])
    expect(events).toEqual([])
  },
)

test.each([
  ['a program', {}],
  ['a page of this server', { 'Sec-Fetch-Site': 'same-origin' }],
  ['an address that was typed', { 'Sec-Fetch-Site': 'none', 'Sec-Fetch-Mode': 'navigate' }],
  ['a listed page', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://chatgpt.com' }],
])('what is asked by %s goes on', async (_, headers) => {
  expect((await echo(headers as Record<string, string>).asked).status).toBe(200)
})

test.each(['/health', '/docs', '/.well-known/oauth-protected-resource', '/connect'])(
  'a link from anywhere leads to %s, which is for everybody',
  async (path) => {
    const { asked } = echo({ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }, path)
    expect((await asked).status).not.toBe(403)
  },
)
