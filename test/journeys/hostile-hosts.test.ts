import { readFileSync } from 'node:fs'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  AROUND_THE_COMMAND,
  BEFORE_THE_COMMAND,
  type HostileServer,
  startHostileServer,
} from '../kit/hostile-ssh-server.ts'
import { connectHttp } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { withRoom } from '../kit/room.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

/** Every way in which a server of the kit breaks its promises, at the product's door. */
const CONNECT_SECONDS = 5
const TIMEOUT_SECONDS = 3
const MODES = [...Object.entries(BEFORE_THE_COMMAND), ...Object.entries(AROUND_THE_COMMAND)]

/** What the host said, or nothing but what is known. `exited` only of those that tell an exit status. */
const TELLS_ITS_STATUS: Readonly<Record<string, number>> = {
  'tells two exit statuses': 3,
  'tells an exit status and keeps the channel': 0,
}
/** A host that does not answer is asked for eight seconds to end the command; what it still says is waited for a little. */
const ENDING_SECONDS = 20

let sshd: Sshd
let home: Home
let product: Product
let client: Client
const servers: HostileServer[] = []
const nameOf = (index: number) => `hostile-${index}`

beforeAll(async () => {
  ;[sshd, home] = await Promise.all([startSshd(), makeHome()])
  const hostKey = readFileSync(`${sshd.directory}/host_ed25519`)
  for (const [, behaviour] of MODES) servers.push(await startHostileServer(behaviour, hostKey))
  const hosts = servers.map(({ port }, index) => hostYaml(nameOf(index), sshd, { port: String(port) }))
  home.configure(
    [
      `ssh: {connect_timeout: ${CONNECT_SECONDS}}\nlimits: {calls_per_minute: 1000000}`,
      'hosts:',
      hostYaml('web-server', sshd),
      ...hosts,
    ].join('\n'),
  )
  product = await startProduct(home)
  client = await connectHttp(`${product.url}/mcp`, undefined, 'modern')
})

afterAll(async () => {
  await client?.close()
  await product?.stop()
  await Promise.all(servers.map((server) => server.stop()))
  await sshd?.stop()
  await home?.remove()
})

async function execute(host: string, command: string) {
  const sinceMs = performance.now()
  const result = await client.callTool(
    { name: 'execute_command', arguments: { host, command, timeout_seconds: TIMEOUT_SECONDS } },
    { timeout: 60_000 },
  )
  const answer = result.structuredContent as { outcome?: string; exit_status?: number; stdout?: string }
  const [block] = result.content as { text: string }[]
  return {
    ...answer,
    isError: result.isError === true,
    text: block?.text ?? '',
    tookMs: performance.now() - sinceMs,
  }
}

describe('of all of them at once, a host that', () => {
  const calls = new Map<string, Awaited<ReturnType<typeof execute>>>()
  const others: number[] = []

  beforeAll(async () => {
    await execute('web-server', 'true')
    let isOver = false
    const all = Promise.all(
      MODES.map(async ([mode], index) => calls.set(mode, await execute(nameOf(index), 'echo hostile'))),
    ).finally(() => {
      isOver = true
    })
    while (!isOver) {
      const other = await execute('web-server', 'echo fine')
      expect(other, other.text).toMatchObject({ outcome: 'exited', stdout: 'fine\n' })
      others.push(other.tookMs)
    }
    await all
  })

  test.each(Object.keys(BEFORE_THE_COMMAND))('%s is given up in time', (mode) => {
    const ran = calls.get(mode)
    expect(ran).toMatchObject({ isError: true, text: expect.stringMatching(/\(host_\w+\)$/) })
    expect(ran?.tookMs).toBeLessThan(withRoom((CONNECT_SECONDS + 1) * 1_000))
  })

  test.each(Object.keys(AROUND_THE_COMMAND))(
    '%s ends its call in time and with no more than is known',
    (mode) => {
      const ran = calls.get(mode)
      if (mode in TELLS_ITS_STATUS)
        expect(ran).toMatchObject({ outcome: 'exited', exit_status: TELLS_ITS_STATUS[mode] })
      else expect([undefined, 'timed_out', 'unknown'], ran?.text).toContain(ran?.outcome)
      expect(ran?.tookMs).toBeLessThan(withRoom((TIMEOUT_SECONDS + ENDING_SECONDS) * 1_000))
    },
  )

  test('did any of it keeps no call to another host waiting for long', () => {
    expect(others.length).toBeGreaterThan(10)
    expect(Math.max(...others)).toBeLessThan(withRoom(2_000))
  })

  test('did any of it leaves the process alive, its memory bounded and its log without a defect', async () => {
    expect(product.process.exitCode).toBeNull()
    const status = readFileSync(`/proc/${product.process.pid}/status`, 'utf8')
    expect(Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024).toBeLessThan(400)
    expect(product.stderr()).not.toMatch(/uncaught|unhandled|TypeError|RangeError/i)
    expect(await execute('web-server', 'echo alive')).toMatchObject({ stdout: 'alive\n' })
  })
})
