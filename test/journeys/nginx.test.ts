import type { IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostName } from '../../src/domain/host.ts'
import { Permit } from '../../src/domain/permit.ts'
import type { Upload } from '../../src/domain/transfer.ts'
import type { HttpServer } from '../../src/http/server.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { RunningCalls } from '../../src/pipeline/running-calls.ts'
import { TransferLinks } from '../../src/pipeline/transfer-links.ts'
import { listen, mountEcho, type TestHttp, testHttpApp, user } from '../kit/http-app.ts'
import { memoryLinks } from '../kit/memory-links.ts'
import { type Nginx, startNginx } from '../kit/nginx.ts'

const PUBLIC_URL = 'https://ssh-mcp.example.com'

let http: TestHttp
let links: TransferLinks
let server: HttpServer
let nginx: Nginx
let release: () => void = () => undefined
let left: Promise<void>

beforeAll(async () => {
  links = new TransferLinks({
    store: memoryLinks(systemClock),
    streams: () => ({ openUpload, openDownload: () => Promise.reject(new Error('nothing to fetch')) }),
    isAllowed: () => true,
    running: new RunningCalls(),
    audit: { append: () => Promise.resolve(), problem: () => undefined },
    clock: systemClock,
    onDownloaded: () => undefined,
    ttlMs: () => 60_000,
  })
  links.serveAt(() => PUBLIC_URL)
  http = testHttpApp({
    transfers: links,
    settings: { publicUrl: PUBLIC_URL, trustedProxies: ['127.0.0.1'], bodyBytes: 100_000 },
  })
  mountEcho(http.app)
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  let hasLeft: () => void = () => undefined
  left = new Promise((resolve) => {
    hasLeft = resolve
  })
  http.app.get('/events', (c) => {
    c.req.raw.signal.addEventListener('abort', hasLeft)
    const write = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      controller.enqueue(new TextEncoder().encode('data: first\n\n'))
      await held
      controller.enqueue(new TextEncoder().encode('data: second\n\n'))
    }
    return c.body(new ReadableStream({ start: (controller) => void write(controller) }), 200, {
      'Content-Type': 'text/event-stream',
    })
  })
  http.app.get('/headers', (c) =>
    c.json({ session: c.req.header('Mcp-Session-Id'), method: c.req.header('Mcp-Method') }, 200, {
      'Mcp-Session-Id': 'answered',
    }),
  )
  server = await listen(http)
  nginx = await startNginx(server.url)
})

afterAll(async () => {
  await nginx?.close()
  await server?.close(0)
})

function ask(path: string, options: RequestOptions = {}, body?: string): Promise<IncomingMessage> {
  const { headers, ...rest } = options
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: nginx.port,
        servername: 'ssh-mcp.example.com',
        ca: nginx.ca,
        path,
        agent: false,
        headers: { Host: 'ssh-mcp.example.com', ...headers },
        ...rest,
      },
      resolve,
    )
    asked.on('error', reject)
    asked.end(body)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

/** Takes what is sent and counts it. */
async function openUpload(): Promise<Upload> {
  let bytes = 0
  return {
    received: 0,
    async write(pieces) {
      for (const piece of pieces) bytes += piece.length
    },
    finish: async () => ({ bytes, sha256: '0'.repeat(64) }),
    close: () => Promise.resolve(),
  }
}

function uploadPermit(): Permit {
  const to = {
    kind: 'host',
    host: hostName('web-server'),
    path: '/srv/app/release.tar.gz',
    sudo: false,
  } as const
  const action = {
    kind: 'transfer_file',
    from: { kind: 'link' },
    to,
    recursive: false,
    overwrite: false,
    resume: false,
    timeoutMs: 60_000,
  } as const
  const call = {
    id: 'call_1',
    principal: user,
    action,
    edge: 'mcp_http',
    receivedAt: systemClock.now(),
  } as const
  return Permit.for(call, { verdict: 'allow', rule: 'test' })
}

const good = { Authorization: 'Bearer good' }

describe('behind nginx with the documented configuration', () => {
  test.each([
    ['', PUBLIC_URL],
    ['/mcp', PUBLIC_URL],
  ])('the metadata%s names the https address', async (path, resource) => {
    const response = await ask(`/.well-known/oauth-protected-resource${path}`)
    expect(JSON.parse(await textOf(response))).toMatchObject({ resource })
  })

  test('the challenge names the https address of the metadata', async () => {
    const response = await ask('/mcp', { method: 'POST' })
    expect(response.statusCode).toBe(401)
    expect(response.headers['www-authenticate']).toContain(
      `resource_metadata="${PUBLIC_URL}/.well-known/oauth-protected-resource/mcp"`,
    )
    await textOf(response)
  })

  test('the caller is the address that nginx saw, whatever the caller claims', async () => {
    const headers = { ...good, 'X-Forwarded-For': '198.51.100.7', 'X-Forwarded-Host': 'evil.example.net' }
    const response = await ask('/echo', { headers })
    expect(JSON.parse(await textOf(response))).toEqual({ remote: '127.0.0.1', publicUrl: PUBLIC_URL })
  })

  test('a refused sign-in is recorded', async () => {
    http.events.length = 0
    await textOf(await ask('/echo', { headers: { Authorization: 'Bearer bad' } }))
    expect(http.events).toMatchObject([
      { type: 'auth.denied', reason: 'token_expired', remoteAddress: '127.0.0.1' },
    ])
  })

  test('metrics are not open to the world because nginx is on this machine', async () => {
    const response = await ask('/metrics')
    expect(response.statusCode).toBe(401)
    await textOf(response)
  })

  test('a foreign Host and a foreign Origin are refused by the bridge', async () => {
    const host = await ask('/echo', { headers: { ...good, Host: 'evil.example.net' } })
    const origin = await ask('/echo', { headers: { ...good, Origin: 'https://evil.example.net' } })
    const own = await ask('/echo', { headers: { ...good, Origin: PUBLIC_URL } })
    expect([host.statusCode, origin.statusCode, own.statusCode]).toEqual([403, 403, 200])
    await Promise.all([host, origin, own].map(textOf))
  })

  test('what is too large is refused by the bridge, in its own words', async () => {
    const headers = { ...good, 'Content-Type': 'application/json' }
    const response = await ask('/echo', { method: 'POST', headers }, JSON.stringify('x'.repeat(200_000)))
    expect(response.statusCode).toBe(413)
    expect(JSON.parse(await textOf(response))).toMatchObject({ error: { code: 'payload_too_large' } })
  })

  test('a file that is sent to a link may be larger than any other request', async () => {
    const url = (await links.make(uploadPermit(), 'upload'))?.url ?? ''
    const response = await ask(new URL(url).pathname, { method: 'PUT' }, 'x'.repeat(5_000_000))
    expect(JSON.parse(await textOf(response))).toMatchObject({ bytes: 5_000_000 })
  })

  test('the headers of MCP pass in both directions', async () => {
    const headers = { ...good, 'Mcp-Session-Id': 'asked', 'Mcp-Method': 'tools/call' }
    const response = await ask('/headers', { headers })
    expect(response.headers['mcp-session-id']).toBe('answered')
    expect(JSON.parse(await textOf(response))).toEqual({ session: 'asked', method: 'tools/call' })
  })

  test('an event is passed on while the next is not there yet, and a client that leaves is noticed', async () => {
    const response = await ask('/events', { headers: good })
    const events = response[Symbol.asyncIterator]()
    expect(String((await events.next()).value)).toBe('data: first\n\n')
    release()
    expect(String((await events.next()).value)).toBe('data: second\n\n')
    response.destroy()
    await left
  })
})
