import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CollectedOutput } from '../../../test/kit/command-parts.ts'
import { MemoryChanges } from '../../../test/kit/memory-changes.ts'
import { MemorySessions } from '../../../test/kit/memory-sessions.ts'
import { withRoom } from '../../../test/kit/room.ts'
import { LOCAL_SOCKET, startRsyslog } from '../../../test/kit/rsyslog.ts'
import { rememberedLog } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import type { Action, Call, RunAction } from '../../domain/call.ts'
import { type HostTarget, hostName } from '../../domain/host.ts'
import { Permit } from '../../domain/permit.ts'
import type { Principal } from '../../domain/principal.ts'
import { NOBODY } from '../../domain/progress.ts'
import { systemClock } from '../../lib/clock.ts'
import { randomId } from '../../lib/ids.ts'
import { createSshExecutor, type SshExecutor } from '../executor.ts'
import { attributed, attributionOf } from './attribution.ts'

const root = mkdtempSync(join(tmpdir(), 'bridge-attribution-'))
const bin = join(root, 'bin')
const logged = join(root, 'logged')
const seenBySftp = join(root, 'sftp')
const never = new AbortController().signal
const open: SshExecutor[] = []
let takes: Sshd
let takesNot: Sshd

/** Whatever `logger` of the host does is in this file. */
function makeLogger(body: string): void {
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'logger'), `#!/bin/sh\n${body}\n`, { mode: 0o755 })
}

const KEEP = `printf '%s\\n' "$*" >>${logged}; cat >>${logged}; echo from logger; echo from logger >&2; exit 3`

beforeAll(async () => {
  makeLogger(KEEP)
  const sftp = join(root, 'sftp-server')
  const server = '/usr/lib/openssh/sftp-server'
  writeFileSync(sftp, `#!/bin/sh\necho "$SSH_MCP_USER/$SSH_MCP_CALL" >>${seenBySftp}\nexec ${server}\n`, {
    mode: 0o755,
  })
  const path = `if [ "$SSH_ORIGINAL_COMMAND" = ${sftp} ]; then exec ${sftp}; fi; PATH=${bin}:$PATH exec bash -c "\${SSH_ORIGINAL_COMMAND:-exec bash --norc --noprofile -i}"`
  const config = [`ForceCommand ${path}`, `Subsystem sftp ${sftp}`]
  takes = await startSshd({ hasOwnHome: true, config: ['AcceptEnv SSH_MCP_*', ...config] })
  takesNot = await startSshd({ hasOwnHome: true, config })
})

afterEach(() => {
  for (const executor of open.splice(0)) executor.close()
  rmSync(logged, { force: true })
  makeLogger(KEEP)
})

afterAll(async () => {
  await Promise.all([takes?.stop(), takesNot?.stop()])
  rmSync(root, { recursive: true, force: true })
})

const settings = {
  knownHostsFiles: [],
  connectTimeoutMs: 10_000,
  keepaliveMs: 15_000,
  maxSessionsPerHost: 5,
  idleTimeoutMs: 60_000,
  cleanupIntervalMs: 60_000,
  files: { readBytes: 262_144, maxBytes: 8_388_608, transferBytes: 10_737_418_240, linkTtlMs: 900_000 },
}

function executor(...targets: readonly HostTarget[]): SshExecutor {
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

const ada: Principal = {
  issuer: 'https://issuer.example.com/',
  subject: 'u-17',
  method: 'oauth',
  name: 'Ada',
  email: 'ada@example.com',
  groups: [],
  roles: [],
  scopes: 'all',
}

const callOf = (action: Action, who: Partial<Principal> = {}): Call => ({
  id: randomId('call'),
  principal: { ...ada, ...who },
  action,
  edge: 'mcp_http',
  receivedAt: systemClock.now(),
})

const permit = (call: Call) => Permit.for(call, { verdict: 'allow', rule: 'test' })
const host = hostName('web-server')
const run = (command: string, more: Partial<RunAction> = {}): RunAction => ({
  kind: 'run',
  host,
  command,
  timeoutMs: 20_000,
  waitMs: 20_000,
  ...more,
})

async function ran(ssh: SshExecutor, action: RunAction) {
  const call = callOf(action)
  const output = new CollectedOutput()
  const outcome = await ssh.run(permit(call), output, 'begin', never)
  return { id: call.id, outcome, stdout: output.stdout, stderr: output.stderr }
}

const WHO = 'echo "$SSH_MCP_USER/$SSH_MCP_CALL"'
const quiet = { interval: 20 }
const loggedText = () => (existsSync(logged) ? readFileSync(logged, 'utf8') : '')

describe('SSH_MCP_CALL and SSH_MCP_USER', () => {
  test.each([
    ['a command alone', 'exec', {}],
    ['a command in a session', 'shell', {}],
    ['a detached command', 'exec', { detached: true }],
  ] as const)('are set for %s, each call its own', async (_, executionMode, more) => {
    const ssh = executor(takes.target('web-server', { executionMode }))
    for (let calls = 0; calls < 2; calls += 1) {
      const { id, stdout } = await ran(ssh, run(WHO, more))
      expect(stdout).toBe(`ada@example.com/${id}\n`)
    }
  })

  test('are set in a terminal, for as long as it lives', async () => {
    const ssh = executor(takes.target('web-server', { allowsTerminal: true, executionMode: 'shell' }))
    const opening = callOf({ kind: 'open_session', host, terminal: { columns: 200, rows: 24 } })
    const opened = await ssh.execute(permit(opening), never, NOBODY)
    const session = (opened as { reading?: { session?: string } }).reading?.session ?? ''
    const typing = callOf({
      kind: 'use_terminal',
      host,
      session,
      input: [
        { kind: 'text', text: WHO },
        { kind: 'key', key: 'Enter' },
      ],
      wait: { waitMs: 5_000, quietMs: 500 },
      read: 'screen',
    } as Action)
    const shown = JSON.stringify(await ssh.execute(permit(typing), never, NOBODY))
    expect(shown).toContain(`ada@example.com/${opening.id}`)
  })

  test('name the person for file tools, whose SFTP session serves several calls', async () => {
    rmSync(seenBySftp, { force: true })
    const ssh = executor(takes.target('web-server'))
    const read = callOf({ kind: 'list_directory', host, path: '/', limit: 5 } as Action)
    const outcome = await ssh.execute(permit(read), never, NOBODY)
    expect(outcome.kind).not.toBe('not_started')
    expect(readFileSync(seenBySftp, 'utf8')).toBe('ada@example.com/\n')
  })

  test('are dropped by sudo, unless its env_keep names them', async () => {
    const ssh = executor(takes.target('web-server', { sudo: { kind: 'nopasswd' } }))
    expect((await ran(ssh, run(WHO, { sudo: true }))).stdout).toBe('/\n')
  })

  test('are refused silently by a host that does not take them: the command runs all the same', async () => {
    const ssh = executor(takesNot.target('web-server'))
    expect(await ran(ssh, run(`${WHO}; exit 4`))).toMatchObject({
      stdout: '/\n',
      stderr: '',
      outcome: { end: { how: 'exited', code: 4 } },
    })
  })

  test('are not sent where the host is configured so, nor to devices and Windows', async () => {
    const target = takes.target('web-server', { attribution: { env: false } })
    expect((await ran(executor(target), run(WHO))).stdout).toBe('/\n')
    const call = callOf(run(WHO))
    for (const platform of ['network', 'windows'] as const)
      expect(attributionOf(call, { ...target, platform, attribution: { syslog: true } })).toEqual({})
  })

  test.each([
    [{ email: undefined as unknown as string }, 'Ada'],
    [{ email: '', name: '' }, ''],
    [{ email: 'zoë\u0007\n@example.com' }, 'zo???@example.com'],
    [{ email: `${'x'.repeat(200)}` }, 'x'.repeat(128)],
  ])('hold printable ASCII of 128 characters at most: %j', (who, user) => {
    const call = callOf(run('id'), who)
    const principal = JSON.parse(JSON.stringify(call.principal)) as Principal
    const { environment } = attributionOf({ ...call, principal }, takes.target('web-server'))
    expect(environment).toEqual({ SSH_MCP_CALL: call.id, SSH_MCP_USER: user })
  })
})

describe('a line in the host’s own syslog', () => {
  const told = { attribution: { syslog: true } } as const

  test.each([
    ['a command alone', 'exec', {}],
    ['a command in a session', 'shell', {}],
    ['a detached command', 'exec', { detached: true }],
    ['a command as root', 'exec', { sudo: true }],
  ] as const)('names call and person of %s, and changes nothing of it', async (_, executionMode, more) => {
    const ssh = executor(
      takesNot.target('web-server', { ...told, executionMode, sudo: { kind: 'nopasswd' } }),
    )
    const command = 'cat; echo out; echo err >&2; jobs; wait; exit 7'
    const { id, stdout, stderr, outcome } = await ran(ssh, run(command, more))
    expect([stdout, stderr, outcome]).toMatchObject(['out\n', 'err\n', { end: { how: 'exited', code: 7 } }])
    const line = `-t ssh-mcp-bridge -p auth.notice -- call=${id} user=ada@example.com host=web-server\n`
    await expect.poll(loggedText, quiet).toBe(line)
  })

  test('is not waited for, and not missed where the host has no logger', async () => {
    makeLogger(`sleep 60; echo late >>${logged}`)
    const ssh = executor(takesNot.target('web-server', told))
    await ran(ssh, run('true'))
    const startedMs = performance.now()
    expect((await ran(ssh, run('echo now'))).stdout).toBe('now\n')
    expect(performance.now() - startedMs).toBeLessThan(withRoom(2_500))
    expect(loggedText()).toBe('')
    rmSync(join(bin, 'logger'))
    const bare = run(`echo still`)
    expect(await ran(ssh, bare)).toMatchObject({ stdout: 'still\n', stderr: '' })
  })

  test('holds one field for the person, whatever their name is', async () => {
    const target = takesNot.target('web-server', told)
    const email = `a' $(id) \`id\` "x" host=other;\n\u001b[2J%`
    const { words = '' } = attributionOf(callOf(run('id'), { email }), target)
    expect(words).toMatch(
      /^\(logger -t ssh-mcp-bridge -p auth\.notice -- 'call=call_[\w-]+ user=[A-Za-z0-9@._+%-]+ host=web-server' &\) <\/dev\/null >\/dev\/null 2>&1$/,
    )
    const plain = attributionOf(callOf(run('id'), { email: 'ada.l+ops@example.com' }), target)
    expect(plain.words).toContain(' user=ada.l+ops@example.com host=')
  })

  test('is not left out for a command that is too long with it: that one is refused', async () => {
    const target = takesNot.target('web-server', told)
    const ssh = executor(target)
    const long = `: ${'x'.repeat(130_850)}`
    expect(await ran(ssh, run(long))).toMatchObject({
      outcome: { kind: 'not_started', code: 'payload_too_large' },
    })
    const short = await ran(ssh, run(`${long.slice(0, 130_500)}; echo whole`))
    expect(short.stdout).toBe('whole\n')
  })

  test('reaches a real syslog', async () => {
    const rsyslog = await startRsyslog('local')
    try {
      makeLogger(`exec /usr/bin/logger --socket ${join(rsyslog.directory, LOCAL_SOCKET)} "$@"`)
      const { id } = await ran(executor(takesNot.target('web-server', told)), run('true'))
      const line = {
        facility: 'auth',
        severity: 'notice',
        text: `call=${id} user=ada@example.com host=web-server`,
      }
      await expect.poll(() => rsyslog.messages(), quiet).toMatchObject([line])
    } finally {
      await rsyslog.stop()
    }
  })
})

test('a host without a POSIX shell gets its line as it is', async () => {
  const requests: object[] = []
  const target = takes.target('web-server', { attribution: { syslog: true } })
  const runChannel = attributed(
    async (_owner, _host, request) => {
      requests.push(request)
      return { kind: 'not_started', code: 'host_unreachable', message: '' }
    },
    callOf(run('id')),
    target,
  )
  const request = { line: 'show version', stdin: Buffer.alloc(0), nonce: 'n', timeoutMs: 1, isPlain: true }
  const outlets = { onStdout: () => {}, onStderr: () => {} }
  await runChannel('owner', host, { ...request, ...outlets }, never)
  expect(requests).toEqual([{ ...request, ...outlets }])
})
