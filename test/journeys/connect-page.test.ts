import { createHash } from 'node:crypto'
import { type RequestOptions, request } from 'node:https'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { HttpServer } from '../../src/http/server.ts'
import { VERSION } from '../../src/lib/version.ts'
import type { OAuthSettings } from '../../src/oauth/settings.ts'
import { CI as KEY, sha256 } from '../kit/api-keys.ts'
import { contrasts, PHONE, sidewaysPx, startBrowser } from '../kit/browser.ts'
import { type HttpChanges, listen, testHttpApp, testOAuth } from '../kit/http-app.ts'
import { startNginx } from '../kit/nginx.ts'
import { hostYaml, makeHome, startProduct } from '../kit/product.ts'
import { sendRaw } from '../kit/raw-http.ts'
import { startSshd } from '../kit/sshd.ts'

const PUBLIC_URL = 'https://ssh-mcp.example.com'
const OWN = { issuer: PUBLIC_URL, audience: [], provider: 'generic', claims: {} } as const
const embedded: OAuthSettings = { issuers: [OWN], scopesSupported: ['mcp:execute'] }
const EMBEDDED: HttpChanges = { oauth: () => embedded }

let server: HttpServer | undefined

afterEach(async () => {
  await server?.close(0)
  server = undefined
})

async function pageOf(
  changes: HttpChanges = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  server = await listen(testHttpApp(changes))
  const answer = await fetch(`${server.url}/connect`, { headers })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

/** Without markup, on one line, as a person reads it. */
const seen = (html: string) =>
  html
    .replace(/<style>[\s\S]*<\/style>|<[^>]+>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, ' ')

describe('the /connect page', () => {
  test('is for anybody, runs nothing, loads nothing and is framed by nobody', async () => {
    const { status, text, headers } = await pageOf({ settings: { publicUrl: PUBLIC_URL } })
    expect(status).toBe(200)
    const style = /<style>([\s\S]*)<\/style>/.exec(text)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    expect(headers.get('cache-control')).toBe('no-store')
    expect(text).not.toMatch(/<script|<img|<link|<form|<iframe|\son\w+=|\sstyle=|url\(/)
    expect(seen(text)).toContain(`${PUBLIC_URL}/mcp`)
  })

  const ways: [string, HttpChanges, string, string][] = [
    ['a login of its own', EMBEDDED, 'you sign in at this server', '/.well-known/oauth-authorization-server'],
    [
      'an identity provider',
      { oauth: () => testOAuth },
      'where your organisation has you sign in',
      '/.well-known/oauth-protected-resource/mcp',
    ],
    ['API keys', { oauth: () => undefined }, 'Bearer ${BRIDGE_KEY}', 'It cannot send an API key'],
    [
      'no sign-in',
      { oauth: () => undefined, authEnabled: false },
      'There is no sign-in',
      'None: nobody signs in here',
    ],
  ]
  test.each(ways)('with %s says what a person does, and names no provider', async (_, changes, ...says) => {
    const { text } = await pageOf({ settings: { publicUrl: PUBLIC_URL }, ...changes })
    for (const words of says) expect(seen(text)).toContain(words)
    expect(text).not.toContain('idp.example.com')
    expect(text).not.toContain('1.2.3')
  })

  test('a client in a cloud is told why it cannot use an address of this machine', async () => {
    const { text } = await pageOf(EMBEDDED)
    expect(seen(text)).toContain(
      'calls from the cloud of OpenAI and cannot use this address: only this machine reaches it',
    )
  })

  test('with a provider that registers nobody, says that an id is needed', async () => {
    const entra: OAuthSettings = {
      ...testOAuth,
      issuers: [{ ...OWN, issuer: 'https://login.microsoftonline.com/x/v2.0', provider: 'entra' as const }],
    }
    const { text } = await pageOf({ settings: { publicUrl: PUBLIC_URL }, oauth: () => entra })
    expect(seen(text)).toContain('CLIENT_ID stands for')
    expect(text).not.toContain('microsoftonline')
  })

  const proxied = {
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'ssh-mcp.example.com',
    'X-Forwarded-For': '192.0.2.7',
  }
  test.each([
    [
      'nothing is wrong on this machine',
      {},
      {},
      'X-Forwarded-* none were sent',
      'Nothing is wrong with this request',
    ],
    [
      'a proxy is not trusted',
      { publicUrl: PUBLIC_URL },
      proxied,
      'sent, and not believed',
      'Name its address in server.trusted_proxies',
    ],
    [
      'all came through',
      { publicUrl: PUBLIC_URL, trustedProxies: ['127.0.0.1'] },
      proxied,
      'trusted, and believed server.public_url matches',
      'Nothing is wrong with this request',
    ],
    [
      'the scheme did not come through',
      { publicUrl: PUBLIC_URL, trustedProxies: ['127.0.0.1'] },
      { ...proxied, 'X-Forwarded-Proto': 'http' },
      'Scheme http',
      'The scheme did not come through',
    ],
    [
      'this machine is asked itself',
      { publicUrl: PUBLIC_URL },
      {},
      `differs: the server calls itself ${PUBLIC_URL}`,
      'You asked this machine itself',
    ],
  ])('says when %s', async (_, settings, headers, ...says) => {
    const { text } = await pageOf({ settings }, headers)
    for (const words of says) expect(seen(text)).toContain(words)
    expect(text).not.toContain('192.0.2.7')
  })

  test.each(['evil.example.com', '"><script>alert(1)</script>'])(
    'a request for the host %s gets no page',
    async (host) => {
      server = await listen(
        testHttpApp({ settings: { publicUrl: PUBLIC_URL, trustedProxies: ['127.0.0.1'] } }),
      )
      for (const header of ['Host', 'X-Forwarded-Host']) {
        const own = header === 'Host' ? '' : `Host: 127.0.0.1:${server.port}\r\n`
        const answer = await sendRaw(
          server.port,
          `GET /connect HTTP/1.1\r\n${own}${header}: ${host}\r\nConnection: close\r\n\r\n`,
        )
        expect(answer.status).toSatisfy((status: number) => [400, 403].includes(status))
        expect(answer.body).not.toContain('<script>')
      }
    },
  )

  test('a request for a port that there is not gets no page, and is no defect', async () => {
    const http = testHttpApp({ settings: { bindAddress: '0.0.0.0', trustedProxies: ['127.0.0.1'] } })
    server = await listen(http)
    const { url } = server
    const ask = (host: string) => fetch(`${url}/connect`, { headers: { 'X-Forwarded-Host': host } })
    expect((await ask('127.0.0.1:9000')).status).toBe(200)
    expect((await ask('127.0.0.1:99999')).status).toBe(403)
    expect(http.lines.filter((line) => line.includes('defect'))).toEqual([])
  })

  test('behind the documented nginx says that everything came through', async () => {
    server = await listen(
      testHttpApp({ settings: { publicUrl: PUBLIC_URL, trustedProxies: ['127.0.0.1'] }, ...EMBEDDED }),
    )
    const nginx = await startNginx(server.url)
    const options = { host: '127.0.0.1', port: nginx.port, servername: 'ssh-mcp.example.com', ca: nginx.ca }
    const text = await get({ ...options, path: '/connect', headers: { Host: 'ssh-mcp.example.com' } })
    await nginx.close()
    expect(seen(text)).toContain('Scheme https Host ssh-mcp.example.com')
    expect(seen(text)).toContain('Nothing is wrong with this request')
  })
})

function get(options: RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    request(options, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.once('end', () => resolve(text))
    })
      .once('error', reject)
      .end()
  })
}

describe('the product with hosts and keys', () => {
  test('shows nothing of them on the page', async () => {
    const [sshd, home] = [await startSshd(), await makeHome()]
    home.configure(
      `server: {api_keys: [{name: alice, sha256: ${sha256(KEY)}}]}\nhosts:\n${hostYaml('web-server', sshd, { description: 'Production' })}`,
    )
    const product = await startProduct(home)
    const text = await (await fetch(`${product.url}/connect`)).text()
    await product.stop()
    await home.remove()
    await sshd.stop()
    for (const secret of [
      'web-server',
      'Production',
      sshd.username,
      'alice',
      sha256(KEY),
      VERSION,
      home.directory,
    ])
      expect(seen(text)).not.toContain(secret)
    expect(seen(text)).toContain('Claude Code')
  })
})

describe.each(['light', 'dark'] as const)('in a browser, %s', (colorScheme) => {
  let browser: Browser

  beforeAll(async () => {
    browser = await startBrowser()
  })

  afterAll(() => browser?.close())

  test('all fits a phone, and every text can be read', async () => {
    server = await listen(testHttpApp({ settings: { publicUrl: PUBLIC_URL }, ...EMBEDDED }))
    const page = await browser.newPage({ colorScheme, viewport: PHONE, javaScriptEnabled: true })
    const problems: string[] = []
    page.on('console', (message) => problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    await page.goto(`${server.url}/connect`)
    for (const summary of await page.locator('summary').all()) await summary.press('Enter')
    expect(await page.locator('details[open]').count()).toBe(8)
    expect(await sidewaysPx(page)).toBe(0)
    const [weakest] = await contrasts(page)
    expect(weakest?.contrast).toBeGreaterThanOrEqual(4.5)
    // The icon that every browser asks for is not there, which is no problem of the page.
    expect(problems.filter((text) => !/favicon|40[14]/.test(text))).toEqual([])
  })
})
