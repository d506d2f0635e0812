import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ask } from './ask.ts'
import { openFetch } from './open-fetch.ts'

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function answering(answer: (response: ServerResponse, url: string) => void): Promise<string> {
  server = createServer((request, response) => answer(response, request.url ?? ''))
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const asked = (url: string, timeoutMs = 5_000) =>
  ask(openFetch({ timeoutMs }), url, {}, () => new Date('2026-11-30T12:00:00Z'))

test('an answer is told with its status, its headers as they came, and its JSON', async () => {
  const url = await answering((response) => {
    response.setHeader('access-control-allow-origin', ['*', 'https://a.example'])
    response.end('{"a": 1}')
  })
  const reply = await asked(url)
  expect(reply).toMatchObject({ kind: 'answered', status: 200, json: { a: 1 } })
  expect(reply.kind === 'answered' && reply.headers.get('access-control-allow-origin')).toBe(
    '*, https://a.example',
  )
})

test('a redirect is told and not followed', async () => {
  const seen: string[] = []
  const url = await answering((response, path) => {
    seen.push(path)
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  expect(await asked(url)).toMatchObject({ kind: 'answered', status: 302 })
  expect(seen).toEqual(['/'])
})

test.each<[string, (response: ServerResponse) => void]>([
  ['nothing', () => undefined],
  ['a head and no body', (response) => response.writeHead(200).flushHeaders()],
])('a server that sends %s is given up', async (_, answer) => {
  expect(await asked(await answering(answer), 100)).toMatchObject({ kind: 'silent', code: 'ETIMEDOUT' })
})

test('a document that is too large is given up', async () => {
  const url = await answering((response) => response.end(Buffer.alloc(3_000_000, 32)))
  expect(await asked(url)).toMatchObject({ kind: 'silent', code: 'TOO_LARGE' })
})

test.each([204, 304])('an answer with status %i has no body', async (status) => {
  const url = await answering((response) => response.writeHead(status).end())
  expect(await asked(url)).toMatchObject({ kind: 'answered', status, text: '' })
})
