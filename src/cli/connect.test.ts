import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { runCli } from '../../test/kit/run-cli.ts'
import { CLIENT_IDS, type ClientId } from '../clients/client.ts'
import type { ConnectReport } from './connect/report.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bridge-connect-'))
})

afterEach(() => vi.unstubAllEnvs())

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const KEY_HASH = 'a'.repeat(64)
const PUBLIC = 'public_url: https://ssh-mcp.example.com'

/** How a bridge can be set up, as people have it. */
const BRIDGES = {
  stdio: 'server: {enable_stdio: true, enable_http: false}',
  key: `server: {${PUBLIC}, api_keys: [{name: alice, sha256: ${KEY_HASH}}]}`,
  embedded: `server: {${PUBLIC}, oauth: {mode: embedded}}`,
  external: `server: {${PUBLIC}, oauth: {enabled: true, issuer: "https://example.auth0.com/", audience: "https://ssh-mcp.example.com/mcp"}}`,
  entra: `server: {${PUBLIC}, oauth: {enabled: true, issuer: "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0", audience: "https://ssh-mcp.example.com/mcp"}}`,
  local: 'server: {port: 8080}',
} as const

function configured(bridge: keyof typeof BRIDGES): string {
  const path = join(folder, `${bridge}.yaml`)
  const mode = bridge === 'stdio' ? '' : '\n'
  writeFileSync(
    path,
    `${BRIDGES[bridge].replace('{', bridge === 'stdio' ? '{' : '{enable_http: true, ')}${mode}`,
    {
      mode: 0o600,
    },
  )
  return path
}

async function report(
  client: ClientId,
  bridge: keyof typeof BRIDGES,
  ...args: string[]
): Promise<ConnectReport> {
  const { code, out, err } = await runCli('connect', client, configured(bridge), '--print', 'json', ...args)
  expect([code, err]).toEqual([0, ''])
  return JSON.parse(out)
}

const URL_MEMBERS: Partial<Record<ClientId, string>> = { gemini: 'httpUrl' }
const KEY_PLACES: Partial<Record<ClientId, unknown>> = {
  'claude-code': { headers: { Authorization: 'Bearer ${BRIDGE_KEY}' } },
  vscode: { headers: { Authorization: 'Bearer ${input:bridge-key}' } },
  cursor: { headers: { Authorization: 'Bearer ${env:BRIDGE_KEY}' } },
  codex: { bearer_token_env_var: 'BRIDGE_KEY' },
  gemini: { headers: { Authorization: 'Bearer $BRIDGE_KEY' } },
  generic: { headers: { Authorization: 'Bearer ${BRIDGE_KEY}' } },
}
const CLOUD: readonly ClientId[] = ['chatgpt', 'claude']

describe.each(CLIENT_IDS)('connect %s', (client) => {
  const isCloud = CLOUD.includes(client)
  const isTyped = isCloud || client === 'claude-desktop'

  test('a bridge over stdio: the program with absolute paths, or the reason why not', async () => {
    const path = configured('stdio')
    if (isCloud) {
      const { code, err } = await runCli('connect', client, path, '--stdio')
      expect([code, err]).toEqual([2, expect.stringContaining('starts no programs')])
      return
    }
    const { configuration, transport, auth } = await report(client, 'stdio')
    expect([transport, auth]).toEqual(['stdio', 'local'])
    expect(configuration?.entry.entry).toMatchObject({
      command: process.execPath,
      args: [expect.stringMatching(/^\//), 'serve', path, '--stdio'],
    })
  })

  test.each(['embedded', 'external'] as const)(
    'a bridge with sign-in (%s): the address alone',
    async (bridge) => {
      const told = await report(client, bridge, '--http')
      expect(told).toMatchObject({
        transport: 'http',
        auth: 'sign_in',
        sign_in: bridge,
        scopes: ['mcp:execute'],
      })
      expect(told.redirect_addresses.length).toBeGreaterThan(0)
      expect(told.refused_redirect_addresses).toEqual([])
      const address = 'https://ssh-mcp.example.com/mcp'
      if (isTyped) expect(told.dialog?.fields.map(([, value]) => value)).toContain(address)
      else expect(told.configuration?.entry.entry).toMatchObject({ [URL_MEMBERS[client] ?? 'url']: address })
      expect(JSON.stringify(told.configuration ?? {})).not.toContain('Authorization')
      expect(told.check).toContain(
        `doctor ${configured(bridge)} --client ${client === 'claude-desktop' ? 'claude' : client}`,
      )
    },
  )

  test('a bridge with API keys: a reference to the key, never the key', async () => {
    if (isTyped) {
      const { code, err } = await runCli('connect', client, configured('key'), '--http')
      expect([code, err]).toEqual([2, expect.stringContaining('cannot send an API key')])
      return
    }
    const told = await report(client, 'key', '--http')
    expect(told).toMatchObject({ auth: 'key', key_variable: 'BRIDGE_KEY' })
    expect(told.configuration?.entry.entry).toMatchObject(KEY_PLACES[client] as object)
    expect(JSON.stringify(told)).not.toContain(KEY_HASH)
  })

  test('Entra ID, which registers nobody: the client id is asked for, but for VS Code, which has its own', async () => {
    const told = await report(client, 'entra', '--http')
    expect(told.scopes).toEqual(['https://ssh-mcp.example.com/mcp/mcp:execute'])
    const asks = JSON.stringify([told.configuration ?? {}, told.command_line ?? [], told.dialog ?? {}])
    const needs = client !== 'vscode' && client !== 'generic'
    expect(/CLIENT_ID|Client ID|client_id/.test(asks)).toBe(needs)
  })

  test('the text names what comes next', async () => {
    const { code, out } = await runCli('connect', client, configured('embedded'), '--http')
    expect(code).toBe(0)
    expect(out).toMatch(/^Next: \S/m)
    expect(out).toMatch(/^Then check it: ssh-mcp-bridge doctor/m)
    expect(out).not.toMatch(/\bNAME\b|undefined|\[object/)
  })
})

describe('connect', () => {
  test('without a client lists them', async () => {
    const { out } = await runCli('connect')
    for (const id of CLIENT_IDS) expect(out).toMatch(new RegExp(`^${id} `, 'm'))
    expect(JSON.parse((await runCli('connect', '--print', 'json')).out)).toHaveLength(CLIENT_IDS.length)
  })

  test('with an address alone needs no configuration', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue(folder)
    vi.stubEnv('SSH_MCP_CONFIG', '')
    const { out } = await runCli(
      'connect',
      'cursor',
      '--url',
      'https://bridge.example.com/ssh/',
      '--print',
      'json',
    )
    expect(JSON.parse(out)).toMatchObject({ auth: 'sign_in', url: 'https://bridge.example.com/ssh/mcp' })
  })

  test.each([
    ['a client that is none', ['netscape'], 'no client is named "netscape"; there are: chatgpt, claude,'],
    ['two ways at once', ['cursor', '--stdio', '--http'], '--stdio and --http are two ways'],
    ['an address over stdio', ['cursor', '--stdio', '--url', 'https://x'], '--url is for --http'],
    ['no address', ['cursor', '--url', 'x y'], 'not an address: "x y"'],
    ['an address of another kind', ['cursor', '--url', 'ftp://x'], 'not an address: "ftp://x"'],
    [
      'an address with a password',
      ['cursor', '--url', 'https://a:s3cret@x'],
      'holds no user name or password',
    ],
    ['an address with a query', ['cursor', '--url', 'https://x/mcp?key=1'], 'write --url https://x/mcp'],
    ['a name with a space', ['cursor', '--name', 'a b'], 'not a name: "a b"'],
    ['a format that is none', ['cursor', '--print', 'xml'], 'not a format: "xml"'],
    ['a file that is not written', ['cursor', '--file', 'x'], '--file goes with --write'],
    [
      'a dialog that is to be written',
      ['chatgpt', '--http', '--write'],
      'has no file: its settings are typed',
    ],
    ['a client whose file nobody knows', ['generic', '--write'], 'name it with --file'],
    [
      'a cloud and this machine',
      ['chatgpt', '--url', 'http://127.0.0.1:8080'],
      'only this machine reaches it',
    ],
    ['a cloud and a private address', ['claude', '--url', 'https://10.1.2.3'], 'it is a private address'],
    [
      'a cloud and a name at home',
      ['claude', '--url', 'https://nas.local'],
      'its name is known in your network only',
    ],
    ['a cloud and plain http', ['claude', '--url', 'http://ssh-mcp.example.com'], 'it is not https'],
  ])('%s is an error that says what to write', async (_, args, says) => {
    const [client = '', ...more] = args
    const { code, err } = await runCli('connect', client, configured('embedded'), ...more)
    expect([code, err]).toEqual([2, expect.stringContaining(says)])
    expect(err).not.toContain('s3cret')
  })

  test('a key in the place of its variable’s name is refused without being shown', async () => {
    const key = `smb_${'0123456789abcdef'.repeat(2)}`
    for (const given of [key, 'eyJhbGciOi.J9', 'Bearer x']) {
      const { code, err } = await runCli('connect', 'cursor', configured('key'), '--key-env', given)
      expect(code).toBe(2)
      expect(err).toContain('never the key itself')
      expect(err).not.toContain(given)
    }
  })

  test('a bridge that listens on all addresses needs to be told under which it is reached', async () => {
    const path = join(folder, 'all.yaml')
    writeFileSync(
      path,
      `server: {host: 0.0.0.0, enable_http: true, api_keys: [{name: a, sha256: ${KEY_HASH}}]}`,
      {
        mode: 0o600,
      },
    )
    const { code, err } = await runCli('connect', 'cursor', path, '--http')
    expect([code, err]).toEqual([2, expect.stringContaining('set server.public_url, or write --url')])
  })

  test('over HTTP of a configuration that serves none is told with a warning', async () => {
    const { code, err } = await runCli('connect', 'cursor', configured('stdio'), '--http')
    expect([code, err]).toEqual([0, expect.stringContaining('this configuration serves no HTTP')])
    const elsewhere = ['--url', 'https://ssh-mcp.example.com']
    expect((await runCli('connect', 'cursor', configured('stdio'), ...elsewhere)).err).toBe('')
  })

  test('a loopback address without sign-in is told plainly', async () => {
    const told = await report('cursor', 'local', '--http')
    expect(told).toMatchObject({ auth: 'nothing', url: 'http://127.0.0.1:8080/mcp' })
  })

  test('what the built-in login is configured to refuse is said', async () => {
    const path = join(folder, 'narrow.yaml')
    writeFileSync(
      path,
      `server: {enable_http: true, ${PUBLIC}, oauth: {mode: embedded, registration: {redirect_hosts: [chatgpt.com]}}}`,
      { mode: 0o600 },
    )
    expect((await runCli('connect', 'claude', path)).out).toContain(
      'not allowed by server.oauth.registration.redirect_hosts: https://claude.ai/api/mcp/auth_callback',
    )
    expect((await runCli('connect', 'chatgpt', path)).out).not.toContain('not allowed')
  })

  test('--write puts it into the file that the client reads, in its home directory, and says so once', async () => {
    vi.stubEnv('HOME', folder)
    vi.stubEnv('XDG_CONFIG_HOME', '')
    vi.stubEnv('CODEX_HOME', join(folder, 'codex'))
    for (const [client, path] of [
      ['claude-desktop', '.config/Claude/claude_desktop_config.json'],
      ['vscode', '.config/Code/User/mcp.json'],
      ['cursor', '.cursor/mcp.json'],
      ['gemini', '.gemini/settings.json'],
      ['codex', 'codex/config.toml'],
    ] as const) {
      const first = await runCli('connect', client, configured('stdio'), '--write')
      expect([first.code, first.err]).toEqual([0, ''])
      expect(first.out).toContain(`Written to ~/${path}`)
      expect(readFileSync(join(folder, path), 'utf8')).toContain('--stdio')
      const second = await runCli('connect', client, configured('stdio'), '--write')
      expect(second.out).toContain('nothing was changed')
    }
  })
})
