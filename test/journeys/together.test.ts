import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Balancer, startBalancer } from '../kit/balancer.ts'
import { type Cluster, keyOf, keysYaml, type Member, startCluster } from '../kit/cluster.ts'
import { FormBrowser } from '../kit/form-browser.ts'
import { freePort } from '../kit/free-port.ts'
import { connectHttp, ERAS, run } from '../kit/mcp-client.ts'
import { oauthApplication } from '../kit/oauth-application.ts'
import { startPostgres, type TestPostgres } from '../kit/postgres.ts'
import { hostYaml, PROGRAM } from '../kit/product.ts'
import { CALLBACK, connectWithOAuth } from '../kit/sdk-oauth.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

/** Two products that share a PostgreSQL, behind an nginx that gives each request to the other one in turn. */
let postgres: TestPostgres
let sshd: Sshd
let cluster: Cluster
let balancer: Balancer
let one: Member
let two: Member
const clients: Client[] = []

const PASSWORD = 'correct horse battery staple'

beforeAll(async () => {
  const port = await freePort()
  ;[postgres, sshd] = await Promise.all([
    startPostgres(),
    startSshd({ config: ['Subsystem sftp internal-sftp'] }),
  ])
  cluster = await startCluster(postgres, 2, configuration(port), port)
  ;[one, two] = cluster.members as [Member, Member]
  balancer = await startBalancer(
    port,
    cluster.members.map((member) => member.port),
  )
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close().catch(() => undefined)
})

afterAll(async () => {
  await balancer?.stop()
  await cluster?.stop()
  await postgres?.stop()
  await sshd?.stop()
})

function configuration(port: number): string {
  return `server:
  public_url: http://127.0.0.1:${port}
  enable_http: true
  oauth: {mode: embedded, encryption_key: ${'k'.repeat(32)}}
${keysYaml(['alice', 'bob', 'carol', 'dave'], 'scopes: [mcp:execute, mcp:approve, mcp:operate]')}people:
  - {name: alice, api_keys: [alice]}
  - {name: bob, api_keys: [bob]}
roles:
  - {name: oncall, match: [{api_keys: [bob]}]}
  - {name: few, match: [{api_keys: [dave]}]}
budgets:
  - {name: few, per: person, roles: few, concurrent_commands: 1, distinct_hosts_per_hour: 1}
rules:
  - {name: ask-first, hosts: [vault], effect: approve, approvers: [oncall]}
  - {name: rest, hosts: [web-server], effect: allow}
hosts:
${hostYaml('web-server', sshd)}${hostYaml('vault', sshd)}`
}

interface Told {
  readonly detail?: { readonly instances: readonly unknown[] }
  readonly command_id: string
  readonly digest: string
  readonly state: string
  readonly output: string
  readonly url: string
  readonly lock: { readonly id: string }
  readonly error?: { readonly code: string }
}

const as = (who: string) => ({ authorization: `Bearer ${keyOf(who)}`, 'content-type': 'application/json' })

async function get(member: Member, path: string, who = 'alice') {
  const response = await fetch(`${member.url}/${path}`, { headers: as(who) })
  return { status: response.status, body: (await response.json()) as Told }
}

async function post(member: Member, path: string, body: unknown, who = 'alice') {
  const init = { method: 'POST', headers: as(who), body: JSON.stringify(body) }
  const response = await fetch(`${member.url}/api/v1/${path}`, init)
  return { status: response.status, body: (await response.json()) as Told }
}

async function connect(url: string, token: string | undefined, era = ERAS[1]): Promise<Client> {
  const client = await connectHttp(`${url}/mcp`, token, era)
  clients.push(client)
  return client
}

async function tool(client: Client, name: string, args: Record<string, unknown>): Promise<Told> {
  const result = await client.callTool({ name, arguments: args })
  expect(result.isError, JSON.stringify(result.content)).not.toBe(true)
  return result.structuredContent as never as Told
}

/** Makes a link at `member`; the answer's path is asked for at any of them. */
async function link(member: Member, args: Record<string, unknown>): Promise<string> {
  const { url } = await tool(await connect(member.url, keyOf('alice')), 'transfer_file', args)
  expect(url).toContain(`http://127.0.0.1:${cluster.publicPort}/transfer/`)
  return new URL(url).pathname
}

const digest = (text: string) => createHash('sha256').update(text).digest('base64url')
const execute = (member: Member, host: string, command: string, who = 'alice') =>
  post(member, 'execute', { host, command }, who)

test.each(ERAS)(
  'the official client (%s) runs commands through a balancer that sends each request to another instance, and follows a detached one',
  async (era) => {
    // Each looks once a second who else is there.
    for (const member of cluster.members)
      await expect.poll(async () => (await get(member, 'ready')).body.detail?.instances.length).toBe(2)
    const client = await connect(balancer.url, keyOf('alice'), era)
    for (const word of ['a', 'b', 'c', 'd'])
      expect((await run(client, 'web-server', `echo ${word}`)).output).toBe(`${word}\n`)
    const command = 'echo begun; sleep 1; echo over'
    const begun = await tool(client, 'execute_command', {
      ...{ host: 'web-server', command, detached: true, wait_seconds: 0 },
    })
    const read = () => tool(client, 'get_command_output', { command_id: begun.command_id, wait_seconds: 1 })
    await expect.poll(read, { interval: 200 }).toMatchObject({ state: 'completed', output: 'begun\nover\n' })
    const records = await cluster.audit()
    const writers = new Set(records.map(({ instance }) => instance))
    expect(writers.size).toBeGreaterThanOrEqual(2)
    expect(
      records.filter((record) => record.type === 'call.finished' && record.command === command),
    ).toHaveLength(ERAS.indexOf(era) + 1)
  },
)

test('a link to a file that one instance made is used at another, once, and only its digest is kept', async () => {
  const file = join(sshd.directory, 'given')
  writeFileSync(file, 'some text\n')
  const path = await link(one, { from_host: 'web-server', from_path: file })
  const token = path.slice('/transfer/'.length)
  const [kept] = await cluster.query<{ id: string }>('SELECT * FROM transfer_links')
  expect(kept?.id).toBe(digest(token))
  expect(JSON.stringify(kept)).not.toContain(token)
  expect((await fetch(two.url + path, { method: 'HEAD' })).headers.get('content-length')).toBe('10')
  const half = await fetch(two.url + path, { headers: { Range: 'bytes=0-4' } })
  expect([half.status, await half.text()]).toEqual([206, 'some '])
  const rest = await fetch(one.url + path, { headers: { Range: 'bytes=5-' } })
  expect([rest.status, await rest.text()]).toEqual([206, 'text\n'])
  for (const { url } of cluster.members) {
    const [used, never] = [await fetch(url + path), await fetch(`${url}/transfer/${'A'.repeat(43)}`)]
    expect([used.status, await used.text()]).toEqual([404, await never.text()])
  }

  // At both at the same moment, several times: whoever comes in the middle of another's use ends it, and goes on.
  for (let round = 0; round < 3; round += 1) {
    const contested = await link(round % 2 ? one : two, { from_host: 'web-server', from_path: file })
    const answers = await Promise.all(
      [one, two, one, two].map(async ({ url }) => {
        const response = await fetch(url + contested).catch(() => undefined)
        return response?.status === 200 ? response.text().catch(() => '') : ''
      }),
    )
    expect(answers.filter((text) => text === 'some text\n')).toHaveLength(1)
  }

  const place = join(sshd.directory, 'taken')
  const upload = await link(one, { to_host: 'web-server', to_path: place })
  const put = (member: Member, body: string, range: string) =>
    fetch(member.url + upload, { method: 'PUT', body, headers: { 'content-range': `bytes ${range}/10` } })
  expect((await put(one, 'some ', '0-4')).status).toBe(202)
  const told = await fetch(two.url + upload, { method: 'HEAD' })
  expect(told.headers.get('upload-offset')).toBe('5')
  expect((await put(two, 'text\n', '5-9')).status).toBe(201)
  expect(readFileSync(place, 'utf8')).toBe('some text\n')
  expect((await put(one, 'again', '0-4')).status).toBe(404)
  expect(await cluster.query('SELECT id FROM transfer_links')).toEqual([])
  expect(JSON.stringify(await cluster.audit())).not.toContain(token)
})

test('what is asked at one instance is approved at another, and runs once', async () => {
  const counter = join(sshd.directory, 'approved')
  const asked = await execute(one, 'vault', `echo ran >>${counter}`)
  expect(asked.body).toMatchObject({ state: 'waiting_approval' })
  const { command_id } = asked.body
  const listed = (await get(two, 'api/v1/approvals', 'bob')).body as never as { approvals: Told[] }
  const shown = listed.approvals.find((request) => request.command_id === command_id)
  const answer = { command_id, verdict: 'approve', digest: shown?.digest }
  const answers = await Promise.all([
    post(two, 'approvals/answer', answer, 'bob'),
    post(one, 'approvals/answer', answer, 'bob'),
  ])
  expect(answers.map(({ status }) => status)).toContain(200)
  for (const member of [two, one])
    await expect
      .poll(async () => (await get(member, `api/v1/commands/output?command_id=${command_id}`)).body.state, {
        timeout: 10_000,
      })
      .toBe('completed')
  expect(readFileSync(counter, 'utf8')).toBe('ran\n')
})

test('a lock that is set at one instance refuses at the other within five seconds, and ends its links for good', async () => {
  const file = join(sshd.directory, 'locked')
  writeFileSync(file, 'not for now')
  const path = await link(one, { from_host: 'web-server', from_path: file })
  const refused = join(sshd.directory, 'refused')
  const on = { kind: 'host', host: 'web-server' }
  const set = await post(two, 'locks', { on, reason: 'an incident' }, 'carol')
  expect(set.status).toBe(200)
  await expect.poll(async () => (await execute(one, 'web-server', 'true')).body.error?.code).toBe('locked')
  expect((await execute(one, 'web-server', `touch ${refused}`)).status).toBe(403)
  for (const { url } of cluster.members) expect((await fetch(url + path)).status).toBe(404)
  expect((await post(one, 'locks/remove', { id: set.body.lock.id }, 'carol')).status).toBe(200)
  await expect.poll(async () => (await execute(two, 'web-server', 'true')).status).toBe(200)
  for (const { url } of cluster.members) expect((await fetch(url + path)).status).toBe(404)
  expect(existsSync(refused)).toBe(false)
})

test('a command that runs at one instance, and a host that was used there, count at the other', async () => {
  const begun = await post(
    one,
    'execute',
    { host: 'web-server', command: 'sleep 300', wait_seconds: 0 },
    'dave',
  )
  expect(begun.status).toBe(200)
  const refusal = async (host: string) => JSON.stringify((await execute(two, host, 'true', 'dave')).body)
  await expect.poll(() => refusal('web-server')).toContain('1 commands at the same time')
  await expect.poll(() => refusal('vault')).toContain('1 distinct hosts an hour')
  expect((await execute(two, 'web-server', 'true', 'alice')).status).toBe(200)
  const { command_id } = begun.body
  expect((await post(one, 'commands/cancel', { command_id }, 'dave')).status).toBe(200)
  await expect.poll(async () => (await execute(two, 'web-server', 'true', 'dave')).status).toBe(200)
  expect(await refusal('vault')).toContain('1 distinct hosts an hour')
})

test('a person signs in while each request is of another instance, and the token is good at both', async () => {
  const args = [
    'users',
    'add',
    'dora',
    '--password-stdin',
    '--scope',
    'mcp:execute',
    '--config',
    one.configPath,
  ]
  // Not waited for in one go: its wire to the database runs in this process.
  await new Promise<void>((resolve, reject) => {
    const child = execFile(process.execPath, [PROGRAM, ...args], (error) =>
      error ? reject(error) : resolve(),
    )
    child.stdin?.end(`${PASSWORD}\n`)
  })
  const application = oauthApplication({ redirectUrl: CALLBACK })
  const client = await connectWithOAuth(
    `${balancer.url}/mcp`,
    async (address) => {
      const browser = await new FormBrowser(CALLBACK).open(address)
      await browser.submit({ action: 'login', username: 'dora', password: PASSWORD })
      await browser.submit({ action: 'allow' })
      expect(browser.url, browser.text).toContain(CALLBACK)
      return browser.url
    },
    application,
  )
  clients.push(client)
  for (const word of ['a', 'b'])
    expect((await run(client, 'web-server', `echo ${word}`)).output).toBe(`${word}\n`)
  for (const { url } of cluster.members) {
    const direct = await connect(url, application.kept?.access_token)
    expect((await run(direct, 'web-server', 'echo direct')).output).toBe('direct\n')
  }
  expect(
    (await fetch(`${two.url}/mcp`, { method: 'POST', headers: { authorization: 'Bearer no' } })).status,
  ).toBe(401)
})
