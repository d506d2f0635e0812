import type { Client } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { user } from '../../../test/kit/http-app.ts'
import { lockOn } from '../../../test/kit/lock-parts.ts'
import { type McpOverHttp, mcpOverHttp } from '../../../test/kit/mcp-http.ts'
import { loadRules, ROLES } from '../../../test/kit/rules.ts'
import { Fleet } from '../../app/fleet.ts'
import { hostName } from '../../domain/host.ts'

let bridge: McpOverHttp
let fleet: Fleet
beforeEach(async () => {
  bridge = await mcpOverHttp()
  fleet = new Fleet(hosts({ 'web-server': [] }) as never)
  Object.assign(bridge.bridge, { hosts: fleet })
})
afterEach(() => bridge.close())

const MODERN = { pin: '2026-07-28' } as const

/** What the client was told, in order: addresses, and `list` for other hosts. */
function told(client: Client): string[] {
  const heard: string[] = []
  client.setNotificationHandler(
    'notifications/resources/updated',
    ({ params }) => void heard.push(params.uri),
  )
  client.setNotificationHandler('notifications/resources/list_changed', () => void heard.push('list'))
  return heard
}

/** A command that goes on until it is cancelled. */
async function begin(client: Client, name: string): Promise<string> {
  const { structuredContent } = await client.callTool({
    name: 'execute_command',
    arguments: { host: 'web-server', command: `wait ${name}`, wait_seconds: 0 },
  })
  await bridge.started(name)
  return (structuredContent as { command_id: string }).command_id
}

const cancel = (client: Client, command_id: string) =>
  client.callTool({ name: 'cancel_command', arguments: { command_id } })

/** Follows addresses, in the way of the client’s era. Resolves to those that are followed. */
async function follow(client: Client, uris: string[], list = true): Promise<readonly string[]> {
  if (client.getNegotiatedProtocolVersion() === MODERN.pin) {
    const { honoredFilter } = await client.listen({ resourceSubscriptions: uris, resourcesListChanged: list })
    return honoredFilter.resourceSubscriptions ?? []
  }
  if (list) await client.listResources()
  const followed: string[] = []
  for (const uri of uris)
    await client.subscribeResource({ uri }).then(
      () => followed.push(uri),
      () => undefined,
    )
  return followed
}

const outputOf = (id: string) => `ssh://commands/${id}/output`

describe.each([['legacy' as const], [MODERN]])('over HTTP, era %o', (era) => {
  test('whoever follows the output of a command is told when its state changes', async () => {
    const client = await bridge.connect(era)
    const heard = told(client)
    const id = await begin(client, 'for-news')
    expect(await follow(client, [outputOf(id)])).toEqual([outputOf(id)])
    expect(heard).toEqual([])
    await cancel(client, id)
    await expect.poll(() => heard).toEqual([outputOf(id)])
  })

  test('a command of somebody else is followed as little as one that never was, and nothing is heard of it', async () => {
    const client = await bridge.connect(era)
    const other = await bridge.connect(era, 'other')
    const heard = told(other)
    const id = await begin(client, 'not-for-others')
    const never = `ssh://commands/cmd_${'x'.repeat(22)}/output`
    expect(await follow(other, [outputOf(id), never, 'ssh://hosts', 'ssh://hosts/web-server/facts'])).toEqual(
      ['ssh://hosts'],
    )
    await cancel(client, id)
    fleet.replace(hosts({ 'web-server': [], 'new-server': [] }) as never)
    await expect.poll(() => heard.toSorted()).toEqual(['list', 'ssh://hosts'])
  })

  test('a change of hosts is told to those who see it, and to nobody else', async () => {
    const { rules } = await loadRules(
      `${ROLES}rules:\n  - {name: web, roles: readers, hosts: 'tag:web', effect: allow}`,
    )
    Object.assign(bridge.bridge, { rules: () => rules })
    fleet.replace(hosts({ 'web-server': ['web'] }) as never)
    const client = await bridge.connect(era)
    const heard = told(client)
    await follow(client, ['ssh://hosts'])
    fleet.replace(hosts({ 'web-server': ['web'], 'hidden-server': ['db'] }) as never)
    fleet.replace(hosts({ 'web-server': ['web'] }) as never)
    fleet.replace(hosts({ 'web-server': ['web'], 'new-server': ['web'] }) as never)
    await expect.poll(() => heard.toSorted()).toEqual(['list', 'ssh://hosts'])
  })

  test('whoever loses a host hears no more of the commands there', async () => {
    const client = await bridge.connect(era)
    const heard = told(client)
    const id = await begin(client, 'for-a-lost-host')
    await follow(client, [outputOf(id), 'ssh://hosts'])
    const { rules } = await loadRules(`${ROLES}rules:\n  - {name: none, hosts: 'tag:web', effect: allow}`)
    Object.assign(bridge.bridge, { rules: () => rules })
    bridge.bridge.running.end('access_revoked')
    await bridge.aborted('for-a-lost-host')
    fleet.replace(hosts({ 'new-server': ['web'] }) as never)
    await expect.poll(() => heard).toContain('list')
    expect(heard).not.toContain(outputOf(id))
  })

  test('a caller that is locked out hears no more', async () => {
    const [client, other] = [await bridge.connect(era), await bridge.connect(era, 'other')]
    const [heard, heardByOther] = [told(client), told(other)]
    for (const one of [client, other]) await follow(one, ['ssh://hosts'])
    const { issuer, subject } = user
    await bridge.bridge.locks.add(lockOn({ kind: 'person', issuer, subject }))
    fleet.replace(hosts({ 'web-server': [], 'new-server': [] }) as never)
    await expect.poll(() => heardByOther.toSorted()).toEqual(['list', 'ssh://hosts'])
    expect(heard).toEqual([])
  })

  test('a caller follows 64 things at most', async () => {
    const client = await bridge.connect(era)
    const ids: string[] = []
    for (let at = 0; at < 66; at += 1) {
      const { structuredContent } = await client.callTool({
        name: 'execute_command',
        arguments: { host: 'web-server', command: `echo ${at}` },
      })
      ids.push((structuredContent as { command_id: string }).command_id)
    }
    const followed = await follow(client, ids.map(outputOf), false)
    // In the modern era the stream takes a place too.
    expect(followed.length).toBe(era === 'legacy' ? 64 : 63)
    expect(await follow(client, ['ssh://hosts'], false).catch(() => [])).toEqual([])
  })
})

test('a stream that its client ends gives back its places', async () => {
  const client = await bridge.connect(MODERN)
  for (let round = 0; round < 70; round += 1) {
    const stream = await client.listen({ resourceSubscriptions: ['ssh://hosts'] })
    await stream.close()
  }
  await vi.waitFor(async () => {
    const { honoredFilter } = await client.listen({ resourceSubscriptions: ['ssh://hosts'] })
    expect(honoredFilter.resourceSubscriptions).toEqual(['ssh://hosts'])
  }, 30_000)
})

test('a bridge that stops ends its streams in order', async () => {
  const client = await bridge.connect(MODERN)
  const stream = await client.listen({ resourcesListChanged: true })
  await bridge.edge.close()
  expect(await stream.closed).toBe('graceful')
})

function hosts(names: Readonly<Record<string, readonly string[]>>) {
  return Object.entries(names).map(([name, tags]) => ({
    host: {
      name: hostName(name),
      tags,
      description: '',
      executionMode: 'exec',
      requiredScopes: [],
      allowsSudo: false,
      allowsTerminal: false,
    },
  }))
}
