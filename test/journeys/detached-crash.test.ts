import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { connectHttp } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

const COMMANDS = 50
const LINES = 400
let sshd: Sshd
let home: Home
let product: Product
const directory = mkdtempSync(join(tmpdir(), 'bridge-crash-'))

beforeAll(async () => {
  sshd = await startSshd({
    config: [`ForceCommand export XDG_STATE_HOME=${directory}; exec bash -c "$SSH_ORIGINAL_COMMAND"`],
  })
  home = await makeHome()
  home.configure(`hosts:\n${hostYaml('web-server', sshd)}`)
  product = await startProduct(home)
})
afterAll(async () => {
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
  rmSync(directory, { recursive: true, force: true })
})

interface Answer {
  readonly command_id?: string
  readonly state?: string
}

/** Undefined when the bridge died before it answered. */
async function ask(client: Client, name: string, args: Record<string, unknown>): Promise<Answer | undefined> {
  try {
    return (await client.callTool({ name, arguments: args })).structuredContent as Answer | undefined
  } catch {
    return undefined
  }
}

test('fifty detached commands outlive a bridge that is killed again and again: each runs once, and is answered whole', async () => {
  const command = (index: number) =>
    `echo ran >>${directory}/count-${index}; i=0; while [ $i -lt ${LINES} ]; do i=$((i + 1)); echo line $i; [ $((i % 100)) -gt 0 ] || sleep 0.${index % 7}; done; exit ${index % 5}`
  const begin = (client: Client, index: number) =>
    ask(client, 'execute_command', {
      host: 'web-server',
      command: command(index),
      detached: true,
      wait_seconds: 0,
      idempotency_key: `crash-${index}`,
    })
  const connect = () => connectHttp(`${product.url}/mcp`, '')
  const beginAll = (client: Client) =>
    Promise.all(Array.from({ length: COMMANDS }, (_, index) => begin(client, index)))
  const hasRun = () => readdirSync(directory).filter((name) => name.startsWith('count-')).length
  const beginning = beginAll(await connect())
  await expect.poll(() => hasRun(), { interval: 10 }).toBe(COMMANDS)
  for (const _kill of ['while they run', 'while they are taken up again']) {
    await product.stop('SIGKILL')
    product = await startProduct(home)
  }
  await beginning
  // The same keys: the first commands are answered.
  const client = await connect()
  const begun = await beginAll(client)

  const text = Array.from({ length: LINES }, (_, index) => `line ${index + 1}\n`).join('')
  for (let index = 0; index < COMMANDS; index += 1) {
    let answer = begun[index]
    const id = answer?.command_id
    expect(id, JSON.stringify(answer)).toBeDefined()
    await vi.waitFor(
      async () => {
        answer = await ask(client, 'get_command_output', { command_id: id, stream: 'stdout' })
        expect(['completed', 'unknown']).toContain(answer?.state)
      },
      { timeout: 30_000, interval: 200 },
    )
    expect(readFileSync(`${directory}/count-${index}`, 'utf8')).toBe('ran\n')
    expect(answer).toMatchObject({ state: 'completed', exit_status: index % 5, output: text })
  }
  await client.close()
})
