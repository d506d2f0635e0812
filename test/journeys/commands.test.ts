import { createHash, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, type Product, startProduct } from '../kit/product.ts'
import { processesWith } from '../kit/remote-processes.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { startTcpProxy, type TcpProxy } from '../kit/tcp-proxy.ts'

let sshd: Sshd
let proxy: TcpProxy
let home: Home
let product: Product
const clients: Client[] = []

/** So that no other run's processes are taken for ours. */
const RUN = randomUUID().slice(0, 8)

const KEY = 'a-key-of-alice-for-the-tests'
const OTHER_KEY = 'a-key-of-bob-for-the-tests'

beforeAll(async () => {
  sshd = await startSshd()
  proxy = await startTcpProxy(sshd.port)
  home = await makeHome()
  const sha256 = (key: string) => createHash('sha256').update(key).digest('hex')
  home.configure(
    [
      'server:',
      '  api_keys:',
      `    - {name: alice, sha256: ${sha256(KEY)}, scopes: [mcp:execute]}`,
      `    - {name: bob, sha256: ${sha256(OTHER_KEY)}, scopes: [mcp:execute]}`,
      'limits: {output_bytes: 4096, shutdown: 1}',
      `hosts:\n${hostYaml('web-server', sshd, { port: String(proxy.port), password: '' })}${hostYaml('shell-host', sshd, { execution_mode: 'shell' })}`,
    ].join('\n'),
  )
  product = await startProduct(home)
})

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})

afterAll(async () => {
  await product?.stop()
  await proxy?.stop()
  await sshd?.stop()
  await home?.remove()
})

async function connect(key = KEY): Promise<Client> {
  const client = await connectHttp(`${product.url}/mcp`, key)
  clients.push(client)
  return client
}

async function call<T = Record<string, unknown>>(
  client: Client,
  name: string,
  args: Record<string, unknown>,
) {
  const result = await client.callTool({ name, arguments: args })
  const [block] = result.content as { text: string }[]
  return { ...(result.structuredContent as T), isError: result.isError === true, text: block?.text ?? '' }
}

/** Follows a command to its end, page by page, and gives all that it printed. */
async function follow(client: Client, command_id: string, more: Record<string, unknown> = {}) {
  let [offset, output] = [0, '']
  for (;;) {
    const page = await call<{ output: string; next_offset: number; has_more: boolean; state: string }>(
      client,
      'get_command_output',
      { command_id, offset, wait_seconds: 10, ...more },
    )
    if (page.isError) throw new Error(page.text)
    output += page.output
    offset = page.next_offset
    if (!page.has_more) return { ...page, output }
  }
}

type Running = {
  command_id: string
  state: string
  outcome: string
  output: string
  repeated?: true
  detached?: boolean
}

describe('a command that takes longer than its call waits', () => {
  test('goes on under its id, is followed to its end, and is recorded once, as it ended', async () => {
    const client = await connect()
    // The way to the host is there: what is waited for below is the command alone.
    await run(client, 'web-server', 'true')
    const running = await call<Running>(client, 'execute_command', {
      host: 'web-server',
      command: 'echo one; sleep 4; echo two; exit 4',
      wait_seconds: 2,
    })
    expect(running).toMatchObject({ outcome: 'running', state: 'running', output: 'one\n', detached: false })
    expect(running.text).toContain(running.command_id)
    const end = await follow(client, running.command_id)
    expect(end).toMatchObject({ output: 'one\ntwo\n', state: 'completed', exit_status: 4 })
    const call_ = running.command_id.replace('cmd_', 'call_')
    const records = home.auditRecords().filter((record) => record.call === call_)
    expect(records.map(({ type }) => type)).toEqual([
      'call.received',
      'call.decided',
      'call.started',
      'call.continued',
      'call.finished',
    ])
    expect(records.at(-1)?.result).toMatchObject({ status: 'completed', exit_status: 4 })
  })

  test('is continued by another client of the same person, and unknown to anybody else', async () => {
    const { command_id } = await call<Running>(await connect(), 'execute_command', {
      host: 'web-server',
      command: 'sleep 0.6; echo late',
      wait_seconds: 0,
    })
    const stranger = await call(await connect(OTHER_KEY), 'get_command_output', { command_id })
    const never = await call(await connect(), 'get_command_output', {
      command_id: `cmd_${'A'.repeat(22)}`,
    })
    expect(stranger.isError && never.isError).toBe(true)
    expect(stranger.text).toBe(never.text)
    const cancelled = await call(await connect(OTHER_KEY), 'cancel_command', { command_id })
    expect(cancelled.text).toBe(never.text)
    expect((await follow(await connect(), command_id)).output).toBe('late\n')
  })

  test('is listed by get_session_stats, and ended by cancel_command with what is known of its processes', async () => {
    const client = await connect()
    const mark = `mark-cancel-command-${RUN}`
    const { command_id } = await call<Running>(client, 'execute_command', {
      host: 'web-server',
      command: `echo begun; sleep 300 # ${mark}\n: ${mark}`,
      wait_seconds: 0.3,
    })
    const stats = await call<{ commands: { command_id: string; state: string }[] }>(
      client,
      'get_session_stats',
      {},
    )
    expect(stats.commands[0]).toMatchObject({ command_id, state: 'running' })
    expect(stats.text).toContain(`- web-server ${command_id} running: echo begun`)
    const ended = await call<{ remote?: unknown }>(client, 'cancel_command', { command_id })
    expect(ended).toMatchObject({ cancelled: true, state: 'cancelled', remote: { state: 'stopped' } })
    expect(processesWith(mark)).toEqual([])
    expect(await call(client, 'cancel_command', { command_id })).toMatchObject({
      cancelled: false,
      state: 'cancelled',
    })
    expect((await follow(client, command_id)).output).toBe('begun\n')
  })

  test('that a client cancels while it waits is ended, as before', async () => {
    const client = await connect()
    const mark = `mark-client-cancels-${RUN}`
    const stop = new AbortController()
    const waiting = client.callTool(
      {
        name: 'execute_command',
        arguments: { host: 'web-server', command: `sleep 300 # ${mark}\n: ${mark}` },
      },
      { signal: stop.signal },
    )
    await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
    stop.abort()
    await expect(waiting).rejects.toThrow()
    await expect.poll(() => processesWith(mark)).toEqual([])
  })
})

describe('output that does not fit into one answer', () => {
  test('is read page by page and is whole to the byte', async () => {
    const client = await connect()
    const ran = await call<Running & { truncated: boolean }>(client, 'execute_command', {
      host: 'web-server',
      command: 'seq 1 40000; echo é€𝄞 >&2',
    })
    expect(ran).toMatchObject({ truncated: true, outcome: 'exited' })
    const expected = `${Array.from({ length: 40_000 }, (_, index) => index + 1).join('\n')}\n`
    const stdout = await follow(client, ran.command_id, { stream: 'stdout', max_bytes: 50_001 })
    expect(stdout.output).toBe(expected)
    expect((await follow(client, ran.command_id, { stream: 'stderr' })).output).toBe('é€𝄞\n')
  })

  test('is read from its end, and searched for lines', async () => {
    const client = await connect()
    const { command_id } = (await run(client, 'web-server', 'seq 1 40000')) as unknown as Running
    const tail = await call<{ output: string; next_offset: number }>(client, 'get_command_output', {
      command_id,
      tail: 12,
    })
    expect(tail.output).toBe('39999\n40000\n')
    const found = await call<{ output: string; matches: number }>(client, 'get_command_output', {
      command_id,
      pattern: '^3999[0-9]$',
    })
    expect(found.matches).toBe(10)
    const [first = ''] = found.output.split('\n')
    const [offset = '', line] = first.split(':')
    expect(line).toBe('39990')
    const there = await call<{ output: string }>(client, 'get_command_output', {
      command_id,
      offset: Number(offset),
      max_bytes: 256,
    })
    expect(there.output).toMatch(/^39990\n39991\n/)
  })

  test('and a pattern that is none are told apart', async () => {
    const client = await connect()
    const { command_id } = (await run(client, 'web-server', 'echo x')) as unknown as Running
    const wrong = await call(client, 'get_command_output', { command_id, pattern: '(' })
    expect(wrong.isError).toBe(true)
    expect(wrong.text).toContain('pattern')
  })
})

describe('an idempotency key', () => {
  test('gives the first command to every repeat, however many come at once', async () => {
    const file = join(home.directory, 'counter')
    const asked = {
      host: 'web-server',
      command: `sleep 0.3; echo x >> ${file}; echo done`,
      idempotency_key: 'deploy-1',
    }
    const clients = await Promise.all([connect(), connect(), connect()])
    const answers = await Promise.all(
      clients.map((client) => call<Running>(client, 'execute_command', asked)),
    )
    answers.push(await call<Running>(await connect(), 'execute_command', asked))
    expect(new Set(answers.map(({ command_id }) => command_id)).size).toBe(1)
    expect(answers.map(({ output }) => output)).toEqual(Array(4).fill('done\n'))
    expect(answers.filter(({ repeated }) => repeated).length).toBe(3)
    expect(readFileSync(file, 'utf8')).toBe('x\n')
  })

  test('that comes with another command is refused, and of another person is another key', async () => {
    const asked = { host: 'web-server', command: 'echo mine', idempotency_key: 'deploy-2' }
    await call(await connect(), 'execute_command', asked)
    const other = await call(await connect(), 'execute_command', { ...asked, command: 'echo other' })
    expect(other.isError).toBe(true)
    expect(other.text).toContain('idempotency_conflict')
    const bob = await call<Running>(await connect(OTHER_KEY), 'execute_command', {
      ...asked,
      command: 'echo bob',
    })
    expect(bob).toMatchObject({ output: 'bob\n' })
    expect(bob.repeated).toBeUndefined()
  })
})

describe('a detached command', () => {
  test('outlives the connection, the client and the bridge, and nothing of it is lost or run twice', async () => {
    const file = join(home.directory, 'detached')
    const client = await connect()
    const begun = await call<Running>(client, 'execute_command', {
      host: 'web-server',
      command: `for i in 1 2 3 4 5 6 7 8; do echo line $i; echo $i >> ${file}; sleep 0.4; done; exit 7`,
      detached: true,
      wait_seconds: 0.5,
      idempotency_key: 'detached-1',
    })
    expect(begun).toMatchObject({ outcome: 'running', detached: true })
    await client.close()
    proxy.cut()
    product.process.kill('SIGKILL')
    await new Promise((resolve) => product.process.once('exit', resolve))
    product = await startProduct(home)
    const again = await connect()
    const end = await follow(again, begun.command_id)
    expect(end).toMatchObject({ state: 'completed', exit_status: 7 })
    expect(end.output).toBe([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `line ${n}\n`).join(''))
    expect(readFileSync(file, 'utf8')).toBe('1\n2\n3\n4\n5\n6\n7\n8\n')
    const repeat = await call<Running>(again, 'execute_command', {
      host: 'web-server',
      command: `for i in 1 2 3 4 5 6 7 8; do echo line $i; echo $i >> ${file}; sleep 0.4; done; exit 7`,
      detached: true,
      idempotency_key: 'detached-1',
    })
    expect(repeat).toMatchObject({ command_id: begun.command_id, repeated: true, exit_status: 7 })
  })

  test('goes on when the bridge is stopped in good order, and what is attached is ended', async () => {
    const marks = [`mark-stays-detached-${RUN}`, `mark-ends-attached-${RUN}`] as const
    const client = await connect()
    const start = (mark: string, more: object) =>
      call<Running>(client, 'execute_command', {
        host: 'web-server',
        command: `sh -c 'sleep 12; : ${mark}'`,
        wait_seconds: 0.5,
        ...more,
      })
    const detached = await start(marks[0], { detached: true })
    const attached = await start(marks[1], {})
    for (const mark of marks) await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
    await product.stop()
    expect(processesWith(marks[0]).length).toBeGreaterThan(0)
    expect(processesWith(marks[1])).toEqual([])
    product = await startProduct(home)
    const again = await connect()
    expect(await follow(again, attached.command_id)).toMatchObject({ state: 'cancelled' })
    expect(await follow(again, detached.command_id)).toMatchObject({ state: 'completed', exit_status: 0 })
  })

  test('that is attached when the bridge is killed is unknown afterwards, and never claimed to be finished', async () => {
    const client = await connect()
    const begun = await call<Running>(client, 'execute_command', {
      host: 'web-server',
      command: 'echo so far; sleep 4',
      wait_seconds: 2,
    })
    product.process.kill('SIGKILL')
    await new Promise((resolve) => product.process.once('exit', resolve))
    product = await startProduct(home)
    expect(await follow(await connect(), begun.command_id)).toMatchObject({
      state: 'unknown',
      output: 'so far\n',
    })
  })

  test('is cancelled by its id, and ended by its own time', async () => {
    const client = await connect()
    const mark = `mark-detached-cancel-${RUN}`
    const begun = await call<Running>(client, 'execute_command', {
      host: 'web-server',
      command: `sh -c 'sleep 300; : ${mark}'`,
      detached: true,
      wait_seconds: 0.2,
    })
    await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
    const cancelled = await call(client, 'cancel_command', { command_id: begun.command_id })
    expect(cancelled).toMatchObject({ cancelled: true, state: 'cancelled' })
    expect(processesWith(mark)).toEqual([])
    const timed = await call<Running>(client, 'execute_command', {
      host: 'web-server',
      command: 'echo part; sleep 300',
      detached: true,
      timeout_seconds: 1,
    })
    expect(timed).toMatchObject({ outcome: 'timed_out', output: 'part\n' })
  })
})

test('two bridges on one state directory leave each other alone', async () => {
  const client = await connect()
  const begun = await call<Running>(client, 'execute_command', {
    host: 'web-server',
    command: 'sleep 1.5; echo mine',
    wait_seconds: 0.2,
  })
  const detached = await call<Running>(client, 'execute_command', {
    host: 'web-server',
    command: 'sleep 2; echo detached',
    detached: true,
    wait_seconds: 0.2,
  })
  const second = await startProduct(home)
  expect(await follow(client, begun.command_id)).toMatchObject({ state: 'completed', output: 'mine\n' })
  expect(await follow(client, detached.command_id)).toMatchObject({
    state: 'completed',
    output: 'detached\n',
  })
  await second.stop()
  for (const { command_id } of [begun, detached]) {
    const records = home.auditRecords().filter(({ call }) => call === command_id.replace('cmd_', 'call_'))
    expect(records.filter(({ type }) => type === 'call.finished').length).toBe(1)
    expect(records.map(({ type }) => type)).not.toContain('call.resumed')
  }
})
