import { afterEach, describe, expect, test } from 'vitest'
import { freePort } from '../../../test/kit/free-port.ts'
import { MemoryChanges } from '../../../test/kit/memory-changes.ts'
import { MemorySessions } from '../../../test/kit/memory-sessions.ts'
import {
  CMD,
  type PlainBehaviour,
  type PlainHost,
  POWERSHELL,
  SWITCH,
  startPlainHost,
} from '../../../test/kit/plain-hosts.ts'
import { rememberedLog } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, type SshdOptions, startSshd } from '../../../test/kit/sshd.ts'
import type { Action } from '../../domain/call.ts'
import type { OutputStream } from '../../domain/command.ts'
import { type HostTarget, hostName } from '../../domain/host.ts'
import { Permit } from '../../domain/permit.ts'
import { systemClock } from '../../lib/clock.ts'
import { randomId } from '../../lib/ids.ts'
import { createSshExecutor } from '../executor.ts'
import { platformOfAnswer, QUESTION } from './detect-platform.ts'
import { platformOfSoftware } from './software.ts'

const HOST = hostName('web-server')
const open: { stop(): Promise<void> | void }[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.stop()
})

async function plainHost(behaviour: PlainBehaviour): Promise<PlainHost> {
  const host = await startPlainHost(behaviour)
  open.push(host)
  return host
}

function bridge(...targets: readonly HostTarget[]) {
  const settings = {
    knownHostsFiles: [],
    connectTimeoutMs: 10_000,
    keepaliveMs: 15_000,
    maxSessionsPerHost: 5,
    idleTimeoutMs: 60_000,
    cleanupIntervalMs: 60_000,
    files: { readBytes: 65_536, maxBytes: 65_536, transferBytes: 65_536, linkTtlMs: 1_000 },
  }
  const sessionStore = new MemorySessions()
  const log = rememberedLog()
  const ssh = createSshExecutor({
    targets,
    settings,
    sessionStore,
    changes: new MemoryChanges(),
    clock: systemClock,
    log,
  })
  open.push({ stop: () => ssh.close() })
  const permit = (action: Action) => {
    const principal = {
      issuer: 'https://issuer.example.com/',
      subject: 'one',
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
  return {
    log,
    reconfigure: (next: readonly HostTarget[]) => ssh.reconfigure(next, settings),
    do: (action: Action) => ssh.execute(permit(action), new AbortController().signal, () => undefined),
    async run(command: string, more: object = {}, signal = new AbortController().signal) {
      const output = { stdout: '', stderr: '' }
      const sink = {
        begun: () => undefined,
        push: (stream: OutputStream, chunk: Buffer) => {
          output[stream] += chunk.toString('latin1')
          return undefined
        },
        taken: { stdout: 0, stderr: 0 },
      }
      const action = { kind: 'run', host: HOST, command, timeoutMs: 20_000, waitMs: 20_000, ...more } as const
      const outcome = await ssh.run(permit(action), sink, 'begin', signal)
      return { ...outcome, ...output }
    },
  }
}

describe('a host without a POSIX shell gets the command as it is', () => {
  test.each([
    ['cmd', CMD, 'echo %OS% a  b', 'Windows_NT a  b\r\n'],
    ['PowerShell', POWERSHELL, 'Write-Output one two', 'one\r\ntwo\r\n'],
  ])('%s is found out by its greeting and one question', async (_name, behaviour, command, stdout) => {
    const host = await plainHost(behaviour)
    const { run } = bridge(host.target(HOST))
    expect(await run(command)).toMatchObject({ end: { how: 'exited', code: 0 }, stdout, stderr: '' })
    expect((await run('missing')).stderr).toContain('not recognized')
    expect(host.lines).toEqual([QUESTION, command, 'missing'])
    expect(host.connections).toBe(1)
  })

  test('a device whose greeting tells is asked nothing, and a status that it does not tell is not made up', async () => {
    const host = await plainHost(SWITCH)
    const { run } = bridge(host.target(HOST))
    const version = await run('show version')
    expect(version).toMatchObject({
      kind: 'ran',
      end: { how: 'unknown' },
      stdout: '\r\nSwitch Software, Version 15.2(7)E3\r\n',
    })
    expect((await run('uname -a')).stdout).toContain('% Invalid input')
    // The device closes the connection after each command: the next one gets another.
    expect(host.lines).toEqual(['show version', 'uname -a'])
  })

  test.each([
    ['windows', { ...CMD, software: 'OpenSSH_9.5' }],
    ['network', { ...SWITCH, software: 'OpenSSH_7.4' }],
  ] as const)(
    'one that greets like any other is asked when its first command did not announce itself: %s',
    async (_platform, behaviour) => {
      const host = await plainHost(behaviour)
      const { run } = bridge(host.target(HOST))
      const first = await run('show version')
      expect(first.stderr).toContain('web-server has no POSIX shell')
      expect(host.lines).toEqual([expect.stringContaining('printf'), QUESTION])
      await run('show version')
      expect(host.lines.slice(2)).toEqual(['show version'])
    },
  )

  test('a platform that is configured is believed', async () => {
    const host = await plainHost({ ...CMD, software: 'OpenSSH_9.5' })
    const { run } = bridge(host.target(HOST, { platform: 'windows' }))
    expect(await run('exit 7')).toMatchObject({ end: { how: 'exited', code: 7 } })
    expect(host.lines).toEqual(['exit 7'])
  })

  test('bytes that are no UTF-8 are passed on as they came', async () => {
    const host = await plainHost(CMD)
    expect((await bridge(host.target(HOST, { platform: 'windows' })).run('dir')).stdout).toBe('caf\x82\r\n')
  })

  test('a device that takes no single commands says so, and what would help', async () => {
    const host = await plainHost({ ...SWITCH, refusesCommands: true })
    const { run } = bridge(host.target(HOST, { platform: 'network' }))
    expect(await run('show version')).toMatchObject({
      kind: 'not_started',
      code: 'not_supported',
      message: expect.stringContaining('the operator can allow it with terminal: true'),
    })
  })
})

describe('the end of a command that cannot be stopped', () => {
  test('a time-out and a cancel close the channel and say that it may go on', async () => {
    const host = await plainHost(CMD)
    const { run } = bridge(host.target(HOST, { platform: 'windows' }))
    const timedOut = await run('sleep 60', { timeoutMs: 200 })
    const remote = { state: 'unknown', reason: expect.stringContaining('no way to stop it') }
    expect(timedOut).toMatchObject({ end: { how: 'timed_out', remote }, stdout: 'begun\r\n' })
    const stop = new AbortController()
    const running = run('sleep 61', {}, stop.signal)
    await expect.poll(() => host.lines).toContain('sleep 61')
    stop.abort()
    expect(await running).toMatchObject({ end: { how: 'cancelled', remote } })
    expect(await run('exit 0')).toMatchObject({ end: { how: 'exited', code: 0 } })
    expect(host.lines).toEqual(['sleep 60', 'sleep 61', 'exit 0'])
  })
})

describe('what cannot work is said at once', () => {
  test.each([
    ['sudo', { sudo: true }, 'has no sudo'],
    ['detached', { detached: true }, 'outlive the connection'],
    ['a working directory', { workingDirectory: '/tmp' }, 'Write cd into the command'],
    ['a session', { session: 'ses_1' }, 'keeps no shell sessions'],
  ])('%s', async (_title, more, told) => {
    const host = await plainHost(CMD)
    const { run } = bridge(host.target(HOST, { platform: 'windows' }))
    const answer = await run('exit 0', more)
    expect(answer).toMatchObject({ kind: 'not_started', code: 'not_supported' })
    expect('message' in answer && answer.message).toContain(told)
    expect(host.connections).toBe(0)
  })

  test('a host in shell mode', async () => {
    const host = await plainHost(CMD)
    const target = host.target(HOST)
    const { run } = bridge({ ...target, host: { ...target.host, executionMode: 'shell' } })
    expect(await run('exit 0')).toMatchObject({
      code: 'not_supported',
      message: expect.stringContaining('execution_mode: exec'),
    })
    expect(host.lines).toEqual([QUESTION])
  })

  test('facts, directories, sessions and files as root', async () => {
    const host = await plainHost(SWITCH)
    const ssh = bridge(host.target(HOST))
    const file = { host: HOST, path: '/etc/shadow' }
    const actions: Action[] = [
      { kind: 'describe_host', host: HOST, refresh: false },
      { kind: 'get_working_directory', host: HOST },
      { kind: 'open_session', host: HOST },
      { kind: 'read_file', ...file, sudo: true, encoding: 'auto' },
    ]
    for (const action of actions)
      expect(await ssh.do(action), action.kind).toMatchObject({ kind: 'not_started', code: 'not_supported' })
    expect(host.lines).toEqual([])
  })

  test('a command longer than cmd takes is refused before it is cut', async () => {
    const host = await plainHost(CMD)
    const { run } = bridge(host.target(HOST, { platform: 'windows' }))
    expect(await run(`echo ${'x'.repeat(8_200)}`)).toMatchObject({ code: 'payload_too_large' })
    expect(await run(`echo ${'x'.repeat(8_000)}`)).toMatchObject({ end: { how: 'exited', code: 0 } })
  })
})

describe('a POSIX host', () => {
  let sshd: Sshd
  const started = async (options: SshdOptions = {}) => {
    sshd = await startSshd(options)
    open.push(sshd)
    return sshd
  }

  test('is asked nothing', async () => {
    const { run } = bridge((await started()).target(HOST))
    expect(await run('exit 3')).toMatchObject({ end: { how: 'exited', code: 3 } })
    await run('true')
    expect(commandsOn(sshd)).toBe(2)
    expect(sshd.authenticationAttempts()).toBe(1)
  })

  test('whose first command did not announce itself is asked once, and stays one', async () => {
    const config = [`ForceCommand sh -c 'eval "$SSH_ORIGINAL_COMMAND" 2>/dev/null'`]
    const { run } = bridge((await started({ config })).target(HOST))
    expect(await run('echo a; exit 3')).toMatchObject({
      end: { how: 'exited', code: 3 },
      stdout: 'a\n',
      stderr: '',
    })
    expect(await run('echo b')).toMatchObject({ stdout: 'b\n' })
    expect(commandsOn(sshd)).toBe(3)
  })

  test('what was found out is forgotten when the way to the host changes', async () => {
    const device = await plainHost(SWITCH)
    const server = await started()
    const ssh = bridge(device.target(HOST))
    await ssh.run('show version')
    ssh.reconfigure([server.target(HOST)])
    expect(await ssh.run('printf ok')).toMatchObject({ end: { how: 'exited', code: 0 }, stdout: 'ok' })
    ssh.reconfigure([device.target(HOST)])
    await ssh.run('show version')
    expect(device.lines).toEqual(['show version', 'show version'])
  })

  test('a host that cannot be reached is dialled once, and told as that', async () => {
    const target = (await started()).target(HOST, { port: await freePort() })
    const { run, log } = bridge(target)
    expect(await run('true')).toMatchObject({ kind: 'not_started', code: 'host_unreachable' })
    expect(log.lines.filter((line) => line.startsWith('No connection'))).toHaveLength(1)
  })
})

/** How many lines the server was asked to run. */
function commandsOn(sshd: Sshd): number {
  return sshd.log().split(/Starting session: (?:forced-)?command/).length - 1
}

describe('what an answer tells', () => {
  test.each([
    ['%OS%\n', 'posix'],
    ['%OS% \n', 'posix'],
    ['Welcome!\n%OS%\n', 'posix'],
    ['Windows_NT $PSHOME\r\n', 'windows'],
    ['%OS%\r\nC:\\Program Files\\PowerShell\\7\r\n', 'windows'],
    ['%OS%\n/opt/microsoft/powershell/7\n', 'windows'],
    ["\r\necho %OS% $PSHOME\r\n ^\r\n% Invalid input detected at '^' marker.\r\n", 'network'],
    ['Error: Unrecognized command found at position 1.', 'network'],
    ['bad command name echo (line 1 column 1)', 'network'],
    ['Invalid input: echo', 'network'],
    ['unknown command.', 'network'],
    ['%OS% $PSHOME', 'network'],
    ['This account is currently not available.\n', undefined],
    ['sh: 0: cannot fork\n', undefined],
    ['', undefined],
  ] as const)('%j means %s', (text, platform) => {
    expect(platformOfAnswer(text)).toBe(platform)
  })

  test.each([
    ['OpenSSH_9.2p1 Debian-2+deb12u3', undefined],
    ['dropbear_2022.83', undefined],
    ['OpenSSH_for_Windows_8.1', 'windows'],
    ['Cisco-1.25', 'network'],
    ['ROSSSH', 'network'],
    ['HUAWEI-1.5', 'network'],
    ['Comware-7.1.070', 'network'],
    ['', undefined],
  ] as const)('the greeting %j means %s', (software, platform) => {
    expect(platformOfSoftware(software)).toBe(platform)
  })
})
