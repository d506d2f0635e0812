import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type RequestOptions, request } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Nginx, startNginx } from '../test/kit/nginx.ts'
import { makePerson, type Person } from '../test/kit/person.ts'
import { startPostgres, type TestPostgres } from '../test/kit/postgres.ts'
import { type Product, startProduct } from '../test/kit/product.ts'
import { type Sshd, startSshd } from '../test/kit/sshd.ts'

const KEY = 'smb_laptop_only_for_this_test'
const DOCUMENTED = /postgres:\/\/bridge:\$\{env:DATABASE_PASSWORD\}@127\.0\.0\.1\/bridge/

let postgres: TestPostgres
let sshd: Sshd
let person: Person
let instances: Product[]
let nginx: Nginx

beforeAll(async () => {
  ;[postgres, sshd] = await Promise.all([startPostgres(), startSshd()])
  person = makePerson(sshd)
  const text = readFileSync('examples/cluster/config.yaml', 'utf8')
  expect(text).toMatch(DOCUMENTED)
  const configPath = person.write('config.yaml', text.replace(DOCUMENTED, await postgres.database()))
  const env = { ...person.env, LAPTOP_KEY_SHA256: createHash('sha256').update(KEY).digest('hex') }
  instances = await Promise.all([1, 2, 3].map(() => startProduct({ configPath }, { env })))
  nginx = await startNginx(instances.map(({ url }) => url))
})

afterAll(async () => {
  await nginx?.close()
  await Promise.all(instances?.map((instance) => instance.stop()) ?? [])
  await postgres?.stop()
  person?.remove()
  await sshd?.stop()
})

interface Reply {
  readonly status: number
  readonly body: string
}

function ask(path: string, body?: object, more: Record<string, string> = {}): Promise<Reply> {
  const options: RequestOptions = {
    host: '127.0.0.1',
    port: nginx.port,
    ca: nginx.ca,
    servername: 'ssh-mcp.example.com',
    path,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      Host: 'ssh-mcp.example.com',
      Authorization: `Bearer ${KEY}`,
      'Content-Type': 'application/json',
      ...more,
    },
  }
  return new Promise((resolve, reject) => {
    const asking = request(options, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    asking.on('error', reject)
    asking.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

const execute = (command: string) => ask('/api/v1/execute', { host: 'web-server', command })

interface Detail {
  readonly detail: { readonly instances: readonly { readonly id: string }[] }
}

async function whoIsThere({ url }: Product): Promise<Detail['detail']> {
  const told = (await (await fetch(`${url}/ready`)).json()) as Detail
  return told.detail
}

test('three instances of the example know of each other, and all of them answer behind nginx', async () => {
  const seen = await Promise.all(instances.map(whoIsThere))
  for (const { instances: known } of seen) expect(known).toHaveLength(3)
  const replies = await Promise.all(Array.from({ length: 12 }, (_, index) => execute(`echo ${index}`)))
  expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200))
  for (const [index, { body }] of replies.entries()) expect(JSON.parse(body).stdout).toBe(`${index}\n`)
})

test('what nginx passes on keeps rights out of its log, and metrics inside', async () => {
  const { status } = await ask('/transfer/only-for-whoever-has-it')
  expect(status).toBe(404)
  expect((await ask('/metrics')).status).toBe(404)
  await expect.poll(() => nginx.accessLog()).toContain('/metrics')
  expect(nginx.accessLog()).not.toContain('only-for-whoever-has-it')
})

test('an instance that is killed costs nobody anything who asks afterwards, and no command runs twice', async () => {
  const [first] = instances
  await first?.stop('SIGKILL')
  const count = `${person.home}/count`
  for (let call = 1; call <= 10; call += 1)
    expect(await execute(`echo ${call} >> ${count}`)).toMatchObject({ status: 200 })
  expect(readFileSync(count, 'utf8')).toBe(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((call) => `${call}\n`).join(''),
  )
  const [, second] = instances
  await expect.poll(async () => (await whoIsThere(second as Product)).instances.length).toBe(2)
})
