import { createHash } from 'node:crypto'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { connectHttp } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

let sshd: Sshd
let home: Home
let product: Product
const clients: Client[] = []

beforeAll(async () => {
  ;[sshd, home] = await Promise.all([startSshd(), makeHome()])
  const keys = ['alice', 'bob', 'carol', 'dave'].map(
    (name) => `{name: ${name}, sha256: ${createHash('sha256').update(keyOf(name)).digest('hex')}}`,
  )
  const role = (name: string) => `{name: ${name}, match: [{api_keys: ${name}}]}`
  home.configure(`
server: {api_keys: [${keys.join(', ')}]}
roles: [${['alice', 'bob', 'carol', 'dave'].map(role).join(', ')}]
budgets:
  - {name: few-actions, per: person, roles: alice, destructive_actions_per_day: 2}
  - {name: one-at-a-time, per: person, roles: bob, concurrent_commands: 1}
  - {name: few-hosts, per: client, roles: carol, distinct_hosts_per_hour: 1}
  - {name: little-output, per: client, roles: dave, output_bytes_per_hour: 1000}
hosts:
${['web-1', 'web-2', 'web-3'].map((name) => hostYaml(name, sshd)).join('')}`)
  product = await startProduct(home)
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close().catch(() => undefined)))
})

afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
})

async function connect(who: string): Promise<Client> {
  const client = await connectHttp(`${product.url}/mcp`, keyOf(who))
  clients.push(client)
  return client
}

/** What came out, or the words of the refusal. */
async function sh(client: Client, host: string, command: string, more: object = {}): Promise<string> {
  const args = { host, command, ...more }
  const result = await client.callTool({ name: 'execute_command', arguments: args })
  const { stdout } = (result.structuredContent ?? {}) as { stdout?: string }
  return stdout ?? (result.content as { text: string }[]).map(({ text }) => text).join()
}

function rest(who: string, command: string): Promise<Response> {
  const headers = { Authorization: `Bearer ${keyOf(who)}`, 'Content-Type': 'application/json' }
  const body = JSON.stringify({ host: 'web-1', command })
  return fetch(`${product.url}/api/v1/execute`, { method: 'POST', headers, body })
}

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a budget of a day is used up after a restart by %s too, by every door, and the refusal says which and when',
  async (signal) => {
    const alice = await connect('alice')
    if (signal === 'SIGTERM') {
      expect(await sh(alice, 'web-1', 'echo one')).toBe('one\n')
      expect((await rest('alice', 'echo two')).status).toBe(200)
    }
    expect(await sh(alice, 'web-1', 'echo three')).toMatch(
      /The budget few-actions of 2 actions a day .* is used up\. Try again in \d+ s\./,
    )
    await alice.close()
    await product.stop(signal)
    product = await startProduct(home)

    const refused = await rest('alice', 'echo three')
    expect(refused.status).toBe(429)
    const hours = Number(refused.headers.get('Retry-After')) / 3_600
    expect(hours).toBeGreaterThan(23)
    expect(hours).toBeLessThanOrEqual(25)
    // What ran in a process that was killed holds its place until the next look at who lives, a second later.
    await expect.poll(async () => (await rest('bob', 'echo on')).status).toBe(200)
    const decided = home.auditRecords().findLast(({ verdict }) => verdict === 'deny')
    expect(decided).toMatchObject({ rule: 'budgets', reason: 'rate_limited' })
  },
)

test('with one command at a time a second is refused until the first has ended, and many hosts go one after the other', async () => {
  const bob = await connect('bob')
  const first = sh(bob, 'web-1', 'sleep 2; echo first')
  await expect.poll(() => sh(bob, 'web-2', 'echo second')).toContain('at the same time')
  expect(await first).toBe('first\n')
  expect(await sh(bob, 'web-2', 'echo second')).toBe('second\n')

  const background = await sh(bob, 'web-1', 'sleep 1', { wait_seconds: 0 })
  expect(background).toBe('')
  const many = { hosts: ['*'], command: 'date +%s.%N; sleep 0.3; date +%s.%N' }
  const result = await bob.callTool({ name: 'run_on_hosts', arguments: many })
  const { counts, groups } = result.structuredContent as {
    counts: { succeeded: number }
    groups: { output: string }[]
  }
  expect(counts.succeeded).toBe(3)
  const spans = groups
    .map(({ output }) => output.trim().split('\n').map(Number))
    .sort(([a = 0], [b = 0]) => a - b)
  for (const [index, [begin = 0]] of spans.entries())
    if (index > 0) expect(begin).toBeGreaterThan(spans[index - 1]?.[1] ?? 0)
})

test('of one distinct host an hour the second is refused and the first goes on, also among many', async () => {
  const carol = await connect('carol')
  expect(await sh(carol, 'web-1', 'echo a')).toBe('a\n')
  expect(await sh(carol, 'web-2', 'echo b')).toContain('The budget few-hosts of 1 distinct hosts an hour')
  expect(await sh(carol, 'web-1', 'echo c')).toBe('c\n')
  const many = { hosts: ['web-*'], command: 'echo d' }
  const result = await carol.callTool({ name: 'run_on_hosts', arguments: many })
  expect(result.structuredContent).toMatchObject({ counts: { succeeded: 1, denied: 2 } })
})

test('who was given enough output is given no more for now, and may still end what runs', async () => {
  const dave = await connect('dave')
  const begun = await dave.callTool({
    name: 'execute_command',
    arguments: { host: 'web-1', command: 'sleep 60', wait_seconds: 0 },
  })
  const { command_id } = begun.structuredContent as { command_id: string }
  expect((await sh(dave, 'web-1', 'seq 1 1000')).length).toBeGreaterThan(1_000)
  expect(await sh(dave, 'web-1', 'echo more')).toContain('1000 bytes of output an hour')
  const ended = await dave.callTool({ name: 'cancel_command', arguments: { command_id } })
  expect(ended.structuredContent).toMatchObject({ cancelled: true })
})

function keyOf(name: string): string {
  return `${name}-key-of-the-budget-journey`
}
