import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CollectedOutput } from '../../test/kit/command-parts.ts'
import { MemoryChanges } from '../../test/kit/memory-changes.ts'
import { MemorySessions } from '../../test/kit/memory-sessions.ts'
import { rememberedLog } from '../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../test/kit/sshd.ts'
import type { Action, RunAction } from '../domain/call.ts'
import { type HostTarget, hostName } from '../domain/host.ts'
import { Permit } from '../domain/permit.ts'
import { NOBODY } from '../domain/progress.ts'
import { systemClock } from '../lib/clock.ts'
import { randomId } from '../lib/ids.ts'
import { createSshExecutor, type SshExecutor } from './executor.ts'

const [exec, shell] = [hostName('web-server'), hostName('db-server')]
const settings = {
  knownHostsFiles: [],
  connectTimeoutMs: 10_000,
  keepaliveMs: 15_000,
  maxSessionsPerHost: 5,
  idleTimeoutMs: 60_000,
  cleanupIntervalMs: 60_000,
  files: { readBytes: 262_144, maxBytes: 8_388_608, transferBytes: 10_737_418_240, linkTtlMs: 900_000 },
}
let sshd: Sshd
let targets: HostTarget[]
const open: SshExecutor[] = []

beforeAll(async () => {
  sshd = await startSshd()
  targets = [sshd.target(exec), sshd.target(shell, { executionMode: 'shell' })]
})
afterEach(() => {
  for (const executor of open.splice(0)) executor.close()
})
afterAll(() => sshd.stop())

function executor() {
  const made = createSshExecutor({
    targets,
    settings,
    sessionStore: new MemorySessions(),
    changes: new MemoryChanges(),
    clock: systemClock,
    log: rememberedLog(),
  })
  open.push(made)
  return made
}

function permitFor(action: Action, subject = 'one'): Permit {
  const principal = {
    issuer: 'https://issuer.example.com/',
    subject,
    method: 'oauth',
    groups: [],
    roles: [],
    scopes: 'all',
  } as const
  const call = {
    id: randomId('call'),
    principal,
    action,
    edge: 'mcp_http',
    receivedAt: systemClock.now(),
  } as const
  return Permit.for(call, { verdict: 'allow', rule: 'test' })
}

const never = new AbortController().signal
const run = (command: string, more: object = {}) =>
  ({ kind: 'run', host: exec, command, timeoutMs: 20_000, waitMs: 20_000, ...more }) as const

/** What came of the command, and what it printed. */
async function ran(ssh: SshExecutor, action: RunAction, subject?: string) {
  const output = new CollectedOutput()
  const outcome = await ssh.run(permitFor(action, subject), output, 'begin', never)
  return { ...outcome, stdout: output.stdout }
}

const ask = (ssh: SshExecutor, action: Action, subject?: string) =>
  ssh.execute(permitFor(action, subject), never, NOBODY)

describe('carrying out a permit', () => {
  test('runs a command and tells the verified host key', async () => {
    const outcome = await ran(executor(), run('echo hello'))
    expect(outcome).toMatchObject({
      kind: 'ran',
      host: exec,
      command: 'echo hello',
      end: { how: 'exited', code: 0 },
      stdout: 'hello\n',
      hostKey: sshd.hostKeyFingerprint,
    })
  })

  test('keeps nothing from call to call on a host in exec mode, and everything on one in shell mode', async () => {
    const ssh = executor()
    await ran(ssh, run('cd /tmp; x=1'))
    await ran(ssh, run('cd /tmp; x=1', { host: shell }))
    const where = 'echo "$PWD $x"'
    expect(await ran(ssh, run(where))).not.toMatchObject({
      stdout: '/tmp 1\n',
    })
    expect(await ran(ssh, run(where, { host: shell }))).toMatchObject({
      stdout: '/tmp 1\n',
      session: { workingDirectory: '/tmp', state: 'saved' },
    })
    expect(await ran(ssh, run(where, { host: shell }), 'two')).not.toMatchObject({
      stdout: '/tmp 1\n',
    })
  })

  test.each([exec, shell])(
    'refuses a NUL on %s before anything is sent, and the next command runs',
    async (host) => {
      const ssh = executor()
      expect(await ran(ssh, run('echo a\0b', { host }))).toMatchObject({
        kind: 'not_started',
        code: 'bad_request',
      })
      expect(await ran(ssh, run('echo ab', { host }))).toMatchObject({
        stdout: 'ab\n',
      })
    },
  )

  test('tells the working directory in both modes', async () => {
    const ssh = executor()
    await ran(ssh, run('cd /usr', { host: shell }))
    expect(await ask(ssh, { kind: 'get_working_directory', host: shell })).toMatchObject({
      kind: 'directory',
      path: '/usr',
    })
    expect(await ask(ssh, { kind: 'get_working_directory', host: exec })).toMatchObject({
      kind: 'directory',
      path: expect.stringMatching(/^\//),
    })
  })

  test('opens, lists and closes sessions of the caller alone, on hosts that keep them', async () => {
    const ssh = executor()
    const opened = await ask(ssh, { kind: 'open_session', host: shell, name: 'work' })
    expect(opened).toMatchObject({ kind: 'session_opened', session: { name: 'work', host: shell } })
    const session = opened.kind === 'session_opened' ? opened.session.id : ''
    const stats = { kind: 'get_session_stats' } as const
    expect(await ask(ssh, stats)).toMatchObject({
      stats: { sessions: [{ id: session }], connections: [{ host: shell, connections: 1, running: 0 }] },
    })
    expect(await ask(ssh, stats, 'two')).toMatchObject({
      stats: { sessions: [], connections: [] },
    })
    const close = { kind: 'close_session', host: shell, session } as const
    expect(await ask(ssh, close, 'two')).toMatchObject({ code: 'session_not_found' })
    expect(await ask(ssh, close)).toMatchObject({ kind: 'session_closed', closed: true })
    expect(await ask(ssh, { kind: 'open_session', host: exec })).toMatchObject({
      code: 'session_mode',
    })
  })

  test('notices a reload: a host that is gone is not spoken to any more', async () => {
    const ssh = executor()
    await ran(ssh, run('true'))
    ssh.reconfigure(targets.slice(1), settings)
    expect(await ran(ssh, run('true'))).toMatchObject({
      kind: 'not_started',
      code: 'host_unreachable',
    })
    ssh.reconfigure(targets, settings)
    expect(await ran(ssh, run('true'))).toMatchObject({ kind: 'ran' })
  })
})
