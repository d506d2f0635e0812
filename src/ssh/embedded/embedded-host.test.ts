import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ssh2, { type Client, type ClientChannel, type ConnectConfig, type IdentityCallback } from 'ssh2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newKeyPair } from '../transport/ssh2-key-pair.ts'
import { type EmbeddedHost, startEmbeddedHost } from './embedded-host.ts'

const home = mkdtempSync(join(tmpdir(), 'embedded-host-'))
let host: EmbeddedHost
let client: Client

beforeAll(async () => {
  process.env.EMBEDDED_HOST_CANARY = 'a secret of the bridge'
  host = await startEmbeddedHost({ home, username: 'demo' })
  client = await connect({})
})
afterAll(async () => {
  client.end()
  await host.close()
  delete process.env.EMBEDDED_HOST_CANARY
  rmSync(home, { recursive: true })
})

async function connect(overrides: ConnectConfig): Promise<Client> {
  const connection = new ssh2.Client()
  const target = { host: '127.0.0.1', port: host.port, username: 'demo', privateKey: host.clientPrivateKey }
  connection.connect({ ...target, ...overrides })
  await once(connection, 'ready')
  return connection
}

function exec(line: string, connection = client): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    connection.exec(line, (error, channel) => (error ? reject(error) : resolve(channel)))
  })
}

async function run(line: string, stdin = ''): Promise<Record<string, unknown>> {
  const channel = await exec(line)
  const streams = { stdout: '', stderr: '' }
  channel.on('data', (chunk: Buffer) => {
    streams.stdout += chunk.toString()
  })
  channel.stderr.on('data', (chunk: Buffer) => {
    streams.stderr += chunk.toString()
  })
  const end: { code?: number; signal?: string } = {}
  channel.on('exit', (code: number | null, signal?: string) => {
    if (code === null) end.signal = signal ?? ''
    else end.code = code
  })
  channel.end(stdin)
  await once(channel, 'close')
  return { ...streams, ...end }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function firstNumber(channel: ClientChannel): Promise<number> {
  const [chunk] = (await once(channel, 'data')) as [Buffer]
  return Number(chunk.toString())
}

describe('the embedded host', () => {
  test('runs a command and keeps its two output streams apart', async () => {
    expect(await run('echo out; echo err >&2')).toEqual({ stdout: 'out\n', stderr: 'err\n', code: 0 })
  })

  test('tells the true exit status', async () => {
    expect(await run('exit 3')).toMatchObject({ code: 3 })
  })

  test('tells the signal that ended a command', async () => {
    expect(await run('kill -TERM $$')).toEqual({ stdout: '', stderr: '', signal: 'SIGTERM' })
    expect(await run('kill -9 $$')).toMatchObject({ signal: 'SIGKILL' })
  })

  test('hands standard input through and closes it', async () => {
    expect(await run('cat', 'typed in')).toMatchObject({ stdout: 'typed in', code: 0 })
    expect(await run('cat')).toMatchObject({ stdout: '', code: 0 })
  })

  test('brings all of a large output before the end', async () => {
    const { stdout } = await run('head -c 3000000 /dev/zero | tr "\\0" x')
    expect(String(stdout)).toHaveLength(3_000_000)
  })

  test('runs several commands of one connection at the same time', async () => {
    const reader = run(`mkfifo ${home}/pipe; cat ${home}/pipe`)
    const writer = run(`until test -p ${home}/pipe; do :; done; echo hello > ${home}/pipe`)
    expect(await reader).toMatchObject({ stdout: 'hello\n', code: 0 })
    expect(await writer).toMatchObject({ code: 0 })
  })

  test('shows commands a home of their own and nothing of the bridge environment', async () => {
    const { stdout } = await run('echo "$HOME"; pwd; env')
    expect(String(stdout).split('\n').slice(0, 2)).toEqual([home, home])
    expect(stdout).not.toContain('EMBEDDED_HOST_CANARY')
  })

  test('runs each command in a process group of its own, which another channel can end', async () => {
    const channel = await exec('sleep 300 & echo $$; wait')
    const group = await firstNumber(channel)
    const ended = once(channel, 'close')
    expect(await run(`kill -TERM -${group}`)).toMatchObject({ code: 0 })
    await ended
    expect(isAlive(group)).toBe(false)
  })

  test('passes a signal of the client on to the command', async () => {
    const channel = await exec('echo $$; exec sleep 300')
    const pid = await firstNumber(channel)
    channel.signal('TERM')
    const [code, signal] = await once(channel, 'exit')
    expect([code, signal]).toEqual([null, 'SIGTERM'])
    expect(isAlive(pid)).toBe(false)
  })

  test('ends what runs when its connection is lost', async () => {
    const other = await connect({})
    const channel = await exec('echo $$; exec sleep 300', other)
    const pid = await firstNumber(channel)
    other.end()
    await expect.poll(() => isAlive(pid)).toBe(false)
  })

  test('counts what it has seen', async () => {
    const before = host.activity()
    await run('true')
    expect(host.activity()).toEqual({ ...before, commands: before.commands + 1 })
    const other = await connect({})
    other.end()
    expect(host.activity().connections).toBe(before.connections + 1)
  })
})

describe('the embedded host refuses', () => {
  const refused = 'All configured authentication methods failed'

  test('another key', async () => {
    const { private: privateKey } = newKeyPair()
    await expect(connect({ privateKey })).rejects.toThrow(refused)
  })

  test('the right key without proof that the client holds it', async () => {
    const publicKey = ssh2.utils.parseKey(host.clientPrivateKey)
    class Forger extends ssh2.BaseAgent {
      override getIdentities(done: IdentityCallback): void {
        if (!(publicKey instanceof Error)) done(null, [publicKey])
      }
      override sign(_key: unknown, _data: Buffer, ...rest: unknown[]): void {
        const done = rest.at(-1) as (error: undefined, signature: Buffer) => void
        done(undefined, Buffer.alloc(64))
      }
    }
    const target = { host: '127.0.0.1', port: host.port, username: 'demo' }
    const connection = new ssh2.Client()
    connection.connect({ ...target, agent: new Forger() })
    await expect(once(connection, 'ready')).rejects.toThrow(refused)
  })

  test('another user name with the right key', async () => {
    await expect(connect({ username: 'root' })).rejects.toThrow(refused)
  })

  test('every password', async () => {
    const authHandler: ConnectConfig['authHandler'] = ['password', 'keyboard-interactive', 'none']
    await expect(connect({ authHandler, password: 'demo', tryKeyboard: true })).rejects.toThrow(refused)
  })

  test('a terminal, a login shell, sftp and forwarding', async () => {
    const failure = (ask: (done: (error?: Error) => void) => void) =>
      new Promise<string>((resolve) => ask((error) => resolve(error?.message ?? 'accepted')))
    expect(await failure((done) => client.shell((error) => done(error)))).not.toBe('accepted')
    expect(await failure((done) => client.sftp((error) => done(error)))).not.toBe('accepted')
    const out = await failure((done) => client.forwardOut('127.0.0.1', 1, '127.0.0.1', host.port, done))
    expect(out).not.toBe('accepted')
    const back = await failure((done) => client.forwardIn('127.0.0.1', 0, (error) => done(error)))
    expect(back).not.toBe('accepted')
    const pty = await failure((done) => client.exec('true', { pty: true }, (error) => done(error)))
    expect(pty).not.toBe('accepted')
  })
})

test('closing the host ends the commands that still run', async () => {
  const short = await startEmbeddedHost({ home, username: 'demo' })
  const other = await connect({ port: short.port, privateKey: short.clientPrivateKey })
  const channel = await exec('trap "" HUP TERM; echo $$; while :; do sleep 1; done', other)
  const pid = await firstNumber(channel)
  await short.close()
  await expect.poll(() => isAlive(pid)).toBe(false)
})
