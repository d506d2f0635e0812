import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../kit/free-port.ts'
import { GLEWLWYD_CLIENT, type Glewlwyd, startGlewlwyd } from '../kit/glewlwyd.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

let sshd: Sshd
let glewlwyd: Glewlwyd
let home: Home
let product: Product
let resource: string

beforeAll(async () => {
  const port = await freePort()
  resource = `http://127.0.0.1:${port}/mcp`
  const options = { redirectUris: ['http://127.0.0.1:9/callback'], resource }
  ;[sshd, glewlwyd, home] = await Promise.all([startSshd(), startGlewlwyd(options), makeHome()])
  home.configure(
    `server: {enable_http: true, oauth: {enabled: true, issuer: "${glewlwyd.issuer}", audience: "${resource}"}}\nhosts:\n${hostYaml('web-server', sshd)}`,
  )
  product = await startProduct(home, { port })
})

afterAll(async () => {
  await product?.stop()
  await glewlwyd?.stop()
  await sshd?.stop()
  await home?.remove()
})

function run(token: string): Promise<Response> {
  return fetch(`${product.url}/api/v1/execute`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ host: 'web-server', command: 'echo hello' }),
  })
}

test('a person whom glewlwyd signed in runs a command, and is on record under its issuer', async () => {
  const answer = await run(await glewlwyd.tokenFor(resource))
  expect([answer.status, await answer.json()]).toMatchObject([200, { output: 'hello\n' }])
  expect(home.auditRecords().find(({ type }) => type === 'call.finished')?.principal).toMatchObject({
    issuer: glewlwyd.issuer,
    subject: expect.stringMatching(/^\S{16,}$/),
    client: GLEWLWYD_CLIENT.clientId,
  })
})

test('so does a client of its own, without a person', async () => {
  expect((await run(await glewlwyd.machineToken(resource))).status).toBe(200)
})

test('a token of glewlwyd that names no resource, and one that was changed, are refused', async () => {
  const changed = (await glewlwyd.machineToken(resource)).replace(/.{6}$/, 'AAAAAA')
  for (const token of [await glewlwyd.machineToken(), changed]) {
    const answer = await run(token)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token')
  }
})
