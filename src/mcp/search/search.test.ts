import type { Client } from '@modelcontextprotocol/client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { testOAuth } from '../../../test/kit/http-app.ts'
import { type McpOverHttp, mcpOverHttp } from '../../../test/kit/mcp-http.ts'

let bridge: McpOverHttp
beforeEach(async () => {
  const server = { enableLegacySse: false, searchTools: true, auth: { oauth: testOAuth } }
  bridge = await mcpOverHttp({ config: { server } })
})
afterEach(() => bridge.close())

const call = async (client: Client, name: string, args: Record<string, string>) => {
  const { structuredContent, content, isError } = await client.callTool({ name, arguments: args })
  const [block] = content as { text: string }[]
  return { body: structuredContent as Record<string, unknown>, text: block?.text ?? '', isError }
}

const run = async (client: Client, command: string) => {
  const { body } = await call(client, 'execute_command', { host: 'web-server', command })
  return `ssh://commands/${body.command_id}/output`
}

test('without server.search_tools the two are not offered', async () => {
  const without = await mcpOverHttp()
  try {
    const { tools } = await (await without.connect('legacy')).listTools()
    expect(tools.map(({ name }) => name)).not.toContain('search')
  } finally {
    await without.close()
  }
})

describe.each([['legacy' as const], [{ pin: '2026-07-28' }]])('era %o', (era) => {
  test('search finds hosts and the caller’s own commands, what fits best first, in the shape that ChatGPT wants', async () => {
    const client = await bridge.connect(era)
    const id = await run(client, 'echo backup of production')
    const { body, text } = await call(client, 'search', { query: 'Production web' })
    expect(JSON.parse(text)).toEqual(body)
    expect(body.results).toEqual([
      {
        id: 'ssh://hosts/web-server/facts',
        title: 'web-server: Production web server',
        url: 'ssh://hosts/web-server/facts',
      },
      { id, title: 'web-server: echo backup of production (completed)', url: id },
    ])
    expect((await call(client, 'search', { query: 'nothing-like-this' })).body.results).toEqual([])
  })

  test('fetch gives the facts of a host and the output of a command', async () => {
    const client = await bridge.connect(era)
    const id = await run(client, 'echo hello')
    const { body, text } = await call(client, 'fetch', { id })
    expect(JSON.parse(text)).toEqual(body)
    expect(body).toMatchObject({ id, url: id, text: 'hello\n', title: 'web-server: echo hello' })
    const facts = (await call(client, 'fetch', { id: 'ssh://hosts/web-server/facts' })).body
    expect(JSON.parse(String(facts.text))).toMatchObject({ hostname: 'web' })
  })

  test('what somebody else has run is neither found nor fetched, and looks like what never was', async () => {
    const client = await bridge.connect(era)
    const other = await bridge.connect(era, 'other')
    const id = await run(client, 'echo backup')
    expect((await call(other, 'search', { query: 'backup' })).body.results).toEqual([])
    const theirs = await call(other, 'fetch', { id })
    const never = `ssh://commands/cmd_${'x'.repeat(22)}/output`
    const none = await call(other, 'fetch', { id: never })
    expect([theirs.isError, none.isError]).toEqual([true, true])
    expect(theirs.text.replace(id, 'ID')).toBe(none.text.replace(never, 'ID'))
  })
})
