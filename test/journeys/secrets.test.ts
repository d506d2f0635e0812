import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomHex } from '../../src/lib/ids.ts'
import { watchHost } from '../kit/host-watch.ts'
import { connectHttp, run } from '../kit/mcp-client.ts'
import { type Home, hostYaml, makeHome, PROGRAM, type Product, startProduct } from '../kit/product.ts'
import { refusal } from '../kit/shell-hosts.ts'
import { SUDO_USER, type SudoHost, startSudoHost } from '../kit/sudo-user.ts'

const KEYS = { alice: 'alice-key-0123456789', bob: 'bob-key-0123456789' } as const
/** As a token of a git service looks. It is on the host and nowhere else. */
const TOKEN = `ghp_${randomHex()}${randomHex().slice(0, 4)}`
const HANDLE = /secret:[0-9a-f]{16}/
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

let sshd: SudoHost
let home: Home
let product: Product
let alice: Client
let bob: Client
const place = mkdtempSync(join(tmpdir(), 'bridge-secrets-'))

function configuration(people: readonly (keyof typeof KEYS)[], more = ''): string {
  const keys = people.map((name) => `{name: ${name}, sha256: ${sha256(KEYS[name])}}`)
  const host = (name: string, extra: Record<string, string> = {}) =>
    hostYaml(name, sshd.sshd, {
      username: SUDO_USER,
      sudo: '{password: "${file:/etc/ssh-mcp-test.password}"}',
      ...extra,
    })
  return `server: {log_level: DEBUG, log_file: ${join(home.directory, 'bridge.log')}, api_keys: [${keys.join(', ')}]}
${more}
hosts:
${host('web-server')}${host('app-server', { execution_mode: 'shell' })}`
}

beforeAll(async () => {
  ;[sshd, home] = await Promise.all([startSudoHost('bash', ['Subsystem sftp internal-sftp']), makeHome()])
  chmodSync(place, 0o755)
  writeFileSync(join(place, 'env'), `# for the deployment\nGITHUB_TOKEN=${TOKEN}\nREGION=eu\n`, {
    mode: 0o644,
  })
  home.configure(configuration(['alice', 'bob']))
  product = await startProduct(home)
  ;[alice, bob] = await Promise.all([
    connectHttp(`${product.url}/mcp`, KEYS.alice),
    connectHttp(`${product.url}/mcp`, KEYS.bob),
  ])
})

afterAll(async () => {
  await Promise.all([alice?.close(), bob?.close()])
  await product?.stop()
  await sshd?.stop()
  await home?.remove()
  rmSync(place, { recursive: true, force: true })
})

/** Reads the file on the host, and gives back the handle that stands in the place of the token. */
async function handleFor(client: Client, host: string): Promise<string> {
  const { stdout } = await run(client, host, `cat ${place}/env`)
  expect(stdout).not.toContain(TOKEN)
  const [handle] = HANDLE.exec(stdout) ?? []
  if (handle === undefined) throw new Error(`no handle in ${stdout}`)
  return handle
}

const notThere = (client: Client, handle: string, host = 'web-server') =>
  refusal(client, 'execute_command', { host, command: 'echo ran', secrets: { stdin: handle } })

/** Where anything of it could be: configuration, state, audit and log of the bridge. */
function filesWith(text: string, directory = home.directory): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name)
    if (statSync(path).isDirectory()) return filesWith(text, path)
    return readFileSync(path).includes(text) ? [path] : []
  })
}

describe('a token in a file on a host', () => {
  test('is withheld, and has the same handle each time and by each tool', async () => {
    const handle = await handleFor(alice, 'web-server')
    expect(await handleFor(alice, 'web-server')).toBe(handle)
    const { stdout } = await run(alice, 'web-server', `cat ${place}/env`)
    expect(stdout).toBe(`# for the deployment\nGITHUB_TOKEN=[redacted git_token ${handle}]\nREGION=eu\n`)
    const read = await alice.callTool({
      name: 'read_file',
      arguments: { host: 'web-server', path: `${place}/env` },
    })
    expect(JSON.stringify(read.structuredContent)).toContain(`[redacted git_token ${handle}]`)
    expect(JSON.stringify(read)).not.toContain(TOKEN)
  })

  test.each([
    ['web-server', 'alone', {}],
    ['web-server', 'as root', { sudo: true }],
    ['app-server', 'in a session', {}],
    ['app-server', 'as root beside a session', { sudo: true }],
  ] as const)('is used by a command on %s (%s) that nobody sees it in', async (host, _, more) => {
    const handle = await handleFor(alice, host)
    const secrets = { env: { TOKEN: handle }, stdin: handle }
    const seen = await watchHost(TOKEN, async () => {
      const command = 'id -u; printenv TOKEN | tr -d "\\n" | sha256sum; sha256sum; sleep 0.2'
      const { stdout } = await run(alice, host, command, { secrets, ...more })
      const digest = `${sha256(TOKEN)}  -\n`
      expect(stdout).toMatch(new RegExp(`^${'sudo' in more ? '0' : '[1-9]\\d*'}\n`))
      expect(stdout.replace(/^\d+\n/, '')).toBe(digest + digest)
    })
    expect(seen).toMatchObject({ commandLines: [], files: [] })
    // What it prints is withheld again, also as programs write it elsewhere.
    const printed = await run(alice, host, 'echo "$TOKEN"; printf %s "$TOKEN" | base64 -w0', {
      secrets: { env: { TOKEN: handle } },
      ...more,
    })
    expect(printed.stdout).toBe(`[redacted git_token ${handle}]\n[redacted git_token ${handle}]`)
  })

  test('is in no state that a session keeps', async () => {
    const handle = await handleFor(alice, 'app-server')
    await run(alice, 'app-server', 'export TOKEN=own; cd /usr')
    await run(alice, 'app-server', 'copy=$TOKEN; cd /', { secrets: { env: { TOKEN: handle } } })
    const { stdout } = await run(alice, 'app-server', 'echo "$TOKEN ${copy-none} $PWD"')
    expect(stdout).toBe('own none /usr\n')
  })

  test('is used over REST as well', async () => {
    const handle = await handleFor(alice, 'web-server')
    const answer = await fetch(`${product.url}/api/v1/execute`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${KEYS.alice}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ host: 'web-server', command: 'sha256sum', secrets: { stdin: handle } }),
    })
    expect(await answer.json()).toMatchObject({ stdout: `${sha256(TOKEN)}  -\n` })
  })

  test('is on record by variable and handle', async () => {
    const handle = await handleFor(alice, 'web-server')
    await run(alice, 'web-server', 'true', { secrets: { env: { TOKEN: handle } } })
    const records = home.auditRecords().filter((record) => record.command === 'true')
    expect(records.map(({ type }) => type)).toContain('call.started')
    for (const record of records) expect(record).toMatchObject({ secrets: [`env:TOKEN=${handle}`] })
  })
})

describe('a handle', () => {
  test('is of no use to anybody else nor on another host, and nobody is told that it exists', async () => {
    const handle = await handleFor(alice, 'web-server')
    const own = await handleFor(bob, 'web-server')
    expect(own).not.toBe(handle)
    const unknown = await notThere(alice, 'secret:0123456789abcdef')
    expect(unknown).toContain('secret_not_found')
    expect(await notThere(bob, handle)).toBe(unknown)
    expect(await notThere(alice, own)).toBe(unknown)
    expect(await notThere(alice, handle, 'app-server')).toBe(unknown.replaceAll('web-server', 'app-server'))
    expect(home.auditRecords().filter(({ result }) => result?.error === 'secret_not_found')).toHaveLength(4)
  })

  test.each([
    ['a variable by which programs are told what to load', { secrets: { env: { LD_PRELOAD: 'H' } } }],
    ['a name that is none', { secrets: { env: { 'A B': 'H' } } }],
    ['a command that is detached', { secrets: { stdin: 'H' }, detached: true }],
  ])('is not taken for %s', async (_, more) => {
    const handle = await handleFor(alice, 'web-server')
    const given = JSON.parse(JSON.stringify(more).replaceAll('"H"', `"${handle}"`))
    await refusal(alice, 'execute_command', { host: 'web-server', command: 'echo ran', ...given })
  })

  test('ends with the access of its owner', async () => {
    const handle = await handleFor(bob, 'web-server')
    const applied = () => home.auditRecords().filter(({ type }) => type === 'config.reloaded').length
    for (const [people, times] of [
      [['alice'], 1],
      [['alice', 'bob'], 2],
    ] as const) {
      home.configure(configuration(people))
      await expect.poll(applied).toBe(times)
    }
    expect(await notThere(bob, handle)).toContain('secret_not_found')
  })

  test('ends with a lock on its owner, also when that is lifted', async () => {
    const [own, others] = [await handleFor(bob, 'web-server'), await handleFor(alice, 'web-server')]
    const type = (...args: string[]) =>
      promisify(execFile)(process.execPath, [PROGRAM, 'locks', ...args, '--config', home.configPath])
    const { stdout } = await type('add', '--api-key', 'bob', '--reason', 'a test')
    await type('remove', /lock_\S+/.exec(stdout)?.[0] ?? '')
    // His session went with the lock.
    bob = await connectHttp(`${product.url}/mcp`, KEYS.bob)
    expect(await notThere(bob, own)).toContain('secret_not_found')
    const { stdout: kept } = await run(alice, 'web-server', 'wc -c', { secrets: { stdin: others } })
    expect(kept).toBe(`${TOKEN.length}\n`)
  })

  test('ends with the bridge, and no byte of what it stood for is left there', async () => {
    const handle = await handleFor(alice, 'web-server')
    const kept = await run(alice, 'web-server', 'echo "$TOKEN" | rev', {
      secrets: { env: { TOKEN: handle } },
      idempotency_key: 'kept',
    })
    const { command_id } = kept as unknown as { command_id: string }
    expect(filesWith(TOKEN)).toEqual([])
    expect(filesWith(handle)).not.toEqual([])
    await product.stop()
    product = await startProduct(home)
    const client = await connectHttp(`${product.url}/mcp`, KEYS.alice)
    try {
      expect(await notThere(client, handle)).toContain('secret_not_found')
      // Its output may hold the value in places where nobody can find it any more.
      const page = await client.callTool({ name: 'get_command_output', arguments: { command_id } })
      expect(JSON.stringify(page)).toContain('withheld')
      expect(JSON.stringify(page)).not.toContain([...TOKEN].reverse().join(''))
    } finally {
      await client.close()
    }
    expect(filesWith(TOKEN)).toEqual([])
    expect(product.stderr()).not.toContain(TOKEN)
  })
})
