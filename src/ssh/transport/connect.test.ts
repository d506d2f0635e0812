import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../test/kit/free-port.ts'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { type Credential, type HostTarget, hostName } from '../../domain/host.ts'

const directory = mkdtempSync(join(tmpdir(), 'bridge-connect-'))
const knownHosts = join(directory, 'known_hosts')
const open: { close(): void }[] = []
let sshd: Sshd

beforeAll(async () => {
  sshd = await startSshd({ hostKeyTypes: ['ed25519', 'ecdsa', 'rsa'], passphrase: 'a passphrase' })
})
afterEach(() => {
  for (const bridge of open.splice(0)) bridge.close()
})
afterAll(async () => {
  await sshd.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** A bridge that has never spoken to any host. */
function fresh(...targets: HostTarget[]) {
  const bridge = sshRunner(targets, {
    knownHostsFiles: [join(directory, 'missing'), knownHosts],
    connectTimeoutMs: 5_000,
  })
  open.push(bridge)
  return bridge
}

const byFile = { hostKeys: [] }
const exited = { kind: 'ended', end: { how: 'exited', code: 0 } }

describe('host keys', () => {
  test.each([0, 1, 2])(
    'a host of which known_hosts knows key %i alone is asked for that one',
    async (index) => {
      writeFileSync(knownHosts, `${sshd.knownHostsLine.split('\n')[index]}\n`)
      expect(await fresh(sshd.target('web-server', byFile)).run('true')).toMatchObject(exited)
    },
  )

  test('a pinned fingerprint of any of its keys is found, and no other file is asked', async () => {
    writeFileSync(knownHosts, '')
    for (const hostKey of await fingerprints()) {
      const ran = await fresh(sshd.target('web-server', { hostKeys: [hostKey] })).run('true')
      expect(ran).toMatchObject({ ...exited, hostKey })
    }
  })

  test('an unknown key is refused by its fingerprint, with the command that trusts it, and nothing is offered', async () => {
    writeFileSync(knownHosts, '')
    const before = sshd.authenticationAttempts()
    const ran = await fresh(sshd.target('web-server', byFile)).run('true')
    expect(ran).toMatchObject({ kind: 'not_started', code: 'host_key_unknown' })
    expect(ran.kind === 'not_started' && ran.message).toContain(`ssh-ed25519 ${sshd.hostKeyFingerprint}`)
    expect(ran.kind === 'not_started' && ran.message).toContain('ssh-mcp-bridge hosts trust web-server')
    expect(sshd.authenticationAttempts()).toBe(before)
  })

  test('a revoked key is refused, and nothing is offered', async () => {
    const lines = sshd.knownHostsLine.split('\n')
    writeFileSync(knownHosts, `${lines[0]}\n@revoked * ${lines[0]?.split(' ').slice(1).join(' ')}\n`)
    const before = sshd.authenticationAttempts()
    expect(await fresh(sshd.target('web-server', byFile)).run('true')).toMatchObject({
      kind: 'not_started',
      code: 'host_key_mismatch',
    })
    expect(sshd.authenticationAttempts()).toBe(before)
  })

  test('a pinned fingerprint that no key has is a mismatch, and nothing is offered', async () => {
    const before = sshd.authenticationAttempts()
    const target = sshd.target('web-server', { hostKeys: [`SHA256:${'A'.repeat(43)}`] })
    expect(await fresh(target).run('true')).toMatchObject({ code: 'host_key_mismatch' })
    expect(sshd.authenticationAttempts()).toBe(before)
  })

  test('a changed key is refused, also by a bridge that was just started, and nothing is offered', async () => {
    const own = await startSshd()
    try {
      writeFileSync(knownHosts, `${own.knownHostsLine}\n`)
      const bridge = fresh(own.target('web-server', byFile))
      expect(await bridge.run('true')).toMatchObject(exited)
      await own.restartWithOtherHostKey()
      const before = own.authenticationAttempts()
      for (const each of [bridge, fresh(own.target('web-server', byFile))]) {
        const ran = await each.run('true')
        expect(ran).toMatchObject({ kind: 'not_started', code: 'host_key_mismatch' })
        expect(ran.kind === 'not_started' && ran.message).toContain(own.hostKeyFingerprint)
      }
      expect(own.authenticationAttempts()).toBe(before)
      // The legal twin: what is trusted anew is used at once.
      writeFileSync(knownHosts, `${own.knownHostsLine}\n# a longer file\n`)
      expect(await bridge.run('true')).toMatchObject(exited)
    } finally {
      await own.stop()
    }
  })
})

describe('credentials', () => {
  test('a key with a passphrase signs in, without a request that only asks what is possible', async () => {
    const before = sshd.log().length
    expect(await fresh(sshd.target('web-server')).run('true')).toMatchObject(exited)
    expect(sshd.log().slice(before)).not.toContain('method none')
  })

  test('a real agent signs in; one that is gone, or holds no key that the host takes, gives way to the key file', async () => {
    const socket = join(sshd.directory, 'agent.sock')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    try {
      await expect.poll(() => existsSync(socket)).toBe(true)
      const plain = await startSshd()
      const runAs = (credential: Credential) => fresh(plain.target('web-server', { credential })).run('true')
      const orKey = { orKeyPath: plain.clientKeyPath }
      expect(await runAs({ kind: 'agent', socket })).toMatchObject({ code: 'host_auth_failed' })
      expect(await runAs({ kind: 'agent', socket, ...orKey })).toMatchObject(exited)
      expect(await runAs({ kind: 'agent', socket: '/nowhere/agent', ...orKey })).toMatchObject(exited)
      execFileSync('ssh-add', ['-q', plain.clientKeyPath], {
        env: { ...process.env, SSH_AUTH_SOCK: socket },
        stdio: 'ignore',
      })
      expect(await runAs({ kind: 'agent', socket })).toMatchObject(exited)
      await plain.stop()
    } finally {
      agent.kill()
    }
  })

  test.each<[string, Partial<HostTarget>, RegExp]>([
    [
      'a wrong passphrase',
      { credential: { kind: 'private_key', path: 'KEY', passphrase: 'wrong secret' } },
      /passphrase/,
    ],
    ['a missing key file', { credential: { kind: 'private_key', path: '/nowhere/key' } }, /cannot be read/],
    [
      'an agent that is not there',
      { credential: { kind: 'agent', socket: '/nowhere/agent' } },
      /refused the credential/,
    ],
    ['an unknown user', { username: 'nobody-here' }, /refused the credential/],
    [
      'a password where none is taken',
      { credential: { kind: 'password', password: 'p4ssw0rd-canary' } },
      /refused the credential/,
    ],
  ])('%s is told as such, without address, user or secret', async (_what, overrides, message) => {
    const credential = overrides.credential
    const target = sshd.target('web-server', {
      ...overrides,
      ...(credential?.kind === 'private_key' && {
        credential: { ...credential, path: credential.path.replace('KEY', sshd.clientKeyPath) },
      }),
    })
    const bridge = fresh({ ...target, credential: target.credential })
    const ran = await bridge.run('true')
    expect(ran).toMatchObject({ kind: 'not_started', code: 'host_auth_failed' })
    const told = ran.kind === 'not_started' ? ran.message : ''
    expect(told).toMatch(message)
    expect(told).toContain('web-server')
    for (const hidden of [
      '127.0.0.1',
      target.username === 'root' ? '@root' : target.username,
      sshd.directory,
    ])
      expect(told).not.toContain(hidden)
    const everything = JSON.stringify([ran, bridge.log.lines])
    for (const secret of ['wrong secret', 'p4ssw0rd-canary', 'a passphrase'])
      expect(everything).not.toContain(secret)
  })
})

describe('an unreachable host', () => {
  test('that refuses connections is told by its name alone', async () => {
    const ran = await fresh(sshd.target('web-server', { port: await freePort() })).run('true')
    expect(ran).toMatchObject({ kind: 'not_started', code: 'host_unreachable' })
    expect(ran.kind === 'not_started' && ran.message).toMatch(
      /^web-server could not be reached: the connection was refused/,
    )
    expect(ran.kind === 'not_started' && ran.message).not.toContain('127.0.0.1')
  })

  test('whose name cannot be resolved is told apart', async () => {
    const ran = await fresh(sshd.target('web-server', { address: 'no-such-host.invalid' })).run('true')
    expect(ran).toMatchObject({ kind: 'not_started', code: 'host_unreachable' })
  })

  test('that is no longer configured is not spoken to', async () => {
    expect(await fresh(sshd.target('web-server')).run('true', { host: hostName('gone') })).toMatchObject({
      kind: 'not_started',
      code: 'host_unreachable',
    })
  })
})

describe('jump hosts', () => {
  test('lead to a host over two others, each with its own key checked', async () => {
    const targets = [
      sshd.target('web-server', { jump: hostName('inner') }),
      sshd.target('inner', { jump: hostName('bastion') }),
      sshd.target('bastion'),
    ]
    expect(await fresh(...targets).run('echo through')).toMatchObject({
      ...exited,
      stdout: { head: 'through\n' },
    })
  })

  test('are refused when one of them shows another key', async () => {
    const wrong = [`SHA256:${'A'.repeat(43)}`]
    const targets = [
      sshd.target('web-server', { jump: hostName('bastion') }),
      sshd.target('bastion', { hostKeys: wrong }),
    ]
    const ran = await fresh(...targets).run('true')
    // The caller is told nothing of a host that may be hidden from them; the operator is told which one.
    expect(ran).toMatchObject({
      kind: 'not_started',
      code: 'host_key_mismatch',
      message: expect.not.stringContaining('bastion'),
      detail: expect.stringContaining('bastion'),
    })
  })

  test('that go in a circle are a configuration error and not an endless way', async () => {
    const targets = [
      sshd.target('web-server', { jump: hostName('other') }),
      sshd.target('other', { jump: hostName('web-server') }),
    ]
    expect(await fresh(...targets).run('true')).toMatchObject({
      kind: 'not_started',
      code: 'host_unreachable',
    })
  })
})

async function fingerprints(): Promise<string[]> {
  const { createHash } = await import('node:crypto')
  return sshd.knownHostsLine.split('\n').map((line) => {
    const hash = createHash('sha256').update(Buffer.from(line.split(' ')[2] ?? '', 'base64'))
    return `SHA256:${hash.digest('base64').replace(/=+$/, '')}`
  })
}
