import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../src/config/load-config.ts'
import { freePort } from '../test/kit/free-port.ts'
import { GLEWLWYD_CLIENT, GLEWLWYD_USER, startGlewlwyd } from '../test/kit/glewlwyd.ts'
import { makePerson, type Person } from '../test/kit/person.ts'
import { PROGRAM, type Product, startProduct } from '../test/kit/product.ts'
import { type Sshd, startSshd } from '../test/kit/sshd.ts'

const LAPTOP_KEY = 'smb_laptop_only_for_this_test'
const CI_KEY = 'smb_ci_only_for_this_test'
const UPSTREAM_SECRET = GLEWLWYD_CLIENT.clientSecret
const KEYS = {
  UPSTREAM_SECRET,
  LAPTOP_KEY_SHA256: sha256(LAPTOP_KEY),
  CI_KEY_SHA256: sha256(CI_KEY),
  DATABASE_PASSWORD: 'only-for-this-test',
}

let sshd: Sshd
let person: Person

beforeAll(async () => {
  sshd = await startSshd()
  person = makePerson(sshd)
})

afterAll(async () => {
  person?.remove()
  await sshd?.stop()
})

const CONFIGURATIONS = readdirSync('examples', { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml') && !path.includes('compose'))
  .sort()

describe('the examples', () => {
  test.each(CONFIGURATIONS)('%s is a valid configuration', async (path) => {
    const file = person.write('config.yaml', readExample(path))
    const loaded = await loadConfig(file, { ...person.env, ...KEYS })
    expect(loaded.ok ? [] : loaded.problems).toEqual([])
  })

  test.each(['claude_desktop_config.json', 'cursor-mcp.json', 'vscode-mcp.json', 'codex-config.toml'])(
    'stdio/%s starts a bridge that runs a command on a host of the file and of ~/.ssh/config',
    async (name) => {
      const file = person.write('config.yaml', readExample('stdio/config.yaml'))
      const { command, args } = stdioServerOf(name)
      expect(command).toBe('ssh-mcp-bridge')
      const client = await startedWith(args.map((arg) => (arg.endsWith('config.yaml') ? file : arg)))
      try {
        const { structuredContent } = await client.callTool({ name: 'list_hosts', arguments: {} })
        expect(namesIn(structuredContent)).toEqual(['backup-box', 'home-server', 'web-server'])
        for (const host of ['web-server', 'home-server']) {
          const answer = await client.callTool({
            name: 'execute_command',
            arguments: { host, command: 'echo hello' },
          })
          expect(answer.structuredContent, JSON.stringify(answer.content)).toMatchObject({
            host,
            stdout: 'hello\n',
            exit_status: 0,
          })
        }
      } finally {
        await client.close()
      }
    },
  )

  test('without a configuration the hosts of ~/.ssh/config are served, and nothing else', async () => {
    const client = await startedWith(['serve', '--stdio'])
    try {
      const { structuredContent } = await client.callTool({ name: 'list_hosts', arguments: {} })
      expect(namesIn(structuredContent)).toEqual(['home-server'])
    } finally {
      await client.close()
    }
  })

  test.each([
    ['cursor-mcp.json', 'mcpServers'],
    ['vscode-mcp.json', 'servers'],
  ])('http-api-key/%s connects with the key of the laptop', async (name, list) => {
    const product = await startExample('http-api-key/config.yaml')
    const { url, headers } = JSON.parse(readExample(`http-api-key/${name}`))[list].ssh
    const authorization = String(headers.Authorization).replace(/\$\{[^}]+\}/, LAPTOP_KEY)
    const client = new Client({ name: 'examples', version: '1.0.0' })
    try {
      const address = String(url).replace('http://127.0.0.1:8080', product.url)
      const transport = new StreamableHTTPClientTransport(new URL(address), {
        requestInit: { headers: { Authorization: authorization } },
      })
      await client.connect(transport)
      const answer = await client.callTool({
        name: 'execute_command',
        arguments: { host: 'db-server', command: 'echo hello' },
      })
      expect(answer.structuredContent).toMatchObject({ host: 'db-server', stdout: 'hello\n' })
    } finally {
      await client.close()
      await product.stop()
    }
  })

  test('http-api-key: the key of the build server runs commands, but not on the host that asks for mcp:admin', async () => {
    const product = await startExample('http-api-key/config.yaml')
    const run = (host: string) =>
      fetch(`${product.url}/api/v1/execute`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${CI_KEY}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ host, command: 'echo hello' }),
      })
    try {
      expect((await run('web-server')).status).toBe(200)
      expect((await run('db-server')).status).toBe(403)
    } finally {
      await product.stop()
    }
  })

  test('approvals: a change in production waits for the person on call, and runs once approved', async () => {
    const product = await startExample('approvals/config.yaml')
    const ask = async (key: string, path: string, body?: unknown) => {
      const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
      const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      return (await fetch(`${product.url}/api/v1/${path}`, { headers, ...post })).json() as Promise<never>
    }
    const change = { host: 'web-server', command: 'X=changed; printf %s "$X"' }
    try {
      const asked: { state: string; command_id: string } = await ask(LAPTOP_KEY, 'execute', change)
      expect(asked.state).toBe('waiting_approval')
      const { approvals }: { approvals: { command_id: string; digest: string }[] } = await ask(
        CI_KEY,
        'approvals',
      )
      const [{ command_id, digest } = { command_id: '', digest: '' }] = approvals
      expect(command_id).toBe(asked.command_id)
      await ask(CI_KEY, 'approvals/answer', { command_id, verdict: 'approve', digest })
      await expect
        .poll(() => ask(LAPTOP_KEY, `commands/output?command_id=${command_id}&wait_seconds=5`), {
          timeout: 20_000,
        })
        .toMatchObject({ state: 'completed', output: 'changed' })
      expect(await ask(LAPTOP_KEY, 'execute', { ...change, host: 'lab-server' })).toMatchObject({
        stdout: 'changed',
      })
    } finally {
      await product.stop()
    }
  })

  test('rules: support sees production alone and reads logs there; developers look around and do what they like in the lab', async () => {
    const product = await startExample('rules/config.yaml')
    const ask = (key: string, path: string, body?: object) => {
      const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
      const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      return fetch(`${product.url}/api/v1/${path}`, { headers, ...post })
    }
    const run = async (key: string, host: string, command: string) =>
      (await ask(key, 'execute', { host, command })).status
    try {
      expect(namesIn(await (await ask(CI_KEY, 'hosts')).json())).toEqual(['web-server'])
      expect(namesIn(await (await ask(LAPTOP_KEY, 'hosts')).json())).toEqual(['lab-server', 'web-server'])
      expect(await run(CI_KEY, 'web-server', 'ls /var/log | grep -v nothing')).toBe(200)
      expect(await run(CI_KEY, 'web-server', 'ls /etc')).toBe(403)
      expect(await run(CI_KEY, 'lab-server', 'ls /var/log')).toBe(404)
      expect(await run(LAPTOP_KEY, 'web-server', 'ls /etc')).toBe(200)
      expect(await run(LAPTOP_KEY, 'web-server', 'touch /srv/x')).toBe(403)
      expect(await run(LAPTOP_KEY, 'lab-server', 'X=1; echo $X')).toBe(200)
      expect(await run(LAPTOP_KEY, 'lab-server', 'true; reboot')).toBe(403)
    } finally {
      await product.stop()
    }
  })

  test('http-api-key/codex-config.toml names the address and takes the key from the environment', () => {
    const text = readExample('http-api-key/codex-config.toml')
    expect(tomlValue(text, 'url')).toBe('http://127.0.0.1:8080/mcp')
    expect(tomlValue(text, 'bearer_token_env_var')).toBe('BRIDGE_KEY')
  })

  test.each(readdirSync('examples/oauth').filter((name) => name.endsWith('.yaml')))(
    'oauth/%s publishes https addresses and sends a stranger to its provider',
    async (name) => {
      const { issuer } = parse(readExample(`oauth/${name}`)).server.oauth
      const product = await startExample(`oauth/${name}`)
      try {
        const metadata = await fetch(`${product.url}/.well-known/oauth-protected-resource/mcp`)
        expect(await metadata.json()).toMatchObject({
          resource: 'https://ssh-mcp.example.com/mcp',
          authorization_servers: [issuer],
          bearer_methods_supported: ['header'],
        })
        const stranger = await fetch(`${product.url}/mcp`)
        expect(stranger.status).toBe(401)
        expect(stranger.headers.get('WWW-Authenticate')).toContain(
          'resource_metadata="https://ssh-mcp.example.com/.well-known/oauth-protected-resource/mcp"',
        )
      } finally {
        await product.stop()
      }
    },
  )
})

describe('embedded-login/first-command.mjs', () => {
  const script = resolve('examples/embedded-login/first-command.mjs')
  const play = (config: string, env: Record<string, string> = {}) =>
    promisify(execFile)(process.execPath, [script, config, 'web-server'], {
      env: { ...environment(), ...KEYS, SSH_MCP_BRIDGE: `${process.execPath} ${PROGRAM}`, ...env },
    })
  const written = (name: string, port: number) =>
    person.write(name, readExample(`embedded-login/${name}`).replace('port: 8080', `port: ${port}`))

  test('leads from nothing to a first command, with one person who was added on the way', {
    timeout: 60_000,
  }, async () => {
    const { stdout } = await play(written('config.yaml', await freePort()))
    expect(stdout.split('\n').filter((line) => line.startsWith('✔'))).toHaveLength(6)
    expect(stdout).toMatch(
      /alice was added[\s\S]*chose a password[\s\S]*registered[\s\S]*allowed it[\s\S]*: hello\n$/,
    )
  })

  test('does the same with people of glewlwyd', { timeout: 60_000 }, async () => {
    const port = await freePort()
    const glewlwyd = await startGlewlwyd({ redirectUris: [`http://127.0.0.1:${port}/oauth/upstream`] })
    try {
      const file = person.write(
        'upstream.yaml',
        readExample('embedded-login/upstream.yaml')
          .replace('port: 8080', `port: ${port}`)
          .replace('http://127.0.0.1:4593/api/oidc', glewlwyd.issuer),
      )
      const { username, password } = GLEWLWYD_USER
      const { stdout } = await play(file, { PERSON: username, PASSWORD: password })
      expect(stdout).toMatch(/alice signed in, and allowed it[\s\S]*: hello\n$/)
    } finally {
      await glewlwyd.stop()
    }
  })

  test('says in a line what did not work', { timeout: 60_000 }, async () => {
    const file = person.write(
      'config.yaml',
      'server: {enable_http: true, api_key: 0123456789abcdef0123456789abcdef}\n',
    )
    await expect(play(file)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^✘ .*embedded\n/),
    })
  })
})

describe('the Docker example', () => {
  const compose = (name: string) => parse(readExample(`docker/${name}`))

  test('mounts only files that are there, apart from those that the guide has one make', () => {
    const services = ['compose.yaml', 'compose.caddy.yaml', 'compose.nginx.yaml'].flatMap((name) =>
      Object.values<{ volumes: string[] }>(compose(name).services),
    )
    const mounted = services.flatMap(({ volumes }) => volumes.map((volume) => volume.split(':')[0] ?? ''))
    const missing = mounted.filter(
      (path) => path.startsWith('./') && !existsSync(join('examples/docker', path)),
    )
    expect(missing.sort()).toEqual(['./keys', './tls'])
  })

  test('believes the forwarded headers of its own network only', async () => {
    const file = person.write('config.yaml', readExample('docker/config.yaml'))
    const loaded = await loadConfig(file, { ...person.env, ...KEYS })
    const { subnet } = compose('compose.yaml').networks.default.ipam.config[0]
    expect(loaded).toMatchObject({ config: { server: { trustedProxies: [subnet] } } })
  })

  test('gives the bridge more time to stop than the bridge gives running commands', async () => {
    const file = person.write('config.yaml', readExample('docker/config.yaml'))
    const loaded = await loadConfig(file, { ...person.env, ...KEYS })
    if (!loaded.ok) throw new Error('the example is not valid')
    const graceMs = Number.parseInt(compose('compose.yaml').services.bridge.stop_grace_period, 10) * 1000
    expect(graceMs).toBeGreaterThan(loaded.config.limits.shutdownMs)
  })
})

function readExample(path: string): string {
  return readFileSync(join('examples', path), 'utf8')
}

/** How a client would start the bridge, from the file that the client reads. */
function stdioServerOf(name: string): { command: string; args: string[] } {
  const text = readExample(`stdio/${name}`)
  if (name.endsWith('.toml'))
    return { command: String(tomlValue(text, 'command')), args: [tomlValue(text, 'args')].flat() }
  const { mcpServers, servers } = JSON.parse(text)
  return (mcpServers ?? servers).ssh
}

// Strings and lists of strings are written alike in TOML and JSON.
function tomlValue(text: string, key: string): string | string[] {
  return JSON.parse(new RegExp(`^${key} = (.+)$`, 'm').exec(text)?.[1] ?? 'null')
}

function startExample(path: string): Promise<Product> {
  const configPath = person.write('config.yaml', readExample(path))
  return startProduct({ configPath }, { env: { ...environment(), ...KEYS } })
}

function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(person.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

/** The official client, with the bridge as the program that it starts, in a folder without a config.yaml. */
async function startedWith(args: string[]): Promise<Client> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [PROGRAM, ...args],
    env: environment(),
    cwd: join(person.home, 'keys'),
    stderr: 'ignore',
  })
  const client = new Client({ name: 'examples', version: '1.0.0' })
  await client.connect(transport)
  return client
}

function namesIn(content: unknown): string[] {
  return (content as { hosts: { name: string }[] }).hosts.map(({ name }) => name)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
