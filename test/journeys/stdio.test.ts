import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { terse } from '../../src/mcp/terse-schema.ts'
import { TOOLS } from '../../src/mcp/tools/list.ts'
import { connectStdio, ERAS, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, PROGRAM } from '../kit/product.ts'
import { processesWith } from '../kit/remote-processes.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'

/** Of these tests alone: other runs on the same machine have marks of their own. */
const RUN = randomUUID().slice(0, 8)

const DEFAULT_MAX_TIMEOUT_MS = 86_400_000

let sshd: Sshd
let home: Home

beforeAll(async () => {
  sshd = await startSshd()
  home = await makeHome()
  home.configure(`hosts:\n${hostYaml('web-server', sshd, { description: 'Production web server' })}`)
})

afterAll(async () => {
  await sshd?.stop()
  await home?.remove()
})

test('what the tools say of themselves is the same as when it is worked out anew, whatever the limits', async () => {
  const ownLimits = await makeHome()
  ownLimits.configure(`limits: {wait: 7, timeout: 77}\nhosts:\n${hostYaml('web-server', sshd)}`)
  try {
    const client = await connectStdio(ownLimits)
    const { tools } = await client.listTools()
    await client.close()
    const limits = { waitMs: 7_000, timeoutMs: 77_000, maxTimeoutMs: DEFAULT_MAX_TIMEOUT_MS }
    const target = { target: 'draft-2020-12' } as const
    for (const tool of TOOLS) {
      const { inputSchema, outputSchema } = tools.find(({ name }) => name === tool.name) ?? {}
      const input = terse(tool.actionSchema(limits))['~standard'].jsonSchema.input(target)
      expect(inputSchema, tool.name).toEqual(expect.objectContaining(input))
      const output = terse(tool.output)['~standard'].jsonSchema.output(target)
      expect(outputSchema, tool.name).toEqual(expect.objectContaining(output))
    }
  } finally {
    await ownLimits.remove()
  }
})

test('a bridge that is told to stop ends, though the client keeps standard input open', async () => {
  const bridge = spawn(process.execPath, [PROGRAM, home.configPath, '--stdio'])
  let told = ''
  bridge.stderr.on('data', (text: Buffer) => {
    if (!told.includes('Serving the client') && (told + String(text)).includes('Serving the client'))
      bridge.kill('SIGTERM')
    told += String(text)
  })
  const [code] = await once(bridge, 'exit')
  expect(code).toBe(0)
  expect(told).toContain('Stopping: SIGTERM')
})

describe.each(ERAS)('a person with a homelab, over stdio (%s client)', (era) => {
  test('asks for hosts and runs a command, and never sees an address, user name or key', async () => {
    const client = await connectStdio(home, era)
    const { tools } = await client.listTools()
    const listed = await client.callTool({ name: 'list_hosts', arguments: {} })
    const ran = await run(client, 'web-server', 'echo hello; echo oops >&2; exit 3')
    await client.close()

    expect(tools.map(({ name }) => name)).toEqual([
      'cancel_command',
      'check_command',
      'close_session',
      'describe_host',
      'edit_file',
      'execute_command',
      'get_command_output',
      'get_session_stats',
      'get_working_directory',
      'list_directory',
      'list_hosts',
      'open_session',
      'read_file',
      'run_on_hosts',
      'transfer_file',
      'undo_change',
      'use_terminal',
      'write_file',
    ])
    expect(listed.structuredContent).toMatchObject({
      hosts: [{ name: 'web-server', description: 'Production web server' }],
    })
    expect(ran).toMatchObject({
      host: 'web-server',
      stdout: 'hello\n',
      stderr: 'oops\n',
      exit_status: 3,
      success: false,
    })
    const seen = JSON.stringify([tools, listed, ran])
    for (const secret of ['127.0.0.1', String(sshd.port), sshd.clientKeyPath])
      expect(seen).not.toContain(secret)
  })

  test('a command that takes too long gives what it printed, and nothing of it is left on the host', async () => {
    const client = await connectStdio(home, era)
    const mark = `mark-${era}-timeout-${RUN}`
    const ran = await run(client, 'web-server', `echo begun; sleep 300 # ${mark}\n: ${mark}`, {
      timeout_seconds: 1,
    })
    await client.close()
    expect(ran).toMatchObject({ outcome: 'timed_out', stdout: 'begun\n', success: false, exit_status: null })
    expect(processesWith(mark)).toEqual([])
  })

  test('a cancelled command is ended on the host', async () => {
    const client = await connectStdio(home, era)
    const mark = `mark-${era}-cancel-${RUN}`
    const stop = new AbortController()
    const call = client.callTool(
      { name: 'execute_command', arguments: { host: 'web-server', command: `sleep 300; : ${mark}` } },
      { signal: stop.signal },
    )
    await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)
    stop.abort()
    await expect(call).rejects.toThrow()
    await expect.poll(() => processesWith(mark)).toEqual([])
    await client.close()
  })
})

test('every answered call has its four records, with the operating-system user on each', () => {
  const records = home.auditRecords().filter(({ command }) => command?.startsWith('echo hello'))
  const types = ['call.received', 'call.decided', 'call.started', 'call.finished']
  expect(records.map(({ type }) => type)).toEqual([...types, ...types])
  expect(new Set(records.map(({ principal }) => principal?.issuer))).toEqual(new Set(['os']))
})

test('stdout carries JSON-RPC only, and the end of input ends the program and its commands at once', async () => {
  const mark = `mark-end-of-input-${RUN}`
  const child = spawn(process.execPath, [PROGRAM, home.configPath, '--stdio', '--log-level', 'DEBUG'])
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.resume()
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const clientInfo = { name: 'raw', version: '1' }
  send({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
  })
  send({ method: 'notifications/initialized' })
  send({
    id: 2,
    method: 'tools/call',
    params: { name: 'execute_command', arguments: { host: 'web-server', command: `sleep 300; : ${mark}` } },
  })
  await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)

  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.stdin.end()
  expect(await ended).toBe(0)
  expect(processesWith(mark)).toEqual([])
  for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' })
  const finished = home
    .auditRecords()
    .find(({ type, command }) => type === 'call.finished' && command?.includes(mark))
  expect(finished?.result?.status).toBe('cancelled')
})

test('a client that dies, and takes its end of every stream along, leaves no command and a whole audit', async () => {
  const mark = `mark-client-died-${RUN}`
  const child = spawn(process.execPath, [PROGRAM, home.configPath, '--stdio', '--log-level', 'DEBUG'])
  const streams = [child.stdin, child.stdout, child.stderr]
  for (const stream of streams) stream.on('error', () => undefined)
  child.stdout.resume()
  child.stderr.resume()
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const clientInfo = { name: 'raw', version: '1' }
  send({
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
  })
  send({ method: 'notifications/initialized' })
  send({
    id: 2,
    method: 'tools/call',
    params: { name: 'execute_command', arguments: { host: 'web-server', command: `sleep 300; : ${mark}` } },
  })
  await expect.poll(() => processesWith(mark).length).toBeGreaterThan(0)

  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  for (const stream of streams) stream.destroy()
  expect(await ended).toBe(0)
  expect(processesWith(mark)).toEqual([])
  const records = home.auditRecords()
  const finished = records.find(({ type, command }) => type === 'call.finished' && command?.includes(mark))
  expect(finished?.result?.status).toBe('cancelled')
  expect(records.at(-1)?.type).toBe('bridge.stopped')
})
