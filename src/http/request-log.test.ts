import { expect, test } from 'vitest'
import { listen, testHttpApp } from '../../test/kit/http-app.ts'
import { shownPath } from './transfer-answers.ts'

test.each([
  ['/transfer/secret', '/transfer/…'],
  ['/oauth/set-up/secret', '/oauth/set-up/…'],
  ['/oauth/set-up/secret/more', '/oauth/set-up/…'],
  ['/oauth/sign-in/request', '/oauth/sign-in/request'],
  ['/%74ransfer/secret%zz', '/transfer/…'],
  ['/oauth/%73et-up/secret', '/oauth/set-up/…'],
  ['/mcp', '/mcp'],
  ['/%6dcp', '/%6dcp'],
])('the log shows no right that stands in a path: %s', (path, shown) => {
  expect(shownPath(path)).toBe(shown)
})

test('HEAD of a stream of events is answered like GET without its body, and leaves nothing open; GET goes on', async () => {
  const http = testHttpApp()
  const streams = { open: 0, ended: 0 }
  http.app.get('/stream', () => {
    streams.open += 1
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(': begun\n\n')),
      cancel: () => {
        streams.ended += 1
      },
    })
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } })
  })
  const server = await listen(http)
  const ask = (method: string) =>
    fetch(`${server.url}/stream`, { method, headers: { Authorization: 'Bearer good' } })
  const head = await ask('HEAD')
  expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([
    200,
    'text/event-stream',
    '',
  ])
  expect(streams).toEqual({ open: 1, ended: 1 })
  const reader = (await ask('GET')).body?.getReader()
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(': begun\n\n')
  expect(streams).toEqual({ open: 2, ended: 1 })
  await reader?.cancel()
  await server.close(0)
})

test('HEAD of a page has the headers of GET', async () => {
  const { app } = testHttpApp()
  const [get, head] = [await app.request('/health'), await app.request('/health', { method: 'HEAD' })]
  expect([head.status, head.headers.get('content-type')]).toEqual([200, get.headers.get('content-type')])
})
