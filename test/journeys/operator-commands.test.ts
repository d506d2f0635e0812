import { createHash } from 'node:crypto'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectHttp } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

/** `carl` runs commands; `mia` may too, but they are not hers; `olga` looks after what others run, and may run nothing herself. */
const KEYS = { carl: 'mcp:execute', mia: 'mcp:execute', axel: 'mcp:audit', olga: 'mcp:operate' } as const
type Who = keyof typeof KEYS
const keyOf = (name: Who) => `a-key-of-${name}-for-the-operators-tests`

let sshd: Sshd
let home: Home
let product: Product
let carl: Client

beforeAll(async () => {
  ;[sshd, home] = await Promise.all([startSshd(), makeHome()])
  const keys = Object.entries(KEYS).map(([name, scope]) => {
    const sha256 = createHash('sha256')
      .update(keyOf(name as Who))
      .digest('hex')
    return `    - {name: ${name}, sha256: ${sha256}, scopes: ["${scope}"]}\n`
  })
  home.configure(
    `server:\n  enable_http: true\n  port: 0\n  api_keys:\n${keys.join('')}hosts:\n${hostYaml('web-server', sshd)}`,
  )
  product = await startProduct(home)
  carl = await connectHttp(`${product.url}/mcp`, keyOf('carl'))
})

afterAll(async () => {
  await carl?.close()
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
})

async function begin(command: string): Promise<string> {
  const { structuredContent } = await carl.callTool({
    name: 'execute_command',
    arguments: { host: 'web-server', command, wait_seconds: 0 },
  })
  return (structuredContent as { command_id: string }).command_id
}

interface Answer {
  readonly status: number
  readonly body: {
    readonly output?: string
    readonly state?: string
    readonly cancelled?: boolean
    readonly error?: { readonly code: string }
  }
}

async function ask(who: Who, path: string, body?: object): Promise<Answer> {
  const response = await fetch(`${product.url}/api/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { Authorization: `Bearer ${keyOf(who)}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

const followed = (id: string) => `/commands/output?command_id=${id}&wait_seconds=5`
const anybodys = (id: string) => `${followed(id)}&of_anybody=true`

describe('an operator, with what others run', () => {
  test('follows the output of anybody, and it is on record who did', async () => {
    const id = await begin('echo what carl sees; sleep 60')
    const { status, body } = await ask('olga', anybodys(id))
    expect([status, body.state]).toEqual([200, 'running'])
    expect(JSON.stringify(body)).toContain('what carl sees')
    const read = home
      .auditRecords()
      .filter(({ type, ...record }) => type === 'call.started' && 'of_anybody' in record)
    expect(read.map(({ principal }) => principal?.subject)).toEqual(['olga'])
    await ask('carl', '/commands/cancel', { command_id: id })
  })

  test('ends the command of anybody', async () => {
    const id = await begin('sleep 60')
    const { status, body } = await ask('olga', '/commands/cancel', { command_id: id, of_anybody: true })
    expect([status, body.cancelled, body.state]).toEqual([200, true, 'cancelled'])
  })

  test.each(['mia', 'axel', 'carl'] as const)(
    '%s, who is none, is refused that, and nothing is ended',
    async (who) => {
      const id = await begin('sleep 60')
      for (const answer of [
        await ask(who, anybodys(id)),
        await ask(who, '/commands/cancel', { command_id: id, of_anybody: true }),
      ])
        expect([answer.status, answer.body.error?.code]).toEqual([403, 'insufficient_scope'])
      expect((await ask('carl', followed(id))).body.state).toBe('running')
      await ask('carl', '/commands/cancel', { command_id: id })
    },
  )

  test('without saying so, another has nothing of it, as ever', async () => {
    const id = await begin('sleep 60')
    for (const who of ['mia', 'olga'] as const)
      expect((await ask(who, followed(id))).body.error?.code).toBe('command_not_found')
    await ask('carl', '/commands/cancel', { command_id: id })
  })
})
