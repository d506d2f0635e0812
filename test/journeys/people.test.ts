import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { totp } from '../../src/lib/totp.ts'
import { FormBrowser } from '../kit/form-browser.ts'
import { freePort } from '../kit/free-port.ts'
import { type OAuthApplication, oauthApplication } from '../kit/oauth-application.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { runCli } from '../kit/run-cli.ts'
import { CALLBACK, connectWithOAuth } from '../kit/sdk-oauth.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

const PASSWORD = 'lantern staple tin'
const NEW_PASSWORD = 'window copper garden'
/** What must be told nowhere. */
const secrets: string[] = [PASSWORD, NEW_PASSWORD]

let sshd: Sshd
let home: Home
let product: Product
let port: number

beforeAll(async () => {
  port = await freePort()
  ;[sshd, home] = await Promise.all([startSshd(), makeHome()])
  home.configure(
    `server: {enable_http: true, port: ${port}, log_level: DEBUG, oauth: {mode: embedded}}\nhosts:\n${hostYaml('web-server', sshd)}`,
  )
  product = await startProduct(home, { port })
})

afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
})

async function users(...args: string[]): Promise<string> {
  const { code, out, err } = await runCli('users', ...args, '--config', home.configPath)
  expect([code, err]).toEqual([0, ''])
  return out
}

async function setUp(link: string, password: string, withCode = false): Promise<string> {
  secrets.push(link.split('/').at(-1) ?? '')
  const browser = await new FormBrowser(CALLBACK).open(link)
  await browser.submit({ action: 'password', password, again: password })
  const secret = /secret=([A-Z2-7]+)/.exec(browser.html)?.[1] ?? ''
  secrets.push(secret)
  await browser.submit(withCode ? { action: 'confirm', code: codeOf(secret, 0) } : { action: 'skip' })
  expect(browser.text).toContain('You are ready')
  return secret
}

function codeOf(secret: string, later: number): string {
  const code = totp(secret, Math.floor(Date.now() / 30_000) + later)
  secrets.push(code)
  return code
}

function signedIn(password: string, secret?: string): Promise<Client> {
  application = oauthApplication({ redirectUrl: CALLBACK })
  const browse = async (address: string) => {
    const browser = await new FormBrowser(CALLBACK).open(address)
    await browser.submit({ action: 'login', username: 'alice', password })
    // Of the next step: that of the set-up is spent.
    if (secret !== undefined) await browser.submit({ action: 'code', code: codeOf(secret, 1) })
    await browser.submit({ action: 'allow' })
    secrets.push(new URL(browser.url).searchParams.get('code') ?? 'no code')
    return browser.url
  }
  return connectWithOAuth(`${product.url}/mcp`, browse, application)
}

const run = (client: Client) =>
  client.callTool({ name: 'execute_command', arguments: { host: 'web-server', command: 'echo hello' } })

let client: Client
let application: OAuthApplication

test('a bridge without anybody says what to type', async () => {
  await expect
    .poll(() => product.stderr())
    .toContain(
      `Nobody can sign in yet. Add yourself: ssh-mcp-bridge users add NAME --config ${home.configPath}`,
    )
})

test('somebody who is added while it runs sets up a password and a code, signs in, and is on record', async () => {
  const { set_up_link: link } = JSON.parse(
    await users('add', 'alice', '--email', 'alice@example.com', '--json'),
  )
  const secret = await setUp(link, PASSWORD, true)
  client = await signedIn(PASSWORD, secret)
  expect((await run(client)).structuredContent).toMatchObject({ stdout: 'hello\n' })
  const [alice] = JSON.parse(await users('list', '--json')).users
  expect(alice).toMatchObject({ state: 'password and code' })
  const records = home.auditRecords()
  expect(records.find(({ type }) => type === 'sign_in.succeeded')).toMatchObject({
    username: 'alice',
    subject: alice.subject,
    by: 'password_and_code',
  })
  expect(records.find(({ type }) => type === 'call.finished')?.principal).toMatchObject({
    issuer: product.url,
    subject: alice.subject,
    email: 'alice@example.com',
  })
})

test('who is disabled is refused from the next request on, and let in again when enabled', async () => {
  await users('disable', 'alice')
  await expect(run(client)).rejects.toThrow()
  await users('enable', 'alice')
  expect((await run(client)).structuredContent).toMatchObject({ stdout: 'hello\n' })
})

test('a reset ends what was signed in before, also once there is a new password; the new one signs in without a code', async () => {
  const { set_up_link: link } = JSON.parse(await users('reset', 'alice', '--json'))
  await expect(run(client)).rejects.toThrow()
  await setUp(link, NEW_PASSWORD)
  await expect(run(client)).rejects.toThrow()
  client = await signedIn(NEW_PASSWORD)
  expect((await run(client)).structuredContent).toMatchObject({ stdout: 'hello\n' })
})

test('a restart ends nothing: the same client goes on', async () => {
  await product.stop()
  const before = product.stderr()
  product = await startProduct(home, { port })
  expect(product.stderr()).not.toContain('Nobody can sign in')
  const nobody = () => Promise.reject(new Error('nobody signs in again'))
  client = await connectWithOAuth(`${product.url}/mcp`, nobody, application)
  expect((await run(client)).structuredContent).toMatchObject({ stdout: 'hello\n' })
  for (const secret of secrets) expect(before).not.toContain(secret)
})

test('no password, code, key, set-up link or token is in the log or the record', () => {
  const told = product.stderr() + JSON.stringify(home.auditRecords())
  for (const secret of secrets) expect(told).not.toContain(secret)
  expect(secrets.length).toBeGreaterThan(8)
  expect(told).not.toMatch(/eyJ|\$argon2/)
})
