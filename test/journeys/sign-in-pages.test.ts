import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { totp } from '../../src/lib/totp.ts'
import { faultsOf, SIGHTS, type Sight, startChromium } from '../kit/chromium.ts'
import { freePort } from '../kit/free-port.ts'
import { type Home, makeHome, type Product, startProduct } from '../kit/product.ts'
import { runCli } from '../kit/run-cli.ts'

/** Where pictures go: DOCS_PICTURES=1 puts those of the documents in place (`npm run docs:pictures`). */
const PICTURES =
  process.env.DOCS_PICTURES === '1' ? 'docs/images' : mkdtempSync(join(tmpdir(), 'bridge-pictures-'))
/** Pages of the documents, by the sight that shows them. */
const OF_DOCUMENTS: Readonly<Record<string, readonly Sight[]>> = {
  'set-up': ['light'],
  'set-up-code': ['light'],
  'sign-in': ['light', 'dark', 'phone'],
  'sign-in-code': ['light'],
  consent: ['light', 'dark', 'phone'],
}

const PASSWORD = 'lantern staple tin'
const sights = Object.keys(SIGHTS) as Sight[]

let home: Home
let product: Product
let browser: Browser
let client: Server
let callback: string
let clientId: string

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true })
  const port = await freePort()
  home = await makeHome()
  home.configure(`server: {enable_http: true, port: ${port}, oauth: {mode: embedded}}\nhosts: []\n`)
  ;[product, browser] = await Promise.all([startProduct(home, { port }), startChromium()])
  client = createServer((_, response) => response.end('The client has its answer.'))
  const clientPort = await freePort()
  await new Promise<void>((resolve) => client.listen(clientPort, '127.0.0.1', resolve))
  callback = `http://127.0.0.1:${clientPort}/callback`
  const registered = await fetch(`${product.url}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'ChatGPT',
      redirect_uris: [callback],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    }),
  })
  clientId = ((await registered.json()) as { client_id: string }).client_id
})

afterAll(async () => {
  await browser?.close()
  await product?.stop()
  client?.close()
  await home?.remove()
  if (PICTURES !== 'docs/images' && process.env.KEEP_PICTURES !== '1') rmSync(PICTURES, { recursive: true })
})

function authorizeAddress(): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: callback,
    resource: `${product.url}/mcp`,
    scope: 'mcp:execute offline_access',
    state: 's'.repeat(16),
    code_challenge: createHash('sha256').update('v'.repeat(43)).digest('base64url'),
    code_challenge_method: 'S256',
  })
  return `${product.url}/oauth/authorize?${query}`
}

async function setUpLink(...args: string[]): Promise<string> {
  const { out } = await runCli('users', ...args, '--json', '--config', home.configPath)
  return JSON.parse(out).set_up_link
}

/** A person in front of a browser of that kind. */
async function open(sight: Sight) {
  const context = await browser.newContext(SIGHTS[sight])
  const page = await context.newPage()
  const picture = async (name: string) => {
    expect(await faultsOf(page), `${name}, ${sight}`).toEqual([])
    const isOfDocuments = OF_DOCUMENTS[name]?.includes(sight) === true
    if (PICTURES === 'docs/images' && !isOfDocuments) return
    const file = [name, ...(sight === 'light' ? [] : [sight.replace(/ /g, '-')])].join('-')
    await page.screenshot({ path: join(PICTURES, `${file}.png`), caret: 'hide' })
  }
  return { page, picture, close: () => context.close() }
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()

async function enter(page: Page): Promise<void> {
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')])
}

describe.each(sights)('in a browser, %s', (sight) => {
  test('a person sets up a password and a code, signs in, and says no, then yes', {
    timeout: 60_000,
  }, async () => {
    const username = 'alice'
    // Whoever had the name before is another person.
    await runCli('users', 'remove', username, '--config', home.configPath)
    const { page, picture, close } = await open(sight)
    await page.goto(await setUpLink('add', username, '--name', 'Alice Example'))
    await picture('set-up')
    await page.getByLabel('New password').fill('too short')
    await page.getByLabel('The same again').fill('too short')
    await press(page, 'Go on')
    expect(await page.getByRole('alert').textContent()).toContain('at least 12')
    await picture('set-up-refused')
    await page.getByLabel('New password').fill(PASSWORD)
    await page.getByLabel('The same again').fill(PASSWORD)
    await press(page, 'Go on')
    await picture('set-up-code')
    const secret = await page.locator('dd code').first().textContent()
    const step = Math.floor(Date.now() / 30_000)
    await page.getByLabel('Code').fill(totp(secret ?? '', step))
    await press(page, 'Add the code')
    expect(await page.getByRole('heading').textContent()).toBe('You are ready')
    await picture('set-up-ready')

    await page.goto(authorizeAddress())
    await picture('sign-in')
    await page.getByLabel('User name').fill(username)
    await page.getByLabel('Password').fill('not that one at all')
    await press(page, 'Sign in')
    await picture('sign-in-refused')
    expect(await page.getByRole('alert').textContent()).toContain('do not belong together')
    await page.getByLabel('User name').fill(username)
    await page.getByLabel('Password').fill(PASSWORD)
    await enter(page)
    await picture('sign-in-code')
    await page.getByLabel('Code').fill('000000')
    await press(page, 'Sign in')
    expect(await page.getByRole('alert').textContent()).toContain('not right')
    // That of the set-up is spent.
    await page.getByLabel('Code').fill(totp(secret ?? '', step + 1))
    await enter(page)
    await picture('consent')
    await press(page, 'Deny')
    await page.waitForURL(/error=access_denied/)
    expect(page.url().startsWith(callback)).toBe(true)

    await page.goto(authorizeAddress())
    await press(page, 'Allow')
    await page.waitForURL(/[?&]code=/)
    expect(new URL(page.url()).searchParams.get('iss')).toBe(product.url)
    await close()
  })

  test('a dead link is told', { timeout: 60_000 }, async () => {
    const { page, picture, close } = await open(sight)
    await page.goto(`${product.url}/oauth/set-up/nobody`)
    expect(await page.getByRole('heading').textContent()).toBe('This link does not work')
    await picture('dead-link')
    await close()
  })
})

test('too many attempts are told, and when to come back', { timeout: 60_000 }, async () => {
  const { page, picture, close } = await open('light')
  await page.goto(authorizeAddress())
  for (let guess = 0; guess < 6; guess += 1) {
    await page.getByLabel('User name').fill('guessed-name')
    await page.getByLabel('Password').fill('a guess')
    await press(page, 'Sign in')
  }
  expect(await page.getByRole('heading').textContent()).toBe('Too many attempts')
  await picture('too-many')
  await close()
})

test('of all that was typed and shown, nothing is in the log or the record', () => {
  const told = product.stderr() + JSON.stringify(home.auditRecords())
  for (const word of [
    PASSWORD,
    'not that one at all',
    'a guess',
    'guessed-name',
    '/oauth/set-up/',
    'code=',
    'eyJ',
  ])
    expect(told).not.toContain(word)
  expect(told).toContain('sign_in.succeeded')
})
