import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CLIENTS as KNOWN } from '../../src/clients/list.ts'
import { CI as KEY, sha256 } from '../kit/api-keys.ts'
import { OwnLoginBridge } from '../kit/own-login.ts'
import { type Home, hostYaml, makeHome, PROGRAM, type Product, startProduct } from '../kit/product.ts'
import { CALLBACK, connectWithOAuth } from '../kit/sdk-oauth.ts'
import { type Sshd, startSshd } from '../kit/sshd.ts'
import { parseToml } from '../kit/toml.ts'

/** The clients with a file, or with an entry that is put into one. */
const CLIENTS = ['claude-desktop', 'claude-code', 'vscode', 'cursor', 'codex', 'gemini', 'generic'] as const

let sshd: Sshd
let home: Home
let product: Product

beforeAll(async () => {
  sshd = await startSshd()
  home = await makeHome()
  home.configure(
    `server: {api_keys: [{name: alice, sha256: ${sha256(KEY)}}]}\nhosts:\n${hostYaml('web-server', sshd)}`,
  )
  product = await startProduct(home)
})

afterAll(async () => {
  await product?.stop()
  await home?.remove()
  await sshd?.stop()
})

interface Told {
  readonly configuration: { readonly format: string; readonly text: string }
  readonly command_line?: readonly string[]
  readonly written?: { readonly changed: boolean; readonly path: string; readonly backup?: string }
}

/** What the built program prints, in a home directory of its own. */
async function connect(...args: string[]): Promise<Told> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [PROGRAM, 'connect', ...args, '--print', 'json'],
    {
      env: { PATH: process.env.PATH, HOME: home.directory },
      cwd: home.directory,
    },
  )
  return JSON.parse(stdout)
}

interface ServerEntry {
  readonly command: string
  readonly args: string[]
  readonly url?: string
  readonly httpUrl?: string
  readonly headers?: Record<string, string>
  readonly bearer_token_env_var?: string
}

/** The one server in the client's file, as the client reads it; with the questions of VS Code. */
function serverIn(format: string, text: string): ServerEntry {
  const file = format === 'toml' ? parseToml(text) : JSON.parse(text)
  return (file.mcpServers ?? file.servers ?? file.mcp_servers).ssh
}

async function hostsOf(client: Client): Promise<unknown> {
  const listed = await client.callTool({ name: 'list_hosts', arguments: {} })
  await client.close()
  return listed.structuredContent
}

const HOSTS = { hosts: [expect.objectContaining({ name: 'web-server' })] }
const newClient = () => new Client({ name: 'journey', version: '1.0.0' })

describe.each(CLIENTS)('a person who connects %s', (name) => {
  test('has a configuration whose command really starts the bridge, from any folder', async () => {
    const { configuration, command_line: words } = await connect(name, home.configPath, '--stdio')
    const { command, args } = serverIn(configuration.format, configuration.text)
    const client = newClient()
    // A client has an environment of its own, without what a shell would add.
    const transport = new StdioClientTransport({
      command,
      args,
      cwd: '/',
      env: { HOME: home.directory },
      stderr: 'ignore',
    })
    await client.connect(transport)
    expect(await hostsOf(client)).toMatchObject(HOSTS)

    if (words?.includes('--')) expect(words.slice(words.indexOf('--') + 1)).toEqual([command, ...args])
    if (words?.[0] === 'gemini') expect(words.slice(6)).toEqual([command, ...args])
    if (words?.[0] === 'code')
      expect(JSON.parse(words[2] ?? '')).toMatchObject({ name: 'ssh', command, args })
  })

  test('has it written beside what was there, once, with a copy of before', async () => {
    const path = join(home.directory, name, 'settings')
    mkdirSync(join(home.directory, name))
    const before = name === 'codex' ? '# mine\nmodel = "o4"\n' : '{\n  "theme": "dark"\n}\n'
    writeFileSync(path, before)
    const write = () => connect(name, home.configPath, '--stdio', '--write', '--file', path)
    const { configuration, written } = await write()
    expect(written).toMatchObject({ changed: true, path, backup: expect.stringMatching(/\.bak$/) })
    expect(readFileSync(written?.backup ?? '', 'utf8')).toBe(before)

    const after = readFileSync(path, 'utf8')
    const { args } = serverIn(configuration.format, after)
    expect(args).toContain(home.configPath)
    const kept = name === 'codex' ? parseToml(after).model : JSON.parse(after).theme
    expect(kept).toBe(name === 'codex' ? 'o4' : 'dark')

    expect(await write()).toMatchObject({ written: { changed: false } })
    expect(readFileSync(path, 'utf8')).toBe(after)
  })

  // The file of Claude Desktop takes commands alone.
  if (name === 'claude-desktop') return
  test('has an address and a reference to the key that the bridge takes', async () => {
    const { configuration, command_line: words } = await connect(
      name,
      home.configPath,
      '--url',
      product.url,
      '--key-env',
      'MY_KEY',
    )
    expect(JSON.stringify([configuration, words])).not.toContain(KEY)
    const {
      url,
      httpUrl,
      headers,
      bearer_token_env_var: variable,
    } = serverIn(configuration.format, configuration.text)
    const header = variable === undefined ? headers?.Authorization : `Bearer \${${variable}}`
    const sent = header?.replace(/\$(?:\{(?:env:|input:)?(?:MY_KEY|my-key)\}|MY_KEY)/, KEY)
    expect(sent).toBe(`Bearer ${KEY}`)
    if (name === 'vscode')
      expect(JSON.parse(configuration.text).inputs).toMatchObject([{ id: 'my-key', password: true }])

    const client = newClient()
    const requestInit = { headers: { Authorization: sent ?? '' } }
    await client.connect(new StreamableHTTPClientTransport(new URL(url ?? httpUrl ?? ''), { requestInit }))
    expect(await hostsOf(client)).toMatchObject(HOSTS)
  })
})

describe('a bridge with the built-in login', () => {
  let bridge: OwnLoginBridge

  beforeAll(async () => {
    bridge = await OwnLoginBridge.start(sshd)
  })

  afterAll(() => bridge?.close())

  test('is what connect prints: the official client signs in at that address, and asks for the hosts', async () => {
    const { configuration } = await connect('generic', bridge.home.configPath, '--http')
    const { url = '', headers } = serverIn(configuration.format, configuration.text)
    expect(headers).toBeUndefined()
    const client = await connectWithOAuth(url, async (address) => {
      return (await bridge.signIn('alice', address, CALLBACK)).href
    })
    expect(await hostsOf(client)).toMatchObject({
      hosts: expect.arrayContaining([expect.objectContaining({ name: 'web-server' })]),
    })
  })

  const signingIn = Object.values(KNOWN).filter(({ signIn }) => signIn !== undefined)
  test.each(signingIn.map((client) => [client.title, client] as const))(
    'registers %s with all redirect addresses of the table at once',
    async (title, { signIn }) => {
      const redirects = signIn?.redirects ?? []
      const redirect_uris = redirects.map(({ uri }) =>
        uri.replace('PORT', '41234').replace('{callback_id}', 'abc'),
      )
      const isLoopback = (uri: string) => uri.startsWith('http://')
      const { status, body } = await bridge.register({
        client_name: title,
        redirect_uris,
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        application_type: redirect_uris.every(isLoopback) ? 'native' : 'web',
      })
      expect([status, body.redirect_uris]).toEqual([201, redirect_uris])
    },
  )

  test('refuses a client whose answers would go to somebody else', async () => {
    for (const uri of [
      'https://chatgpt.com.evil.example/connector/oauth/abc',
      'cursor://evil.example/oauth/callback',
    ]) {
      const { status } = await bridge.register({
        client_name: 'x',
        redirect_uris: [uri],
        token_endpoint_auth_method: 'none',
      })
      expect([uri, status]).toEqual([uri, 400])
    }
  })
})
