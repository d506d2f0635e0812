import { Client } from '@modelcontextprotocol/client'
import { type CallToolResult, InMemoryTransport, type ListToolsResult } from '@modelcontextprotocol/server'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { afterEach, describe, expect, test } from 'vitest'
import { user } from '../../test/kit/http-app.ts'
import { type ScriptedBridge, scriptedBridge } from '../../test/kit/scripted-bridge.ts'
import type { Principal } from '../domain/principal.ts'
import { createServer } from './create-server.ts'
import { ERROR_META } from './run-tool.ts'

const admin: Principal = { ...user, scopes: new Set(['mcp:execute', 'mcp:admin']) }
const open: Client[] = []
afterEach(async () => {
  for (const client of open.splice(0)) await client.close()
})

async function connect(scripted: ScriptedBridge, principal: Principal = user): Promise<Client> {
  const [near, far] = InMemoryTransport.createLinkedPair()
  const challenge = { baseUrl: 'https://ssh-mcp.example.com', path: '/mcp' } as const
  const oauth = scripted.deps.config().server.auth.oauth
  const caller = {
    principal,
    edge: 'mcp_http',
    challenge: { ...challenge, firstScopes: [], ...(oauth && { oauth }) },
  } as const
  await createServer(scripted.deps, { caller }).connect(far)
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(near)
  open.push(client)
  return client
}

function textOf(result: unknown): string {
  const [first] = (result as CallToolResult).content
  return first?.type === 'text' ? first.text : ''
}

const run = (client: Client, command: string, more: object = {}) =>
  client.callTool({ name: 'execute_command', arguments: { host: 'web-server', command, ...more } })

describe('the list of tools', () => {
  test('is sorted by name and says of each tool all four hints, a title and the shape of its result', async () => {
    const { tools } = await (await connect(scriptedBridge())).listTools()
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
    for (const { title, annotations, outputSchema, inputSchema } of tools) {
      expect(title).toMatch(/^[A-Z]/)
      const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = annotations ?? {}
      expect([readOnlyHint, destructiveHint, idempotentHint, openWorldHint]).not.toContain(undefined)
      expect(outputSchema?.type).toBe('object')
      expect(inputSchema.additionalProperties).toBe(false)
    }
  })

  test('costs a conversation at most 4,000 tokens', async () => {
    const listed: ListToolsResult = await (await connect(scriptedBridge())).listTools()
    expect(countTokens(JSON.stringify(listed.tools))).toBeLessThan(4_000)
  })

  test('is the same for a caller without any scope', async () => {
    const scripted = scriptedBridge()
    const mine = await (await connect(scripted)).listTools()
    const theirs = await (await connect(scripted, { ...user, scopes: new Set() })).listTools()
    expect(theirs.tools).toEqual(mine.tools)
  })

  test('tells ChatGPT which scopes a tool needs while OAuth is on, and nothing while it is off', async () => {
    const { tools } = await (await connect(scriptedBridge())).listTools()
    const schemes = Object.fromEntries(tools.map(({ name, _meta }) => [name, _meta?.securitySchemes]))
    expect(schemes.execute_command).toEqual([{ type: 'oauth2', scopes: ['mcp:execute'] }])
    expect(schemes.list_hosts).toEqual([{ type: 'oauth2', scopes: [] }])

    const off = scriptedBridge({ config: { server: { enableLegacySse: false, auth: {} } } })
    const without = await (await connect(off)).listTools()
    expect(JSON.stringify(without)).not.toContain('securitySchemes')
  })

  test('names the longest time-out that the configuration allows', async () => {
    const scripted = scriptedBridge({ config: { limits: { maxTimeoutMs: 120_000 } } })
    const client = await connect(scripted)
    const { tools } = await client.listTools()
    expect(JSON.stringify(tools.find(({ name }) => name === 'execute_command'))).toContain('"maximum":120')
    expect((await run(client, 'echo hi', { timeout_seconds: 121 })).isError).toBe(true)
    expect((await run(client, 'echo hi', { timeout_seconds: 120 })).isError).toBeUndefined()
  })
})

describe('what a model reads', () => {
  test('after exit 0 both streams stand together, fenced by a mark that changes', async () => {
    const client = await connect(scriptedBridge())
    const first = textOf(await run(client, 'echo hello'))
    expect(first).toMatch(/^web-server: exit 0 after 12 ms\n--- output (\w{12})\nhello\n--- end \1$/)
    expect(textOf(await run(client, 'echo hello'))).not.toBe(first)
  })

  test('after exit 3 stderr stands apart and the result is no tool error', async () => {
    const result = await run(await connect(scriptedBridge()), 'exit 3')
    expect(textOf(result)).toMatch(
      /exit 3 .*\n--- stdout \w+\nhalf done\n--- end \w+\n--- stderr \w+\nno such file\n/,
    )
    expect(result.isError).toBeUndefined()
    expect(result.structuredContent).toMatchObject({
      host: 'web-server',
      command: 'exit 3',
      success: false,
      exit_status: 3,
      signal: null,
      outcome: 'exited',
      stdout: 'half done\n',
      stderr: 'no such file\n',
      duration_ms: 12,
      truncated: false,
      session: { id: 'ses_default', working_directory: '/home/user', state: 'saved' },
    })
  })

  test('a time-out comes with what was printed and with what the host says of the processes', async () => {
    const result = await run(await connect(scriptedBridge()), 'expire', { timeout_seconds: 2 })
    expect(textOf(result)).toContain(
      'TIMED OUT after 2000 ms; its processes are gone (process group 4711, KILL)',
    )
    expect(textOf(result)).toContain('so far')
    expect(result.structuredContent).toMatchObject({
      outcome: 'timed_out',
      success: false,
      exit_status: null,
      remote: { state: 'stopped', process_group: 4711, stopped_by: 'KILL' },
    })
  })

  test('a lost connection is an unknown outcome with the advice to look first', async () => {
    const result = await run(await connect(scriptedBridge()), 'lose')
    expect(textOf(result)).toMatch(/OUTCOME UNKNOWN.*Check before you run it again/)
    expect(result.structuredContent).toMatchObject({ outcome: 'unknown', success: false })
  })

  test('long output says how much there was and how to see the rest', async () => {
    const result = await run(await connect(scriptedBridge()), `echo ${'x'.repeat(5_000)}`)
    expect(textOf(result)).toContain('Cut: stdout is 5001 bytes')
    expect(result.structuredContent).toMatchObject({ truncated: true, stdout_bytes: 5_001 })
  })

  test('every tool answers in the shape that it declares', async () => {
    const client = await connect(scriptedBridge(), admin)
    await client.listTools()
    // The client checks each structured result against the schema of the list and would throw.
    const calls: [string, object, RegExp][] = [
      ['list_hosts', {}, /- db-server: Database \[prod\]\n- web-server: .* \(keeps directory/],
      ['get_working_directory', { host: 'web-server' }, /^web-server: \/srv$/],
      ['open_session', { host: 'web-server', name: 'deploy' }, /^Opened session ses_1 on web-server/],
      ['close_session', { host: 'web-server', session: 'ses_1' }, /is closed/],
      ['get_session_stats', {}, /^1 session\(s\), 1 connection\(s\), 0 command\(s\) running/],
      ['execute_command', { host: 'web-server', command: 'kill' }, /killed by SIGSEGV/],
    ]
    for (const [name, args, text] of calls) {
      const result = await client.callTool({ name, arguments: { ...args } })
      expect(textOf(result), name).toMatch(text)
      expect(result.structuredContent, name).toBeDefined()
    }
  })
})

describe('what is refused', () => {
  test('an unknown host and a forbidden one read alike', async () => {
    const client = await connect(scriptedBridge(), { ...user, scopes: new Set() })
    const [unknown, forbidden] = await Promise.all(
      ['mail-server', 'web-server'].map((host) =>
        client.callTool({ name: 'execute_command', arguments: { host, command: 'echo hi' } }),
      ),
    )
    expect(unknown).toEqual(forbidden)

    const signedIn = await connect(scriptedBridge())
    const result = await signedIn.callTool({
      name: 'execute_command',
      arguments: { host: 'mail-server', command: 'echo hi' },
    })
    expect(result.isError).toBe(true)
    expect(result._meta?.[ERROR_META]).toMatchObject({ code: 'host_not_found', retry: false })
    expect(textOf(result)).toMatch(/List the hosts.*\(host_not_found\)/)
  })

  test('a missing scope that reaches the tool carries the challenge that makes ChatGPT ask for it', async () => {
    const scripted = scriptedBridge()
    const result = await (await connect(scripted)).callTool({
      name: 'execute_command',
      arguments: { host: 'db-server', command: 'echo hi' },
    })
    expect(result.isError).toBe(true)
    expect(result._meta?.['mcp/www_authenticate']).toEqual([
      expect.stringMatching(
        /^Bearer resource_metadata="https:\/\/ssh-mcp\.example\.com\/\.well-known\/oauth-protected-resource\/mcp", error="insufficient_scope", .*scope="mcp:execute mcp:admin"$/,
      ),
    ])
    expect(scripted.ran).toEqual([])
    const allowed = await connect(scripted, admin)
    const twin = await allowed.callTool({
      name: 'execute_command',
      arguments: { host: 'db-server', command: 'echo hi' },
    })
    expect(twin.isError).toBeUndefined()
  })

  test('wrong arguments are named and reach nobody', async () => {
    const scripted = scriptedBridge()
    const client = await connect(scripted)
    const wrong: [object, RegExp][] = [
      [{ host: 'web-server' }, /command/],
      [{ host: 'web-server', command: 'a\0b' }, /NUL/],
      [{ host: '../etc', command: 'ls' }, /list_hosts/],
      [{ host: 'web-server', command: 'ls', doas: true }, /doas/],
      [{ host: 'web-server', command: 'ls', timeout_seconds: -1 }, /timeout_seconds|expected number/],
    ]
    for (const [args, text] of wrong) {
      const result = await client.callTool({ name: 'execute_command', arguments: { ...args } })
      expect(result.isError, JSON.stringify(args)).toBe(true)
      expect(textOf(result)).toMatch(text)
    }
    expect(scripted.ran).toEqual([])
    expect(scripted.events).toEqual([])
  })

  test('an unknown tool is an error of the protocol', async () => {
    const client = await connect(scriptedBridge())
    await expect(client.callTool({ name: 'no_such_tool' })).rejects.toMatchObject({ code: -32602 })
  })

  test('a host that cannot be reached, an audit that cannot be written and a defect come with their codes and no detail', async () => {
    const scripted = scriptedBridge()
    const client = await connect(scripted)
    expect((await run(client, 'unreachable'))._meta?.[ERROR_META]).toMatchObject({
      code: 'host_unreachable',
      retry: true,
    })
    const defect = await run(client, 'defect')
    expect(defect._meta?.[ERROR_META]).toMatchObject({ code: 'internal' })
    expect(JSON.stringify(defect)).not.toContain('secret detail')
    expect(scripted.lines.join()).toContain('secret detail')

    scripted.auditProblem = 'disk full'
    const refused = await run(client, 'echo hi')
    expect(refused._meta?.[ERROR_META]).toMatchObject({ code: 'audit_unavailable', retry: true })
    expect(scripted.ran).not.toContain('echo hi')
  })
})

test('cancelling a call ends the command', async () => {
  const scripted = scriptedBridge()
  const client = await connect(scripted)
  const stop = new AbortController()
  const call = { name: 'execute_command', arguments: { host: 'web-server', command: 'wait a' } }
  const answer = expect(client.callTool(call, { signal: stop.signal })).rejects.toThrow()
  await scripted.started('a')
  stop.abort('not needed any more')
  await scripted.aborted('a')
  await answer
})
