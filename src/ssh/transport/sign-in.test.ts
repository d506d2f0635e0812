import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ssh2, { type AuthContext, type KeyboardAuthContext } from 'ssh2'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fasterClock } from '../../../test/kit/manual-clock.ts'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import type { HostTarget } from '../../domain/host.ts'
import { systemClock } from '../../lib/clock.ts'
import { totp } from '../../lib/totp.ts'

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const exited = { end: { how: 'exited', code: 0 } }

let keys: Sshd
const open: { close(): void }[] = []

beforeAll(async () => {
  keys = await startSshd()
})
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})
afterAll(() => keys.stop())

/** What was offered and answered, in order. */
type Seen = string[]

/** A host that lets in whom `verdict` accepts, and runs nothing: every command exits with 0. */
async function hostThat(verdict: (context: AuthContext, seen: Seen) => void) {
  const seen: Seen = []
  const hostKey = readFileSync(join(keys.directory, 'host_ed25519'))
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => undefined)
    connection.on('authentication', (context) => {
      seen.push(context.method)
      verdict(context, seen)
    })
    connection.on('session', (accept) =>
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec()
        channel.exit(0)
        channel.end()
      }),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  const { port } = server.address() as { port: number }
  const runAs = (overrides: Partial<HostTarget>, connectTimeoutMs = 10_000, clock = systemClock) => {
    const bridge = sshRunner([keys.target('web-server', { port, ...overrides })], { connectTimeoutMs }, clock)
    open.push(bridge)
    return bridge
  }
  return { seen, runAs }
}

function asks(prompts: readonly { prompt: string; echo: boolean }[], right: (answers: string[]) => boolean) {
  return (context: AuthContext, seen: Seen) => {
    if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
    ;(context as KeyboardAuthContext).prompt([...prompts], (answers) => {
      seen.push(...answers)
      if (right(answers)) context.accept()
      else context.reject(['keyboard-interactive'])
    })
  }
}

const questions = [
  { prompt: 'Password: ', echo: false },
  { prompt: 'Verification code: ', echo: true },
]

describe('questions of a host', () => {
  test('are answered by a part of them, letters of any case, with a fixed answer and a one-time code', async () => {
    const isRight = ([word, code]: string[]) => word === 'right' && /^\d{6}$/.test(code ?? '')
    const { seen, runAs } = await hostThat(asks(questions, isRight))
    const answers = [
      { prompt: 'PASSWORD', answer: 'right' },
      { prompt: 'verification', totpSecret: SECRET },
    ]
    expect(await runAs({ answers }).run('true')).toMatchObject(exited)
    const step = Math.floor(systemClock.now().getTime() / 30_000)
    expect([totp(SECRET, step), totp(SECRET, step - 1)]).toContain(seen.at(-1))
  })

  test('may come after a key that was accepted: both are needed', async () => {
    const { seen, runAs } = await hostThat((context, all) => {
      if (context.method === 'publickey') return context.reject(['keyboard-interactive'], true)
      asks([{ prompt: 'Second factor', echo: false }], ([answer]) => answer === '42')(context, all)
    })
    expect(await runAs({ answers: [{ prompt: 'second', answer: '42' }] }).run('true')).toMatchObject(exited)
    expect(seen).toEqual(['publickey', 'keyboard-interactive', '42'])
  })

  test('may come before the key: it is offered again afterwards', async () => {
    let hasAnswered = false
    const { seen, runAs } = await hostThat((context) => {
      if (context.method === 'publickey')
        return hasAnswered ? context.accept() : context.reject(['keyboard-interactive'])
      if (context.method !== 'keyboard-interactive') return context.reject()
      context.prompt([{ prompt: 'Code', echo: false }], () => {
        hasAnswered = true
        context.reject(['publickey'], true)
      })
    })
    expect(await runAs({ answers: [{ prompt: 'code', answer: '42' }] }).run('true')).toMatchObject(exited)
    expect(seen).toEqual(['publickey', 'keyboard-interactive', 'publickey'])
  })

  test('without an answer end the attempt; the question is for the operator alone', async () => {
    const { seen, runAs } = await hostThat(
      asks([{ prompt: 'Name of your cat?\u001b[2J', echo: true }], () => true),
    )
    const ran = await runAs({ answers: [{ prompt: 'dog', answer: 'Rex' }] }).run('true')
    expect(ran).toMatchObject({
      kind: 'not_started',
      code: 'host_auth_failed',
      message: expect.not.stringContaining('cat'),
      detail: expect.stringContaining('"Name of your cat?\\u001b[2J"'),
    })
    expect(seen).toEqual(['publickey', 'keyboard-interactive'])
  })

  test('whose answer was wrong are not answered again', async () => {
    const verdict = (context: AuthContext, all: Seen) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
      const ask = () =>
        context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
          all.push(...answers)
          ask()
        })
      ask()
    }
    const { seen, runAs } = await hostThat(verdict)
    const credential = { kind: 'password', password: 'wrong' } as const
    expect(await runAs({ credential }).run('true')).toMatchObject({ code: 'host_auth_failed' })
    expect(seen).toEqual(['password', 'keyboard-interactive', 'wrong'])
  })

  test('for a one-time code get another one when it was used: the next is waited for', async () => {
    const code = [{ prompt: 'Code', echo: false }]
    const { seen, runAs } = await hostThat(asks(code, () => true))
    // A wall clock that goes with the rest: 30 s are over in a sixth of a second.
    const faster = fasterClock(180)
    const clock = { ...faster, now: () => new Date(faster.monotonicMs()) }
    const bridge = runAs({ answers: [{ prompt: 'code', totpSecret: SECRET }] }, 900_000, clock)
    for (const owner of ['one', 'two'])
      expect(await bridge.run('true', { owner, timeoutMs: 900_000 })).toMatchObject(exited)
    const codes = seen.filter((each) => /^\d{6}$/.test(each))
    expect(new Set(codes).size).toBe(2)
  })

  test('for a one-time code that was used say so when no new one comes in time', async () => {
    const { seen, runAs } = await hostThat(asks([{ prompt: 'Code', echo: false }], () => true))
    const noon = new Date('2026-01-01T12:00:00Z')
    const stopped = { ...systemClock, now: () => noon }
    const bridge = runAs({ answers: [{ prompt: 'code', totpSecret: SECRET }] }, 500, stopped)
    expect(await bridge.run('true', { owner: 'one' })).toMatchObject(exited)
    expect(await bridge.run('true', { owner: 'two' })).toMatchObject({
      kind: 'not_started',
      code: 'host_unreachable',
      message: expect.stringContaining('one-time code was used'),
    })
    expect(seen.filter((each) => /^\d{6}$/.test(each))).toHaveLength(1)
  })
})

describe('a key', () => {
  test('is offered with its signature at once: the host is not asked whether it would take it', async () => {
    const offers: boolean[] = []
    const { runAs } = await hostThat((context) => {
      if (context.method === 'publickey') offers.push(context.signature !== undefined)
      context.accept()
    })
    expect(await runAs({}).run('true')).toMatchObject(exited)
    expect(offers).toEqual([true])
  })

  test('of type RSA signs in, with SHA-2', async () => {
    const path = join(keys.directory, 'client_rsa')
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', path])
    appendFileSync(join(keys.directory, 'authorized_keys'), readFileSync(`${path}.pub`))
    const before = keys.log().length
    const bridge = sshRunner([keys.target('web-server', { credential: { kind: 'private_key', path } })])
    open.push(bridge)
    expect(await bridge.run('true')).toMatchObject(exited)
    expect(keys.log().slice(before)).toMatch(/Accepted (key|publickey)[^\n]* RSA/i)
    expect(keys.log().slice(before)).not.toMatch(/ssh-rsa-cert|sha1/i)
  })

  test('that the host does not take is offered once', async () => {
    const { seen, runAs } = await hostThat((context) => context.reject(['publickey']))
    expect(await runAs({}).run('true')).toMatchObject({ code: 'host_auth_failed' })
    expect(seen).toEqual(['publickey'])
  })
})
