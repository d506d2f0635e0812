import { readFileSync } from 'node:fs'
import ssh2, { type ServerChannel, type Connection as ServerConnection, type Session } from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { type HostTarget, hostName } from '../../domain/host.ts'

/** What a well-behaved server never does, and passwords, for which the real one would need users of the system. */
interface Behaviour {
  readonly opensNothing?: boolean
  onSession?(session: Session, reject: () => void, connection: ServerConnection): void
  onExec?(channel: ServerChannel, connection: ServerConnection): void
  readonly password?: string
  readonly questions?: string
}

let keys: Sshd
const open: { close(): void }[] = []

beforeAll(async () => {
  keys = await startSshd()
})
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})
afterAll(() => keys.stop())

async function against(behaviour: Behaviour, overrides: Partial<HostTarget> = {}) {
  const attempts: string[] = []
  const hostKey = readFileSync(`${keys.directory}/host_ed25519`)
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => {
      attempts.push(context.method)
      const { password, questions } = behaviour
      if (context.method === 'publickey') return context.accept()
      if (context.method === 'password' && password !== undefined && questions === undefined)
        return context.password === password ? context.accept() : context.reject(['password'])
      if (context.method === 'keyboard-interactive' && questions !== undefined)
        return context.prompt([{ prompt: questions, echo: false }], (answers) =>
          answers[0] === password ? context.accept() : context.reject(['keyboard-interactive']),
        )
      context.reject(questions === undefined ? ['password'] : ['keyboard-interactive'])
    })
    connection.on('session', (accept, reject) => {
      if (behaviour.opensNothing) return
      if (behaviour.onSession) return behaviour.onSession(accept(), reject, connection)
      const session = accept()
      session.on('exec', (acceptExec) => behaviour.onExec?.(acceptExec(), connection))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  const { port } = server.address() as { port: number }
  const bridge = sshRunner([keys.target('web-server', { port, ...overrides })], { connectTimeoutMs: 1_000 })
  open.push(bridge)
  return { bridge, attempts }
}

const password = (text: string) => ({ credential: { kind: 'password', password: text } as const })

describe('a password', () => {
  test('is offered first, without asking what is possible', async () => {
    const { bridge, attempts } = await against(
      { password: 'right', onExec: (channel) => channel.exit(0) ?? channel.end() },
      password('right'),
    )
    expect(await bridge.run('true')).toMatchObject({ end: { how: 'exited', code: 0 } })
    expect(attempts).toEqual(['password'])
  })

  test('answers the hidden question of a host that asks for it', async () => {
    const { bridge } = await against(
      { password: 'right', questions: 'Password: ', onExec: (channel) => channel.exit(0) ?? channel.end() },
      password('right'),
    )
    expect(await bridge.run('true')).toMatchObject({ end: { how: 'exited', code: 0 } })
  })

  test('that is wrong is offered once', async () => {
    const { bridge, attempts } = await against({ password: 'right' }, password('wrong'))
    expect(await bridge.run('true')).toMatchObject({ code: 'host_auth_failed' })
    expect(attempts).toEqual(['password'])
  })
})

describe('a host that misbehaves', () => {
  test('and never opens a channel was not sent the command', async () => {
    const { bridge } = await against({ opensNothing: true })
    expect(await bridge.run('true', { timeoutMs: 300 })).toMatchObject({
      kind: 'not_started',
      code: 'host_unreachable',
    })
  })

  test('and never confirms the command may have run it: nothing is claimed', async () => {
    const { bridge } = await against({ onSession: (session) => session.on('exec', () => undefined) })
    expect(await bridge.run('true', { timeoutMs: 300 })).toMatchObject({
      kind: 'ended',
      end: { how: 'timed_out', remote: { state: 'unknown' } },
    })
  })

  test('and confirms a command only after its call is over is told to end it, and to remove its private directory', async () => {
    let script = ''
    const { bridge } = await against({
      onSession: (session) =>
        session.on('exec', (accept, _reject, { command }) => {
          if (command === 'exec /bin/sh') {
            const channel = accept()
            channel.on('data', (chunk: Buffer) => {
              script += chunk
            })
          } else if (command.includes('late')) setTimeout(accept, 4_000)
          else accept()
        }),
    })
    void bridge.run('holds the connection')
    const late = bridge.run('late', { timeoutMs: 300, scratchDirectory: '/tmp/private-of-late' })
    expect(await late).toMatchObject({ end: { how: 'timed_out', remote: { state: 'unknown' } } })
    await expect.poll(() => script).toContain('/tmp/private-of-late')
  })

  test('and ends the connection before it confirms the command leaves it unknown', async () => {
    const { bridge } = await against({
      onSession: (session, _reject, connection) => session.on('exec', () => connection.end()),
    })
    expect(await bridge.run('true')).toMatchObject({ kind: 'ended', end: { how: 'unknown' } })
  })

  test('and refuses to run commands is told as such', async () => {
    const { bridge } = await against({
      onSession: (session) => session.on('exec', (_accept, reject) => reject()),
    })
    expect(await bridge.run('true')).toMatchObject({ kind: 'not_started', code: 'host_unreachable' })
  })

  test('and closes the channel without an exit status leaves the command unknown', async () => {
    const { bridge } = await against({ onExec: (channel) => channel.end('some output\n') })
    expect(await bridge.run('true')).toMatchObject({
      end: { how: 'unknown' },
      stdout: { head: 'some output\n' },
    })
  })

  test('and tells two exit statuses is believed the first', async () => {
    const { bridge } = await against({
      onExec(channel) {
        channel.exit(3)
        channel.exit(0)
        channel.end()
      },
    })
    expect(await bridge.run('true')).toMatchObject({ end: { how: 'exited', code: 3 } })
  })

  test('and ends the connection after the exit status, before the output is whole, is no success', async () => {
    const { bridge } = await against({
      onExec(channel, connection) {
        channel.write('part')
        channel.exit(0)
        connection.end()
      },
    })
    expect(await bridge.run('true')).toMatchObject({ end: { how: 'unknown' }, stdout: { head: 'part' } })
  })

  test('and announces a process group of its own choice only harms itself', async () => {
    const { bridge } = await against({
      onExec(channel) {
        channel.stderr.write(`${'0'.repeat(32)} 1\n`)
        channel.exit(0)
        channel.end()
      },
    })
    const ran = await bridge.run('true')
    expect(ran.stderr.head).toBe(`${'0'.repeat(32)} 1\n`)
  })

  test('and accepts connections but never speaks is given up in time', async () => {
    const { createServer } = await import('node:net')
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    open.push(silent)
    const { port } = silent.address() as { port: number }
    const bridge = sshRunner([keys.target('web-server', { port })], { connectTimeoutMs: 300 })
    open.push(bridge)
    const ran = await bridge.run('true', { host: hostName('web-server') })
    expect(ran).toMatchObject({ kind: 'not_started', code: 'host_unreachable' })
  })
})
