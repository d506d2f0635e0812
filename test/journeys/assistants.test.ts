import { createHash } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectHttp, connectStdio, ERAS, type Era } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

// What assistants get beside tools, with the official client of both eras, the built product and a real host.

const KEYS = { alice: 'a-key-of-alice-beside-tools', bob: 'a-key-of-bob-beside-tools' }

let sshd: Sshd
let homes: Record<'http' | 'stdio', Home>
let product: Product
const clients: Client[] = []

beforeAll(async () => {
  sshd = await startSshd()
  homes = { http: await makeHome(), stdio: await makeHome() }
  for (const home of Object.values(homes)) configure(home, ['web-server'])
  product = await startProduct(homes.http)
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})

afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  for (const home of Object.values(homes ?? {})) await home.remove()
})

function configure(home: Home, hosts: readonly string[]): void {
  const keys = Object.entries(KEYS).map(
    ([name, key]) =>
      `    - {name: ${name}, sha256: ${createHash('sha256').update(key).digest('hex')}, scopes: [mcp:execute]}`,
  )
  home.configure(`server:
  search_tools: true
  api_keys:
${keys.join('\n')}
hosts:
${hosts.map((name) => hostYaml(name, sshd, { description: 'Production web server', tags: '[prod]' })).join('')}`)
}

type Door = 'http' | 'stdio'

async function connect(door: Door, era: Era, who: keyof typeof KEYS = 'alice'): Promise<Client> {
  const client =
    door === 'http'
      ? await connectHttp(`${product.url}/mcp`, KEYS[who], era)
      : await connectStdio(homes.stdio, era)
  clients.push(client)
  return client
}

async function begin(client: Client, command: string): Promise<string> {
  const { structuredContent } = await client.callTool({
    name: 'execute_command',
    arguments: { host: 'web-server', command, wait_seconds: 0 },
  })
  return `ssh://commands/${(structuredContent as { command_id: string }).command_id}/output`
}

async function textOf(client: Client, uri: string): Promise<string> {
  const [first] = (await client.readResource({ uri })).contents
  return first !== undefined && 'text' in first ? first.text : ''
}

function told(client: Client): string[] {
  const heard: string[] = []
  client.setNotificationHandler(
    'notifications/resources/updated',
    ({ params }) => void heard.push(params.uri),
  )
  client.setNotificationHandler('notifications/resources/list_changed', () => void heard.push('list'))
  return heard
}

async function follow(client: Client, era: Era, uris: readonly string[]): Promise<void> {
  if (era === 'modern') {
    await client.listen({ resourceSubscriptions: [...uris], resourcesListChanged: true })
    return
  }
  await client.listResources()
  for (const uri of uris) await client.subscribeResource({ uri })
}

describe.each(['http', 'stdio'] as const)('over %s', (door) => {
  describe.each(ERAS)('era %s', (era) => {
    test('hosts, facts and outputs are read, and every reading is in the audit as the call that it is', async () => {
      const client = await connect(door, era)
      const before = homes[door].auditRecords().length
      expect(await textOf(client, 'ssh://hosts')).toContain('"name": "web-server"')
      const facts = JSON.parse(await textOf(client, 'ssh://hosts/web-server/facts'))
      expect(facts.kernel).toMatch(/^\d/)
      const uri = await begin(client, 'echo hello from the host')
      await expect.poll(() => textOf(client, uri)).toBe('hello from the host\n')
      await expect(client.readResource({ uri: 'ssh://hosts/no-such/facts' })).rejects.toThrow(/not found/)

      const kinds = homes[door]
        .auditRecords()
        .slice(before)
        .flatMap((record) => (record.type === 'call.received' ? [(record as never as Received).action] : []))
      const names = kinds.map((action) => (typeof action === 'string' ? action : JSON.stringify(action)))
      for (const kind of ['list_hosts', 'describe_host', 'run', 'get_command_output'])
        expect(names.join()).toContain(kind)
    })

    test('whoever follows a command and the hosts hears of its output, its end and a new configuration', async () => {
      const client = await connect(door, era)
      const heard = told(client)
      const [go, seen] = ['go', 'seen'].map((name) => join(homes[door].directory, `${name}-${era}`))
      const waiting = `until [ -e ${go} ]; do sleep 0.05; done`
      const uri = await begin(client, `touch ${seen}; ${waiting}; echo after; sleep 1.2; echo last`)
      await expect.poll(() => existsSync(String(seen))).toBe(true)
      await follow(client, era, [uri, 'ssh://hosts'])
      writeFileSync(String(go), '')
      await expect.poll(() => heard.filter((one) => one === uri).length).toBeGreaterThan(1)
      expect(await textOf(client, uri)).toBe('after\nlast\n')

      if (door === 'stdio') return
      configure(homes.http, ['web-server', `new-${era}`])
      await expect.poll(() => heard.filter((one) => one !== uri).toSorted()).toEqual(['list', 'ssh://hosts'])
      expect(await textOf(client, 'ssh://hosts')).toContain(`new-${era}`)
    })

    test('a prompt is completed, taken and worded; search finds and fetch gives', async () => {
      const client = await connect(door, era)
      const { completion } = await client.complete({
        ref: { type: 'ref/prompt', name: 'review_logs' },
        argument: { name: 'host', value: 'web' },
      })
      expect(completion.values).toContain('web-server')
      const { messages } = await client.getPrompt({ name: 'review_logs', arguments: { host: 'web-server' } })
      expect(JSON.stringify(messages)).toContain('web-server')

      const found = await client.callTool({ name: 'search', arguments: { query: 'production' } })
      const { results } = found.structuredContent as { results: { id: string }[] }
      expect(results.map(({ id }) => id)).toContain('ssh://hosts/web-server/facts')
      const fetched = await client.callTool({ name: 'fetch', arguments: { id: results[0]?.id } })
      expect((fetched.structuredContent as { text: string }).text).toContain('"host"')
    })
  })
})

test.each(ERAS)('over HTTP, era %s, another person’s command is no resource', async (era) => {
  const [alice, bob] = [await connect('http', era), await connect('http', era, 'bob')]
  const uri = await begin(alice, 'echo only for alice')
  const never = `ssh://commands/cmd_${'x'.repeat(22)}/output`
  const said = (asked: string) =>
    bob.readResource({ uri: asked }).then(
      () => 'read',
      (error: Error) => error.message.replaceAll(asked, 'URI'),
    )
  expect(await said(uri)).toBe(await said(never))
  expect(await said(uri)).toContain('not found')
  expect((await bob.listResources()).resources.map((one) => one.uri)).not.toContain(uri)
  if (era === 'modern') {
    const { honoredFilter } = await bob.listen({ resourceSubscriptions: [uri, 'ssh://hosts'] })
    expect(honoredFilter.resourceSubscriptions).toEqual(['ssh://hosts'])
  } else await expect(bob.subscribeResource({ uri })).rejects.toThrow(/not found/)
})

interface Received {
  readonly action: unknown
}
