import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { INDEPENDENT_CLIENTS } from '../scripts/clients/list.ts'
import { CLIENT_IDS, type NamedServer, type ServerAuth } from '../src/clients/client.ts'
import { configurationOf, shellLine } from '../src/clients/configuration.ts'
import { CLIENTS } from '../src/clients/list.ts'
import { fencesOf, proseOf } from './kit/markdown.ts'
import { parseToml } from './kit/toml.ts'

const over = (auth: ServerAuth): NamedServer => ({
  name: 'ssh',
  server: { transport: 'http', url: 'https://ssh-mcp.example.com/mcp', auth },
})
const scopes = ['mcp:execute']

/** How the pages introduce the bridge: by these words, in each way. */
const WAYS: Readonly<Record<string, NamedServer>> = {
  stdio: {
    name: 'ssh',
    server: {
      transport: 'stdio',
      command: 'ssh-mcp-bridge',
      args: ['serve', '/home/user/config.yaml', '--stdio'],
    },
  },
  'sign-in': over({ by: 'sign_in', scopes, registers: true }),
  'a client id': over({ by: 'sign_in', scopes, registers: false }),
  'a key': over({ by: 'key', variable: 'BRIDGE_KEY' }),
}

const withFiles = CLIENT_IDS.map((id) => CLIENTS[id]).filter(({ files }) => files.length > 0)
const cases = withFiles.flatMap((client) =>
  Object.entries(WAYS)
    .filter(([way, { server }]) => client.transports.includes(server.transport) && way !== 'none')
    .filter(([way]) => way !== 'a key' || client.apiKey !== undefined)
    .map(([way, named]) => [client.title, way, client, named] as const),
)

describe('the pages of the clients', () => {
  test.each(cases)('%s, %s: the page shows what connect prints', (_, __, client, named) => {
    const fences = fencesOf(`docs/${client.page}`)
    const shown = fences
      .filter(({ info }) => info === 'json' || info === 'toml')
      .map(({ info, text }) => (info === 'toml' ? parseToml(text) : JSON.parse(text)))
    const { format, text } = configurationOf(client, named) ?? { format: 'json', text: '{}' }
    // An id that is typed into a field, or asked for, is in no file.
    expect(shown).toContainEqual(format === 'toml' ? parseToml(text) : JSON.parse(text))
  })

  test.each(
    withFiles
      .filter(({ id }) => ['claude-code', 'codex'].includes(id))
      .map((client) => [client.title, client] as const),
  )('%s: the commands of the page are those that connect prints', (_, client) => {
    const shell = fencesOf(`docs/${client.page}`).map(({ text }) => text)
    for (const way of ['stdio', 'sign-in', 'a key'])
      expect(shell.join('\n')).toContain(shellLine(client.commandLine?.words(WAYS[way] as NamedServer) ?? []))
  })

  test('each redirect address is on the page of its client, and in the table of all', () => {
    const table = proseOf('docs/CLIENTS.md')
    for (const id of CLIENT_IDS.filter((one) => one !== 'generic'))
      for (const { uri } of CLIENTS[id].signIn?.redirects ?? [])
        for (const page of [table, proseOf(`docs/${CLIENTS[id].page}`)]) expect(page).toContain(`\`${uri}\``)
  })

  test('no redirect address is named that no client has', () => {
    const known = CLIENT_IDS.flatMap((id) => CLIENTS[id].signIn?.redirects ?? []).map(({ uri }) => uri)
    const section =
      /## Redirect addresses\n([\s\S]*?)\n`PORT`/.exec(readFileSync('docs/CLIENTS.md', 'utf8'))?.[1] ?? ''
    const named = [...section.matchAll(/`([a-z]+:\/\/[^`]+)`/g)].map((match) => match[1] ?? '')
    expect(named.length).toBeGreaterThan(8)
    expect(named.filter((uri) => !known.includes(uri))).toEqual([])
  })

  test.each(CLIENT_IDS.filter((id) => id !== 'generic'))(
    '%s: the page ends in the command that proves it',
    (id) => {
      const { page, httpBy } = CLIENTS[id]
      const last = fencesOf(`docs/${page}`).at(-1)?.text.trim()
      expect(last).toBe(`ssh-mcp-bridge doctor config.yaml --client ${httpBy ?? id}`)
    },
  )
})

test('the table of clients that were tried has each, in each way, at the version that npm run clients installs', () => {
  const rows = readFileSync('docs/CLIENTS.md', 'utf8').matchAll(
    /^\| ([^|]+) \| (\d[\d.]*) \| (http|stdio) \|/gm,
  )
  const shown = [...rows].map(([, name, version, way]) => `${name} ${version} ${way}`)
  const tried = INDEPENDENT_CLIENTS.flatMap(({ name, packages: [own = ''], ways }) =>
    ways.map((way) => `${name} ${own.slice(own.lastIndexOf('@') + 1)} ${way}`),
  )
  expect(shown).toEqual(tried)
})
