import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '../../test/kit/free-port.ts'
import { type Home, hostYaml, makeHome } from '../../test/kit/product.ts'
import { type Sshd, startSshd } from '../../test/kit/sshd.ts'
import { run } from './run.ts'

let sshd: Sshd
let other: Sshd
let home: Home

beforeAll(async () => {
  sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa'] })
  other = await startSshd()
})

afterEach(() => home.remove())

afterAll(async () => {
  await sshd.stop()
  await other.stop()
})

/** What a person sees of `ssh-mcp-bridge hosts …` with this configuration. */
async function hosts(yaml: string, ...args: string[]): Promise<{ code: number; text: string }> {
  home = await makeHome()
  const known = join(home.directory, 'known_hosts')
  home.configure(yaml.replaceAll('KNOWN', known))
  return again(...args)
}

async function again(...args: string[]): Promise<{ code: number; text: string }> {
  const told: string[] = []
  const tell = (text: string | Uint8Array) => told.push(String(text)) > 0
  vi.spyOn(process.stdout, 'write').mockImplementation(tell)
  vi.spyOn(process.stderr, 'write').mockImplementation(tell)
  const code = await run(['hosts', ...args, '--config', home.configPath])
  vi.restoreAllMocks()
  return { code, text: told.join('') }
}

/** SSH_MSG_DISCONNECT in the clear: RFC 4253 §6 and §11.1. */
function goodbye(words: string): Buffer {
  const description = Buffer.from(words)
  const payload = Buffer.concat([
    Buffer.from([1, 0, 0, 0, 2, 0, 0, 0, description.length]),
    description,
    Buffer.alloc(4),
  ])
  const padding = 16 - ((payload.length + 5) % 8)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(payload.length + padding + 1)
  head[4] = padding
  return Buffer.concat([head, payload, Buffer.alloc(padding)])
}

const unpinned = (name: string) =>
  `ssh: {known_hosts: [KNOWN]}\nhosts:\n${hostYaml(name, sshd, { host_key: '' })}`

describe('hosts test', () => {
  test('several hosts: each with a line, and what does not work with its address, its cause and what was offered', async () => {
    const closed = await freePort()
    const { code, text } = await hosts(
      `hosts:\n${hostYaml('web-server', sshd)}${hostYaml('down', sshd, { port: String(closed) })}${hostYaml('refuses', sshd, { private_key_path: other.clientKeyPath })}`,
      'test',
    )
    expect(code).toBe(1)
    expect(text).toMatch(/✔ web-server \(\d+ ms\)/)
    expect(text).toMatch(
      new RegExp(`✘ down: .*refused.*\n    127\\.0\\.0\\.1 port ${closed}: .*ECONNREFUSED`),
    )
    expect(text).toContain(`offered: the key ${other.clientKeyPath}`)
    expect(text.split('\n').filter((line) => line.startsWith('    '))).toHaveLength(2)
  })

  test('what answers in the place of a host does not steer the terminal by its goodbye', async () => {
    const evil = createServer((socket) => {
      socket.on('error', () => undefined).write('SSH-2.0-x\r\n')
      socket.write(goodbye('\x1b[2Jevil\x1b]0;t\x07\n✔ web-server'))
    })
    await once(evil.listen(0, '127.0.0.1'), 'listening')
    const { port } = evil.address() as AddressInfo
    const { code, text } = await hosts(
      `hosts:\n${hostYaml('web-server', sshd, { port: String(port) })}`,
      'test',
    )
    evil.close()
    expect(code).toBe(1)
    expect(text).toContain('\n    127.0.0.1 port ')
    expect(text).toContain('\\u001b[2Jevil\\u001b]0;t\\u0007\\u000a✔ web-server')
  })

  test('a configuration without hosts is an error that says where hosts were looked for', async () => {
    const { code, text } = await hosts('hosts: []\n', 'test')
    expect(code).toBe(2)
    expect(text).toContain(`there is no host in ${home.configPath}`)
  })

  test('an unknown name is told with the file that was read and the names in it', async () => {
    const { code, text } = await hosts(`hosts:\n${hostYaml('web-server', sshd)}`, 'test', 'web-sever')
    expect(code).toBe(2)
    expect(text).toContain(`no host is named "web-sever" in ${home.configPath}; there are: web-server`)
  })
})

describe('hosts trust', () => {
  test('trusts exactly the key whose fingerprint is named; the host works then, and its other key raises no alarm', async () => {
    const first = await hosts(unpinned('web-server'), 'trust', 'web-server', '--fingerprint', 'SHA256:other')
    expect(first).toMatchObject({ code: 1, text: expect.stringContaining('Nothing was trusted') })
    expect((await again('test')).text).toContain('hosts trust web-server')
    const named = await again('trust', 'web-server', '--fingerprint', sshd.hostKeyFingerprint)
    expect(named).toMatchObject({ code: 0, text: expect.stringContaining('Trusted, in ') })
    expect(await again('test')).toMatchObject({ code: 0 })
    // Whoever names a key wants to know that it is that one, trusted already or not.
    const wrong = await again('trust', 'web-server', '--fingerprint', other.hostKeyFingerprint)
    expect(wrong).toMatchObject({ code: 1, text: expect.stringContaining('None of these is') })
    const after = await again('trust', 'web-server')
    expect(after.text).toContain('not trusted, another key of this host is')
    expect(after.text).not.toContain('NOT the key')
  })

  test('a host whose key was replaced is shown as such', async () => {
    await hosts(unpinned('web-server'), 'list')
    const [, type, key] = other.knownHostsLine.split(' ')
    writeFileSync(join(home.directory, 'known_hosts'), `[127.0.0.1]:${sshd.port} ${type} ${key}\n`)
    const { text } = await again('trust', 'web-server')
    expect(text).toContain('NOT the key that was trusted until now')
  })

  test('a host that cannot be reached is told with its address and the cause', async () => {
    const closed = await freePort()
    const down = hostYaml('down', sshd, { port: String(closed), host_key: '' })
    const { code, text } = await hosts(`hosts:\n${down}`, 'trust', 'down')
    expect(code).toBe(1)
    expect(text).toMatch(
      new RegExp(`down could not be reached.*\n    127\\.0\\.0\\.1 port ${closed}: .*ECONNREFUSED`),
    )
  })

  test('does not claim to trust what the host_key of the configuration goes on refusing', async () => {
    const pinned = hostYaml('web-server', sshd, { host_key: other.hostKeyFingerprint })
    const { code, text } = await hosts(`hosts:\n${pinned}`, 'trust', 'web-server', '--yes')
    expect(code).toBe(1)
    expect(text).toContain("The configuration's host_key decides for web-server")
    expect(text).not.toContain('Trusted')
  })

  test('a key that known_hosts marks as revoked stays refused, whatever is asked', async () => {
    await hosts(unpinned('web-server'), 'list')
    const [name, type, key] = sshd.knownHostsLine.split(' ')
    writeFileSync(join(home.directory, 'known_hosts'), `@revoked ${name} ${type} ${key}\n`)
    const { text } = await again('trust', 'web-server', '--fingerprint', sshd.hostKeyFingerprint)
    expect(text).toContain('(revoked)')
    expect(text).toContain('Nothing was trusted')
  })
})

test('hosts list gives each host one line, whatever its description and tags hold', async () => {
  const { code, text } = await hosts(
    `hosts:\n${hostYaml('web-server', sshd, { description: '"\\e[2Jgone\\u202e\\nb\\tc"', tags: '["\\u009b1m"]' })}`,
    'list',
  )
  expect([code, text]).toEqual([0, 'web-server\texec\t\\u009b1m\t\\u001b[2Jgone\\u202e\\u000ab\\u0009c\n'])
})
