import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Certificate, makeCertificate } from '../../test/kit/certificate.ts'
import { SILENT } from '../../test/kit/fake-issuer.ts'
import { ManualClock } from '../../test/kit/manual-clock.ts'
import { ConfiguredFaults } from './configured-faults.ts'
import type { Fetch, OutboundSettings } from './fetch.ts'
import { guardedFetch, type OutboundParts } from './guarded-fetch.ts'

interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let certificate: Certificate
let clock: ManualClock
let settings: { privateAddresses: string[]; configuredOrigins: Set<string> } & OutboundSettings
const closing: (() => Promise<void>)[] = []

beforeAll(() => {
  certificate = makeCertificate('DNS:idp.example.com', 'IP:127.0.0.1')
})

beforeEach(() => {
  clock = new ManualClock()
  settings = { privateAddresses: [], configuredOrigins: new Set() }
})

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const fetchWith = (parts: Partial<OutboundParts> = {}): Fetch =>
  guardedFetch(() => settings, { clock, ca: certificate.cert, ...parts })

const leadsTo =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

/** A server on loopback, and what it was asked. */
async function serve(answer: RequestListener, tls?: Certificate) {
  const seen: Seen[] = []
  const server = (tls ? createTlsServer(tls) : createServer()).on('request', (request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      seen.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body })
      answer(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { seen, port, origin: `${tls ? 'https' : 'http'}://127.0.0.1:${port}` }
}

/** One over plain http that the operator wrote down. */
async function configured(answer: RequestListener) {
  const server = await serve(answer)
  settings.configuredOrigins.add(server.origin)
  return server
}

const hello: RequestListener = (_, response) => response.end('hello')

async function messageOf(asked: Promise<unknown>): Promise<string> {
  return asked.then(
    () => 'it was answered',
    (error: Error) => error.message,
  )
}

/** An answer as a whole would be too much for a report. */
async function faultOf(asked: Promise<unknown>): Promise<unknown> {
  return asked.then(
    () => 'it was answered',
    (error: { fault?: string }) => error.fault,
  )
}

describe('only https is asked', () => {
  test('http on loopback is, where exactly that origin is configured', async () => {
    const { origin } = await configured(hello)
    expect(await (await fetchWith()(`${origin}/a`)).text()).toBe('hello')
  })

  test('http on loopback is not, where another port of it is', async () => {
    await configured(hello)
    const other = await serve(hello)
    expect(await messageOf(fetchWith()(other.origin))).toBe(
      `${other.origin.slice(7)} is not asked over http: only https is, and http on loopback where exactly ${other.origin} is configured`,
    )
    expect(other.seen).toEqual([])
  })

  test('http to a configured name that is not on loopback is not, not even where the address may be reached', async () => {
    settings.configuredOrigins.add('http://idp.example.com')
    settings.privateAddresses.push('10.0.0.0/8')
    const asked = fetchWith({ resolve: leadsTo('10.0.0.7') })('http://idp.example.com/keys')
    expect(await messageOf(asked)).toBe(
      'idp.example.com (10.0.0.7) is not on loopback, where alone http is asked: use https in the configuration',
    )
  })

  test.each(['file:///etc/passwd', 'data:text/plain,hello', 'ftp://idp.example.com/', 'gopher://127.0.0.1/'])(
    '%s is not',
    async (url) => {
      await expect(fetchWith()(url)).rejects.toMatchObject({ fault: 'not_https' })
    },
  )

  test('the certificate must be one for the name', async () => {
    const { port } = await serve(hello, certificate)
    settings.privateAddresses.push('127.0.0.1')
    const parts = { resolve: leadsTo('127.0.0.1') }
    const answer = await fetchWith(parts)(`https://idp.example.com:${port}/`)
    expect(await answer.text()).toBe('hello')
    expect(await messageOf(fetchWith(parts)(`https://other.example.com:${port}/`))).toBe(
      `other.example.com:${port} cannot be asked: ERR_TLS_CERT_ALTNAME_INVALID`,
    )
    const trusting = { ...parts, ca: makeCertificate('DNS:x.example.com').cert }
    expect(await messageOf(fetchWith(trusting)(`https://idp.example.com:${port}/`))).toContain(
      'SELF_SIGNED_CERT',
    )
  })
})

describe('only public addresses are asked', () => {
  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://127.0.0.1./',
    'https://①②⑦.0.0.1/',
    'https://0.0.0.0/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://[fd00:ec2::254]/',
    'https://[2002:7f00:1::]/',
  ])('%s is not', async (url) => {
    const resolve = vi.fn(leadsTo('1.1.1.1'))
    await expect(fetchWith({ resolve })(url)).rejects.toMatchObject({ fault: 'not_public' })
    expect(resolve).not.toHaveBeenCalled()
  })

  test('a name that leads to a private one is not, and the message says what to write', async () => {
    const asked = fetchWith({ resolve: leadsTo('10.1.2.3') })('https://idp.example.com/realm?secret=1')
    expect(await messageOf(asked)).toBe(
      'idp.example.com (10.1.2.3) is not at a public address and is not asked: if it shall be, write outbound: {private_addresses: [10.1.2.3]} into the configuration, or the range that it is in',
    )
  })

  test('of the private ones those are that the configuration names', async () => {
    const { port } = await serve(hello, certificate)
    const asked = () =>
      fetchWith({ resolve: leadsTo('::ffff:127.0.0.1') })(`https://idp.example.com:${port}/`)
    settings.privateAddresses.push('10.0.0.0/8')
    await expect(asked()).rejects.toMatchObject({ fault: 'not_public' })
    settings.privateAddresses.push('127.0.0.0/8')
    expect((await asked()).status).toBe(200)
  })

  test('of the addresses of one name only those that may be are tried', async () => {
    const { port, seen } = await serve(hello, certificate)
    settings.privateAddresses.push('127.0.0.1')
    const resolve = leadsTo('fd00::7', '10.0.0.7', '127.0.0.1')
    expect((await fetchWith({ resolve })(`https://idp.example.com:${port}/`)).status).toBe(200)
    expect(seen).toHaveLength(1)
  })

  test('a name with an address at which nobody answers is asked at its other one', async () => {
    const { port } = await serve(hello, certificate)
    settings.configuredOrigins.add(`https://idp.example.com:${port}`)
    const resolve = leadsTo('::1', '127.0.0.1')
    expect((await fetchWith({ resolve })(`https://idp.example.com:${port}/`)).status).toBe(200)
  })

  test('a name that leads somewhere else a moment later is asked where it led when it was looked at', async () => {
    const { port } = await serve(hello, certificate)
    settings.privateAddresses.push('127.0.0.1')
    const resolve = vi.fn(leadsTo('10.0.0.7')).mockImplementationOnce(leadsTo('127.0.0.1'))
    const answer = await fetchWith({ resolve })(`https://idp.example.com:${port}/`)
    expect(answer.status).toBe(200)
    expect(resolve).toHaveBeenCalledTimes(1)
  })

  test('a name without an address is told by its name', async () => {
    const resolve = async () => Promise.reject(new Error('getaddrinfo ENOTFOUND'))
    expect(await messageOf(fetchWith({ resolve })('https://idp.example.com/'))).toBe(
      'the name idp.example.com cannot be resolved',
    )
    await expect(fetchWith({ resolve: leadsTo() })('https://idp.example.com/')).rejects.toMatchObject({
      fault: 'unknown_host',
    })
  })

  test('the operator reads it once in the log, at the start already, for what they wrote down and for nothing else', async () => {
    const error = vi.fn()
    settings.configuredOrigins.add('https://idp.example.com')
    const resolve = leadsTo('10.1.2.3')
    const faults = new ConfiguredFaults(() => settings, { ...SILENT, error })
    await faults.lookThrough(resolve)
    const fetch = fetchWith({ resolve, faults })
    for (const host of ['idp.example.com', 'idp.example.com', 'stranger.example.com'])
      await expect(fetch(`https://${host}/`)).rejects.toThrow()
    expect(error).toHaveBeenCalledTimes(1)
    expect(error).toHaveBeenCalledWith(
      expect.stringMatching(/^A configured address cannot be used: idp\.example\.com .*private_addresses/),
    )
  })
})

describe('redirects', () => {
  const to =
    (place: (path: string) => string | undefined, status = 302): RequestListener =>
    (request, response) => {
      const location = place(request.url ?? '')
      if (location === undefined) response.end('there')
      else response.writeHead(status, { location }).end()
    }
  const down = (path: string) => (path === '/0' ? undefined : `/${Number(path.slice(1)) - 1}`)

  test('are not followed unless the caller says so', async () => {
    const { origin, seen } = await configured(to(down))
    await expect(fetchWith()(`${origin}/1`)).rejects.toMatchObject({ fault: 'redirected' })
    await expect(fetchWith()(`${origin}/1`, { redirect: 'error' })).rejects.toThrow('redirect')
    expect((await fetchWith()(`${origin}/1`, { redirect: 'manual' })).status).toBe(302)
    expect(seen.map(({ path }) => path)).toEqual(['/1', '/1', '/1'])
  })

  test('are followed by a GET three times, within the origin', async () => {
    const { origin, seen } = await configured(to(down))
    const answer = await fetchWith()(`${origin}/3`, { redirect: 'follow' })
    expect(await answer.text()).toBe('there')
    seen.length = 0
    await expect(fetchWith()(`${origin}/4`, { redirect: 'follow' })).rejects.toThrow('redirect')
    expect(seen.map(({ path }) => path)).toEqual(['/4', '/3', '/2', '/1'])
  })

  test('are never followed by a POST', async () => {
    const { origin } = await configured(to(down, 307))
    const asked = fetchWith()(`${origin}/1`, { method: 'POST', body: 'a', redirect: 'follow' })
    await expect(asked).rejects.toMatchObject({ fault: 'redirected' })
  })

  test.each([
    ['another port', (other: string) => other],
    ['another scheme', (_: string, own: string) => own.replace('http:', 'https:')],
    ['another host', () => 'https://evil.example.com/'],
    ['another name of this host', (_: string, own: string) => own.replace('127.0.0.1', 'localhost')],
    ['the metadata of a cloud', () => 'http://169.254.169.254/latest'],
    ['a file', () => 'file:///etc/passwd'],
    ['an address with credentials', (_: string, own: string) => own.replace('//', '//a:b@')],
    ['nowhere', () => 'http://'],
  ])('are not followed to %s', async (_, place) => {
    const other = await configured(hello)
    let location = ''
    const { origin, seen } = await configured((_request, response) =>
      response.writeHead(302, { location }).end(),
    )
    location = place(other.origin, origin)
    const asked = fetchWith()(`${origin}/?token=abc`, {
      redirect: 'follow',
      headers: { authorization: 'Bearer abc' },
    })
    await expect(asked).rejects.toMatchObject({ fault: 'redirected' })
    expect([other.seen, seen.length]).toEqual([[], 1])
  })
})

describe('an answer is taken', () => {
  const LIMIT = 512 * 1024
  const encodings = { gzip: gzipSync, br: brotliCompressSync, deflate: deflateSync }

  test('up to 512 KB and no further', async () => {
    const { origin } = await configured((request, response) =>
      response.end('a'.repeat(Number(request.url?.slice(1)))),
    )
    expect(await (await fetchWith()(`${origin}/${LIMIT}`)).text()).toHaveLength(LIMIT)
    expect(await faultOf(fetchWith()(`${origin}/${LIMIT + 1}`))).toBe('too_large')
  })

  test.each(Object.entries(encodings))('up to 512 KB after unpacking %s', async (name, pack) => {
    const { origin } = await configured((request, response) => {
      response.setHeader('content-encoding', name)
      response.end(pack(Buffer.alloc(Number(request.url?.slice(1)), 'a')))
    })
    const answer = await fetchWith()(`${origin}/${LIMIT}`)
    expect([(await answer.text()).length, answer.headers.get('content-encoding')]).toEqual([LIMIT, null])
    expect(await faultOf(fetchWith()(`${origin}/50000000`))).toBe('too_large')
  })

  test('in no other encoding, and whole', async () => {
    const { origin } = await configured((request, response) => {
      response.setHeader('content-encoding', request.url === '/zstd' ? 'zstd' : 'gzip')
      if (request.url === '/cut') response.end(gzipSync('hello').subarray(0, 15))
      else response.end('hello')
    })
    await expect(fetchWith()(`${origin}/zstd`)).rejects.toMatchObject({ fault: 'bad_encoding' })
    await expect(fetchWith()(`${origin}/cut`)).rejects.toMatchObject({ fault: 'unreachable' })
    await expect(fetchWith()(`${origin}/plain`)).rejects.toMatchObject({ fault: 'unreachable' })
  })

  test('that is empty, with its status and headers, and without cookies', async () => {
    const { origin } = await configured((_, response) =>
      response.writeHead(204, { 'set-cookie': 'a=b', etag: '"1"' }).end(),
    )
    const answer = await fetchWith()(origin)
    expect([answer.status, answer.body, answer.headers.get('etag')]).toEqual([204, null, '"1"'])
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test.each([
    ['that never comes', () => {}],
    ['that never ends', (_: unknown, response: { write(text: string): unknown }) => response.write('{')],
  ] as [string, RequestListener][])('not if it is one %s within 5 s', async (_, answer) => {
    const { origin, seen, port } = await configured(answer)
    const asked = messageOf(fetchWith()(origin))
    await vi.waitUntil(() => seen.length === 1)
    await clock.advance(4_999)
    await clock.advance(1)
    expect(await asked).toBe(`127.0.0.1:${port} gave no answer within 5000 ms`)
  })

  test('not if the name takes longer than 5 s to resolve', async () => {
    const resolve = vi.fn(() => new Promise<never>(() => {}))
    const asked = messageOf(fetchWith({ resolve })('https://idp.example.com/'))
    await vi.waitUntil(() => resolve.mock.calls.length === 1)
    await clock.advance(5_000)
    expect(await asked).toBe('idp.example.com gave no answer within 5000 ms')
  })

  test('not after the caller has given up', async () => {
    const { origin, seen } = await configured(() => {})
    const enough = new AbortController()
    const asked = messageOf(fetchWith()(origin, { signal: enough.signal }))
    await vi.waitUntil(() => seen.length === 1)
    enough.abort(new Error('enough'))
    expect(await asked).toBe('enough')
    expect(await messageOf(fetchWith()(origin, { signal: enough.signal }))).toBe('enough')
    expect(seen).toHaveLength(1)
  })
})

describe('a request', () => {
  test('is sent as it was meant, with no cookie', async () => {
    const { origin, seen } = await configured(hello)
    await fetchWith()(new URL(`${origin}/token?a=1`), {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'code' }),
      headers: { authorization: 'Basic abc', cookie: 'a=b' },
    })
    expect(seen).toMatchObject([
      {
        method: 'POST',
        path: '/token?a=1',
        body: 'grant_type=code',
        headers: { authorization: 'Basic abc' },
      },
    ])
    expect(seen[0]?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      'content-length': '15',
      'user-agent': expect.stringMatching(/^ssh-mcp-bridge\//),
    })
    expect(seen[0]?.headers.cookie).toBeUndefined()
  })

  test('that is refused or fails names the host, and nothing that may be a secret', async () => {
    const secret = 'hunter2'
    for (const url of [
      `https://alice:${secret}@idp.example.com/`,
      `http://idp.example.com/${secret}`,
      `https://10.0.0.1/?token=${secret}`,
      `https://127.0.0.1:1/${secret}#${secret}`,
    ]) {
      settings.configuredOrigins.add('https://127.0.0.1:1')
      const message = await messageOf(
        fetchWith()(url, { method: 'POST', body: secret, headers: { authorization: `Bearer ${secret}` } }),
      )
      expect(message).toContain(new URL(url).host)
      expect(message).not.toContain(secret)
    }
  })
})
