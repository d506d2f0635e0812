import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectHttp, ERAS, type Era } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { refusal } from '../kit/shell-hosts.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

const KEY = 'facts-journey-key-0123456789'
let sshd: Sshd
let ash: Sshd
let home: Home
let product: Product
const clients = new Map<Era, Client>()

beforeAll(async () => {
  ;[sshd, ash, home] = await Promise.all([startSshd(), startSshd({ shell: 'ash' }), makeHome()])
  home.configure(
    `server: {api_key: ${KEY}}\nhosts:\n${hostYaml('web-server', sshd)}${hostYaml('small', ash)}`,
  )
  product = await startProduct(home)
  for (const era of ERAS) clients.set(era, await connectHttp(`${product.url}/mcp`, KEY, era))
})

afterAll(async () => {
  await Promise.all([...clients.values()].map((client) => client.close()))
  await product?.stop()
  await Promise.all([sshd?.stop(), ash?.stop()])
  await home?.remove()
})

async function ask(era: Era, args: Record<string, unknown>) {
  const client = clients.get(era)
  if (client === undefined) throw new Error(`no ${era} client`)
  const result = await client.callTool({ name: 'describe_host', arguments: args })
  const [block] = result.content as { type: string; text: string }[]
  return { facts: result.structuredContent as Record<string, unknown>, text: block?.text ?? '' }
}

describe.each(ERAS)('describe_host for a %s client', (era) => {
  test.each(['web-server', 'small'])(
    'tells in one call what %s is, for programs and for readers',
    async (host) => {
      const { facts, text } = await ask(era, { host, refresh: true })
      expect(facts).toMatchObject({
        host,
        from_cache: false,
        platform: 'posix',
        os: { name: expect.any(String) },
        cpu: { count: expect.any(Number) },
        memory: { total: expect.any(Number), swap_free: expect.any(Number) },
        load: [expect.any(Number), expect.any(Number), expect.any(Number)],
        uptime_seconds: expect.any(Number),
        missing: expect.any(Array),
      })
      expect(facts.disks).toContainEqual(expect.objectContaining({ mount: '/' }))
      expect(facts.listening).toContainEqual(
        expect.objectContaining({ protocol: 'tcp', port: host === 'small' ? ash.port : sshd.port }),
      )
      const lines = text.split('\n')
      expect(lines[0]).toMatch(new RegExp(`^${host}, at 20`))
      expect(lines[1]).toMatch(/^--- facts /)
      expect(text).toMatch(/^memory: .* available, /m)
      expect(text).toMatch(/^disk \/: \d+ % of /m)
      expect(lines.length).toBeLessThan(30)
    },
  )

  test('tells the same again from memory, and says so', async () => {
    const first = await ask(era, { host: 'web-server', refresh: true })
    const again = await ask(era, { host: 'web-server' })
    expect(again.facts).toEqual({ ...first.facts, from_cache: true })
    expect(again.text).toMatch(/^web-server, as of /)
  })
})

test('a host that the caller does not know is answered like one that is not there, and no address is told', async () => {
  const client = clients.get('modern')
  if (client === undefined) throw new Error('no client')
  expect(await refusal(client, 'describe_host', { host: 'nowhere' })).toMatch(/host_not_found/)
  await ash.stop()
  const said = await refusal(client, 'describe_host', { host: 'small', refresh: true })
  expect(said).toMatch(/small/)
  expect(said).not.toContain('127.0.0.1')
})
