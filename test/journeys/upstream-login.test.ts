import { afterAll, beforeAll, expect, test } from 'vitest'
import { FormBrowser } from '../kit/form-browser.ts'
import { freePort } from '../kit/free-port.ts'
import { GLEWLWYD_CLIENT, GLEWLWYD_USER, type Glewlwyd, startGlewlwyd } from '../kit/glewlwyd.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { CALLBACK, connectWithOAuth } from '../kit/sdk-oauth.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

let sshd: Sshd
let glewlwyd: Glewlwyd
let home: Home
let product: Product
let port: number

beforeAll(async () => {
  port = await freePort()
  const redirectUris = [`http://127.0.0.1:${port}/oauth/upstream`]
  ;[sshd, glewlwyd, home] = await Promise.all([startSshd(), startGlewlwyd({ redirectUris }), makeHome()])
  configure()
  product = await startProduct(home, { port })
})

afterAll(async () => {
  await product?.stop()
  await glewlwyd?.stop()
  await sshd?.stop()
  await home?.remove()
})

function configure(more = ''): void {
  const { clientId, clientSecret } = GLEWLWYD_CLIENT
  const upstream = `{issuer: "${glewlwyd.issuer}", client_id: ${clientId}, client_secret: ${clientSecret}${more}}`
  home.configure(
    `server: {enable_http: true, port: ${port}, oauth: {mode: embedded, upstream: ${upstream}}}\nhosts:\n${hostYaml('web-server', sshd)}`,
  )
}

/** The person: to glewlwyd, signed in there, back, and yes to the client. */
async function browse(authorizationUrl: string): Promise<string> {
  const browser = new FormBrowser(CALLBACK, glewlwyd.url)
  await browser.open(authorizationUrl)
  expect(browser.url).toMatch(new RegExp(`^${glewlwyd.issuer}/auth\\?.*code_challenge_method=S256`))
  await browser.open(await glewlwyd.signIn(browser.url))
  expect(browser.text).toContain('Official client')
  await browser.submit({ action: 'allow' })
  return browser.url
}

test('from the official client by glewlwyd to a first command, and the record names the person and both issuers', async () => {
  const client = await connectWithOAuth(`${product.url}/mcp`, browse)
  const answer = await client.callTool({
    name: 'execute_command',
    arguments: { host: 'web-server', command: 'echo hello' },
  })
  await client.close()
  expect(answer.structuredContent).toMatchObject({ stdout: 'hello\n', exit_status: 0 })

  const records = home.auditRecords() as unknown as Record<string, unknown>[]
  const signedIn = records.find(({ type }) => type === 'sign_in.succeeded')
  expect(signedIn).toMatchObject({
    by: 'upstream',
    username: GLEWLWYD_USER.email,
    upstream: { issuer: glewlwyd.issuer, subject: expect.any(String) },
  })
  expect(records.find(({ type }) => type === 'call.finished')?.principal).toMatchObject({
    issuer: product.url,
    subject: signedIn?.subject,
    email: GLEWLWYD_USER.email,
  })
})

test('an answer of glewlwyd that is brought by another browser signs nobody in', async () => {
  await connectWithOAuth(`${product.url}/mcp`, async (authorizationUrl) => {
    const [attacker, victim] = [
      new FormBrowser(CALLBACK, glewlwyd.url),
      new FormBrowser(CALLBACK, glewlwyd.url),
    ]
    await attacker.open(authorizationUrl)
    // The attacker has the victim sign in there, and hopes that the answer is good for the request that the attacker began.
    await victim.open(await glewlwyd.signIn(attacker.url))
    expect([victim.status, victim.text]).toEqual([400, expect.stringContaining('Start again')])
    return browse(authorizationUrl)
  })
})

test('nothing of the way is in the log or the record: no secret, code, state, verifier or token', async () => {
  const records = JSON.stringify(home.auditRecords())
  for (const told of [records, product.stderr()]) {
    for (const word of [
      GLEWLWYD_CLIENT.clientSecret,
      GLEWLWYD_USER.password,
      'code=',
      'state=',
      'code_verifier',
      'eyJ',
    ])
      expect(told).not.toContain(word)
  }
})

test('who may sign in no more is told so, and a provider that is gone is told with what to do', async () => {
  const browser = new FormBrowser(CALLBACK, glewlwyd.url)
  await connectWithOAuth(`${product.url}/mcp`, async (authorizationUrl) => {
    configure(', allowed_people: [bob@example.com]')
    product.process.kill('SIGHUP')
    await expect.poll(() => product.stderr()).toContain('Configuration applied')
    await browser.open(authorizationUrl)
    await browser.open(await glewlwyd.signIn(browser.url))
    expect([browser.status, browser.text]).toEqual([403, expect.stringContaining('allowed_people')])

    await browser.open(authorizationUrl)
    const back = await glewlwyd.signIn(browser.url)
    await glewlwyd.stop()
    await browser.open(back)
    expect([browser.status, browser.text]).toEqual([503, expect.stringContaining('cannot be reached')])
    expect(browser.headers.retryAfter).toBe('30')
    throw new Error('the person gives up')
  }).catch((error: Error) => expect(error.message).toBe('the person gives up'))
  const reasons = (home.auditRecords() as { type: string; reason?: string }[])
    .filter(({ type }) => type === 'sign_in.refused')
    .map(({ reason }) => reason)
  expect(reasons).toEqual(['wrong_address', 'upstream_unreachable'])
})
