import { createHash } from 'node:crypto'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestAuthorizationServer, type TestAuthorizationServer } from '../kit/authorization-server.ts'
import { startChromium } from '../kit/chromium.ts'
import { freePort } from '../kit/free-port.ts'
import { startProxy } from '../kit/nginx-proxy.ts'
import { type Home, makeHome, type Product, startProduct } from '../kit/product.ts'
import { testAuthority } from '../kit/test-certificates.ts'

/** Less than the half minute before its end in which a token is renewed: each request finds one that is to be renewed. */
const TOKEN_S = 25
const OLGA = { username: 'olga', password: 'lantern staple tin', email: 'olga@example.com', name: 'Olga' }
const CONSOLE_SCOPES = ['mcp:view', 'mcp:approve', 'mcp:audit', 'mcp:operate']

let provider: TestAuthorizationServer
let home: Home
let product: Product
let browser: Browser
let port: number

beforeAll(async () => {
  port = await freePort()
  const url = `http://127.0.0.1:${port}`
  ;[provider, home, browser] = await Promise.all([
    startTestAuthorizationServer({
      resource: url,
      scopes: ['mcp:execute', ...CONSOLE_SCOPES],
      users: [{ ...OLGA, scopes: ['mcp:execute', ...CONSOLE_SCOPES] }],
      accessTokenSeconds: TOKEN_S,
    }),
    makeHome(),
    startChromium(),
  ])
  home.configure(configuration(await registered(`${url}/console/callback`)))
  product = await startProduct(home, { port })
})

afterAll(async () => {
  await browser?.close()
  await product?.stop()
  await provider?.close()
  await home?.remove()
})

/** As an operator makes one at the provider. */
async function registered(redirectUri: string): Promise<string> {
  const response = await fetch(`${provider.issuer}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Console',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    }),
  })
  return ((await response.json()) as { client_id: string }).client_id
}

function configuration(clientId: string): string {
  return `server: {enable_http: true, port: ${port}, oauth: {enabled: true, issuer: "${provider.issuer}", audience: "http://127.0.0.1:${port}"}}
console: {client_id: "${clientId}"}
hosts: []
`
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${product.url}/console/now`)
  await page.getByRole('link', { name: 'Sign in', exact: true }).click()
  await page.getByLabel('User name').fill(OLGA.username)
  await page.getByLabel('Password').fill(OLGA.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Allow' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}

test('people of another provider sign in there, and their tokens are renewed for as long as they are on the console', async () => {
  const page = await (await browser.newContext()).newPage()
  await signIn(page)
  await page.getByText('olga@example.com').waitFor()
  await page.getByText('viewer, approver, auditor, admin').waitFor()
  // All at once, each with a token that is to be renewed: a refresh token is good once, and the provider ends whoever shows it twice.
  const many = () =>
    page.evaluate(async () =>
      (await Promise.all(Array.from({ length: 20 }, () => fetch('/console/api/views/me')))).map(
        ({ status }) => status,
      ),
    )
  expect(new Set(await many())).toEqual(new Set([200]))
  expect(new Set(await many())).toEqual(new Set([200]))
})

test('who says no at the provider is told so, and is not signed in', async () => {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${product.url}/console/sign-in`)
  await page.getByLabel('User name').fill(OLGA.username)
  await page.getByLabel('Password').fill(OLGA.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Deny' }).click()
  await page.getByRole('alert').filter({ hasText: 'called off, or you are not allowed' }).waitFor()
  expect((await page.context().cookies()).filter(({ name }) => name === 'console')).toEqual([])
})

test('a provider that cannot be reached is told as such, and nobody is signed in', async () => {
  const clientId = 'console'
  const dead = await freePort()
  const other = await makeHome()
  const otherPort = await freePort()
  other.configure(
    `server: {enable_http: true, port: ${otherPort}, oauth: {enabled: true, issuer: "http://127.0.0.1:${dead}", audience: "http://127.0.0.1:${otherPort}"}}\nconsole: {client_id: ${clientId}}\nhosts: []\n`,
  )
  const bridge = await startProduct(other, { port: otherPort })
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${bridge.url}/console/sign-in`)
  await page.getByRole('alert').filter({ hasText: 'The provider, or its answer, is at fault' }).waitFor()
  await bridge.stop()
  await other.remove()
})

test('behind a proxy with TLS, below a path of its own, it is all at that address, and its cookie is for that host alone', async () => {
  const [proxyPort, bridgePort, other] = await Promise.all([freePort(), freePort(), makeHome()])
  const url = `https://localhost:${proxyPort}/ops`
  const key = 'a-key-of-olga-for-the-proxy'
  const sha256 = createHash('sha256').update(key).digest('hex')
  other.configure(
    `server: {enable_http: true, port: ${bridgePort}, public_url: "${url}", api_keys: [{name: olga, sha256: ${sha256}, scopes: ["mcp:view"]}]}\nhosts: []\n`,
  )
  const authority = testAuthority()
  const bridge = await startProduct(other, { port: bridgePort })
  const stopProxy = await startProxy({
    port: proxyPort,
    upstream: `http://127.0.0.1:${bridgePort}`,
    certificate: authority.issue({ names: ['localhost'] }),
    server: [`location /ops/ { proxy_pass http://127.0.0.1:${bridgePort}/; proxy_buffering off; }`],
  })
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(`${url}/console/now`)
  await page.getByLabel('API key').fill(key)
  await page.getByRole('button', { name: 'Sign in with the key' }).click()
  await page.getByText('Live').waitFor()
  await page.getByRole('link', { name: 'Now' }).click()
  expect(page.url()).toBe(`${url}/console/now`)
  expect(asked.filter((one) => !one.startsWith(`${url}/console/`))).toEqual([])
  const [cookie] = await context.cookies()
  expect([cookie?.name, cookie?.secure, cookie?.path]).toEqual(['__Host-console', true, '/'])
  await context.close()
  await stopProxy()
  await bridge.stop()
  await other.remove()
  authority.remove()
})

test('a provider that is away signs nobody out whose token still holds', async () => {
  const page = await (await browser.newContext()).newPage()
  await signIn(page)
  const me = () => page.evaluate(async () => (await fetch('/console/api/views/me')).status)
  expect(await me()).toBe(200)
  await provider.close()
  expect([await me(), await me()]).toEqual([200, 200])
  const [session] = (await page.context().cookies()).filter(({ name }) => name === 'console')
  expect(session).toBeDefined()
})
