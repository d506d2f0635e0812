import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, mountEcho, testHttpApp } from '../../test/kit/http-app.ts'
import { sendRaw } from '../../test/kit/raw-http.ts'
import type { HttpServer } from './server.ts'

// What no client library would send: the bytes themselves, to the real server. What it must not take: test/journeys/hardening.test.ts.

let server: HttpServer
const http = testHttpApp({ settings: { bodyBytes: 1_000, publicUrl: 'https://ssh-mcp.example.com' } })
mountEcho(http.app)

beforeAll(async () => {
  server = await listen(http, {
    limits: { headersTimeoutMs: 300, requestTimeoutMs: 600, headerBytes: 16_384 },
  })
})
afterAll(() => server.close(0))

const END = 'Connection: close\r\n\r\n'
const HOST = 'Host: localhost:{port}\r\n'
const TOKEN = 'Authorization: Bearer good\r\n'
const JSON_TYPE = 'Content-Type: application/json\r\n'

describe('a request to the real server', () => {
  test('is answered by the public name', async () => {
    const text = `GET /echo HTTP/1.1\r\nHost: ssh-mcp.example.com\r\n${TOKEN}${END}`
    expect((await sendRaw(server.port, text)).status).toBe(200)
  })

  test.each([
    [
      'that says it is forwarded for loopback',
      `GET /metrics HTTP/1.1\r\n${HOST}X-Forwarded-For: 127.0.0.1\r\n${END}`,
    ],
    ['with a path that climbs into an open one', `GET /health/../echo HTTP/1.1\r\n${HOST}${END}`],
    ['with an encoded path that ends in an open one', `GET /echo%2f..%2fhealth HTTP/1.1\r\n${HOST}${END}`],
  ])('is refused without a token %s', async (_, text) => {
    expect((await sendRaw(server.port, text)).status).toBe(401)
  })

  test('is refused for a foreign host before its token is looked at', async () => {
    http.events.length = 0
    await sendRaw(server.port, `GET /echo HTTP/1.1\r\nHost: evil.example.net\r\n${END}`)
    expect(http.events).toEqual([])
  })

  test('may read /metrics without a token from this machine, when no proxy passed it on', async () => {
    const direct = await sendRaw(server.port, `GET /metrics HTTP/1.1\r\n${HOST}${END}`)
    const proxied = await sendRaw(server.port, `GET /metrics HTTP/1.1\r\n${HOST}Via: 1.1 proxy\r\n${END}`)
    expect([direct.status, direct.body, proxied.status]).toEqual([200, 'bridge_up 1\n', 401])
  })

  test('cannot say where it comes from: nobody is trusted', async () => {
    const headers =
      'X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Host: evil.example.net\r\nX-Forwarded-Proto: http\r\n'
    const { body } = await sendRaw(server.port, `GET /echo HTTP/1.1\r\n${HOST}${TOKEN}${headers}${END}`)
    expect(JSON.parse(body)).toEqual({ remote: '127.0.0.1', publicUrl: 'https://ssh-mcp.example.com' })
  })

  test('is answered in JSON even when it cannot be read', async () => {
    const { body } = await sendRaw(server.port, `GET /echo HTTP/1.1\r\nHost: a b\r\n${END}`)
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'bad_request' } })
  })
})

describe('a slow or endless request', () => {
  test('whose headers never end is cut, even when its body may take long', async () => {
    const limits = { headersTimeoutMs: 200, requestTimeoutMs: 3_600_000 }
    const patient = await listen(testHttpApp(), { limits })
    expect((await sendRaw(patient.port, `GET /echo HTTP/1.1\r\n${HOST}X-Slow: `)).status).toBe(408)
    await patient.close(0)
  })

  test('whose body never comes is cut', async () => {
    const text = `POST /echo HTTP/1.1\r\n${HOST}${TOKEN}${JSON_TYPE}Content-Length: 10\r\n\r\n{`
    expect((await sendRaw(server.port, text)).status).toBe(408)
  })

  test('that breaks off is no defect of the bridge', async () => {
    http.lines.length = 0
    const socket = connect(server.port, '127.0.0.1')
    const head = `POST /echo HTTP/1.1\r\n${HOST}${TOKEN}${JSON_TYPE}Content-Length: 10\r\n\r\n{`
    socket.write(head.replace('{port}', String(server.port)), () => setImmediate(() => socket.destroy()))
    await expect.poll(() => http.lines.join()).toContain('POST /echo 400')
    expect(http.lines.join()).not.toContain('defect')
  })
})

test('a server behind a trusted proxy publishes what the proxy says, and guards that too', async () => {
  const behind = testHttpApp({ settings: { bindAddress: '0.0.0.0', trustedProxies: ['127.0.0.0/8'] } })
  mountEcho(behind.app)
  const started = await listen(behind)
  const ask = (forwardedHost: string) =>
    sendRaw(
      started.port,
      `GET /echo HTTP/1.1\r\n${HOST}${TOKEN}X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: ${forwardedHost}\r\n${END}`,
    )
  const [own, foreign] = [await ask('192.0.2.10'), await ask('evil.example.net')]
  await started.close(0)
  expect(JSON.parse(own.body)).toEqual({ remote: '198.51.100.7', publicUrl: 'https://192.0.2.10' })
  expect(foreign.status).toBe(403)
})
