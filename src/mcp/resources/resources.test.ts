import type { Client } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type McpOverHttp, mcpOverHttp } from '../../../test/kit/mcp-http.ts'
import { Fleet } from '../../app/fleet.ts'
import { hostName } from '../../domain/host.ts'
import { PAGE_META } from './command-output.ts'

let bridge: McpOverHttp
beforeEach(async () => {
  bridge = await mcpOverHttp()
})
afterEach(() => bridge.close())

const ERAS = [['legacy'], [{ pin: '2026-07-28' }]] as const

async function run(client: Client, command: string): Promise<string> {
  const { structuredContent } = await client.callTool({
    name: 'execute_command',
    arguments: { host: 'web-server', command },
  })
  return (structuredContent as { command_id: string }).command_id
}

const textOf = async (client: Client, uri: string) => {
  const [first] = (await client.readResource({ uri })).contents
  if (first === undefined || !('text' in first)) throw new Error(`${uri} has no text`)
  return first
}

describe.each(ERAS)('over HTTP, era %o', (era) => {
  test('the hosts, their facts and the output of a command are read by the calls of their tools', async () => {
    const client = await bridge.connect(era)
    const hosts = JSON.parse((await textOf(client, 'ssh://hosts')).text)
    expect(hosts.hosts.map(({ name }: { name: string }) => name)).toEqual(['db-server', 'web-server'])
    const facts = JSON.parse((await textOf(client, 'ssh://hosts/web-server/facts')).text)
    expect(facts).toMatchObject({ host: 'web-server', hostname: 'web' })

    const id = await run(client, 'echo hello')
    const output = await textOf(client, `ssh://commands/${id}/output`)
    expect(output).toMatchObject({ mimeType: 'text/plain', text: 'hello\n' })
    expect(output._meta?.[PAGE_META]).toMatchObject({ state: 'completed', exit_status: 0, has_more: false })
    expect((await textOf(client, `ssh://commands/${id}/output/2`)).text).toBe('llo\n')

    const decided = bridge.events.flatMap((event) =>
      event.type === 'call.decided' ? [event.call.action.kind] : [],
    )
    expect(decided).toEqual([
      'list_hosts',
      'describe_host',
      'run',
      'get_command_output',
      'get_command_output',
    ])
  })

  test('what never was, is somebody else’s or out of reach is not found, in the same words', async () => {
    const client = await bridge.connect(era)
    const other = await bridge.connect(era, 'other')
    const id = await run(client, 'echo mine')
    const said = async (asked: Client, uri: string) => {
      const error = await asked.readResource({ uri }).then(
        () => undefined,
        (one: Error & { code?: number }) => one,
      )
      return [error?.code, error?.message.replaceAll(uri, 'URI')]
    }
    const never = await said(client, `ssh://commands/cmd_${'x'.repeat(22)}/output`)
    expect(never[1]).toContain('Resource not found: URI')
    expect(await said(other, `ssh://commands/${id}/output`)).toEqual(never)
    expect(await said(client, 'ssh://hosts/no-such-host/facts')).toEqual(never)
    expect(await said(client, 'ssh://hosts/..%2f..%2fetc/facts')).toEqual(never)
    expect(await said(client, 'ssh://commands/1/output')).toEqual(never)
    expect((await said(client, 'ssh://elsewhere'))[1]).toContain('not found')
  })

  test('a resource that needs a scope which the token lacks is answered with the challenge that asks for it', async () => {
    const client = await bridge.connect(era, 'scopeless')
    await expect(client.readResource({ uri: 'ssh://hosts/web-server/facts' })).rejects.toThrow(
      /insufficient|scope|403/i,
    )
    expect(JSON.parse((await textOf(client, 'ssh://hosts')).text).hosts).toHaveLength(2)
  })

  test('the list has the hosts, their facts, the view and the commands of the caller, and nobody else’s', async () => {
    const client = await bridge.connect(era)
    const id = await run(client, 'echo listed')
    const other = await bridge.connect(era, 'other')
    const uris = async (asked: Client) => (await asked.listResources()).resources.map(({ uri }) => uri)
    expect(await uris(client)).toEqual([
      'ssh://hosts',
      'ui://ssh-mcp-bridge/result',
      ...(await ownCommands(client)),
      'ssh://hosts/db-server/facts',
      'ssh://hosts/web-server/facts',
    ])
    expect(await uris(other)).not.toContain(`ssh://commands/${id}/output`)
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'ssh://hosts/{host}/facts',
      'ssh://commands/{command_id}/output',
      'ssh://commands/{command_id}/output/{offset}',
    ])
  })

  test('a fleet is listed page by page, each host once, and a cursor that no page gave is refused', async () => {
    Object.assign(bridge.bridge, { hosts: fleetOf(250) })
    const client = await bridge.connect(era)
    const { resources, ...first } = await client.request({ method: 'resources/list' })
    const second = await client.request({ method: 'resources/list', params: { cursor: first.nextCursor } })
    const third = await client.request({ method: 'resources/list', params: { cursor: second.nextCursor } })
    const facts = [resources, second.resources, third.resources]
      .flat()
      .filter(({ uri }) => uri.endsWith('/facts'))
    expect(new Set(facts.map(({ uri }) => uri)).size).toBe(250)
    expect(third.nextCursor).toBeUndefined()
    await expect(
      client.request({ method: 'resources/list', params: { cursor: 'bm8tc3VjaA' } }),
    ).rejects.toMatchObject({ code: -32_602 })
  })
})

test('in the modern era clients may keep what they read for as long as it is true, each for itself', async () => {
  const client = await bridge.connect({ pin: '2026-07-28' })
  const id = await run(client, 'echo hello')
  const kept = async (uri: string) => {
    const { ttlMs, cacheScope } = (await client.readResource({ uri })) as {
      ttlMs?: number
      cacheScope?: string
    }
    return { ttlMs, cacheScope }
  }
  expect(await kept('ssh://hosts')).toEqual({ ttlMs: 300_000, cacheScope: 'private' })
  expect(await kept('ssh://hosts/web-server/facts')).toEqual({ ttlMs: 60_000, cacheScope: 'private' })
  expect(await kept(`ssh://commands/${id}/output`)).toEqual({ ttlMs: 0, cacheScope: 'private' })
})

async function ownCommands(client: Client): Promise<string[]> {
  const { structuredContent } = await client.callTool({ name: 'get_session_stats', arguments: {} })
  const { commands } = structuredContent as { commands: { command_id: string }[] }
  return commands.map(({ command_id }) => `ssh://commands/${command_id}/output`)
}

function fleetOf(count: number): Fleet {
  const hosts = Array.from({ length: count }, (_, at) => `web-${String(at).padStart(3, '0')}`)
  const shared = { description: '', tags: [], executionMode: 'exec', requiredScopes: [] } as const
  return new Fleet(
    hosts.map((name) => ({
      host: { ...shared, name: hostName(name), allowsSudo: false, allowsTerminal: false },
    })) as never,
  )
}
