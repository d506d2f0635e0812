import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rememberedLog } from '../../../test/kit/ssh-runner.ts'
import { type SudoHost, startSudoHost, sudoPassword } from '../../../test/kit/sudo-user.ts'
import type { RunAction } from '../../domain/call.ts'
import type { OutputStream } from '../../domain/command.ts'
import type { HostTarget, Sudo } from '../../domain/host.ts'
import { systemClock } from '../../lib/clock.ts'
import { Pool } from '../pool/pool.ts'
import { createRunChannel } from './run-channel.ts'
import { runWithSudo } from './run-with-sudo.ts'

const password = (): Sudo => ({ kind: 'password', password: sudoPassword() })
const nopasswd: Sudo = { kind: 'nopasswd' }

const hosts: SudoHost[] = []
const pools: Pool[] = []
let bash: SudoHost

async function host(...args: Parameters<typeof startSudoHost>): Promise<SudoHost> {
  const started = await startSudoHost(...args)
  hosts.push(started)
  return started
}

beforeAll(async () => {
  bash = await host('bash')
})

afterAll(async () => {
  for (const pool of pools) pool.close()
  await Promise.all(hosts.map((each) => each.stop()))
})

/** Runs a command as root on the target and gives back how it ended together with what it printed. */
function asker(target: HostTarget) {
  const log = rememberedLog()
  const settings = {
    knownHostsFiles: [],
    connectTimeoutMs: 10_000,
    keepaliveMs: 15_000,
    maxSessionsPerHost: 5,
    idleTimeoutMs: 60_000,
    cleanupIntervalMs: 60_000,
  }
  const name = target.host.name
  const pool = new Pool({
    target: (asked) => (asked === name ? target : undefined),
    settings,
    clock: systemClock,
    log,
  })
  pools.push(pool)
  const runChannel = createRunChannel(pool, systemClock)
  const ask = async (
    command: string,
    more: Partial<RunAction> = {},
    signal = new AbortController().signal,
  ) => {
    const output = { stdout: '', stderr: '' }
    let begun = 0
    const sink = {
      taken: { stdout: 0, stderr: 0 },
      begun() {
        begun += 1
      },
      push(stream: OutputStream, chunk: Buffer) {
        output[stream] += chunk.toString()
        return undefined
      },
    }
    const action: RunAction = {
      kind: 'run',
      host: name,
      command,
      sudo: true,
      timeoutMs: 15_000,
      waitMs: 15_000,
      ...more,
    }
    const outcome = await runWithSudo('user@example.com', action, target, runChannel, sink, signal)
    return { ...outcome, ...output, begun }
  }
  return { ask, log }
}

const exited = (code: number) => ({ kind: 'ran', end: { how: 'exited', code } })

describe('a command as root', () => {
  test('runs with its own exit status and streams, and nothing of sudo is in them', async () => {
    const { ask } = asker(bash.target('web-server', password()))
    expect(await ask('id -u; echo err >&2; exit 3')).toMatchObject({
      ...exited(3),
      stdout: '0\n',
      stderr: 'err\n',
      begun: 1,
    })
    expect(await ask('exit 1')).toMatchObject({ ...exited(1), stdout: '', stderr: '' })
  })

  test('means what it means without sudo: the same shell, quotes, lines, arguments and locale', async () => {
    const { ask } = asker(bash.target('web-server', password()))
    const text = `a=('x y' "it's"); printf '%s|' "\${a[@]}" "$#" "$0" "\${LC_ALL-unset}" "$PAGER"\ncat <<'END'\n$x \`y\`\nEND`
    expect(await ask(text)).toMatchObject({
      ...exited(0),
      stdout: "x y|it's|0|/bin/bash|unset|cat|$x `y`\n",
      stderr: '',
    })
  })

  test.each(['dash', 'ash'] as const)('runs under a login shell that is %s', async (shell) => {
    const own = await host(shell)
    const { ask } = asker(own.target('web-server', shell === 'dash' ? nopasswd : password()))
    expect(await ask(`id -u; pwd; echo "it's"`, { workingDirectory: '/usr' })).toMatchObject({
      ...exited(0),
      stdout: "0\n/usr\nit's\n",
    })
  })

  test('begins in the directory asked for, also in one that only root may enter; `~` stays the home of the login', async () => {
    const { ask } = asker(bash.target('web-server', password()))
    const home = execFileSync('getent', ['passwd', 'ssh-mcp-test'], { encoding: 'utf8' }).split(':')[5]
    expect(await ask('pwd', { workingDirectory: '/root' })).toMatchObject({ stdout: '/root\n' })
    expect(await ask('pwd', { workingDirectory: '~' })).toMatchObject({ stdout: `${home}\n` })
    expect(await ask('pwd')).toMatchObject({ stdout: `${home}\n` })
    expect(await ask('echo ran', { workingDirectory: '/no/such' })).toMatchObject({
      ...exited(125),
      stdout: '',
    })
  })

  test('finds nothing on its input, neither after a password nor where none was asked for', async () => {
    const dash = await host('dash')
    const search = 'cat; for fd in /proc/$PPID/fd/0 /proc/$$/fd/0; do timeout 1 cat $fd; done; echo end'
    for (const own of [bash, dash]) {
      const { ask } = asker(own.target('web-server', password()))
      expect(await ask(search)).toMatchObject({ ...exited(0), stdout: 'end\n' })
    }
  })

  test('cannot ask for the password itself by repeating the question', async () => {
    const dash = await host('dash')
    const { ask } = asker(dash.target('web-server', password()))
    // The prompt stands in the command line of the login shell, where a command finds it.
    const forge = `for m in $(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -aoE '[0-9a-f]{32}' | sort -u); do echo "$m" >&2; done; timeout 1 cat /proc/$PPID/fd/0; echo end`
    const ran = await ask(forge)
    expect(ran).toMatchObject({ ...exited(0), stdout: 'end\n' })
    expect(JSON.stringify(ran)).not.toContain(sudoPassword())
  })

  test('shows the password in no process list and no environment while it is used', async () => {
    const { ask } = asker(bash.target('web-server', password()))
    const secret = sudoPassword()
    let samples = 0
    let isOver = false
    const running = ask('env; sleep 0.5').finally(() => {
      isOver = true
    })
    while (!isOver) {
      samples += 1
      for (const pid of readdirSync('/proc').filter(
        (name) => /^\d+$/.test(name) && name !== `${process.pid}`,
      ))
        for (const file of ['cmdline', 'environ'])
          expect(readProc(`/proc/${pid}/${file}`).includes(secret), `${pid}/${file}`).toBe(false)
      await systemClock.sleep(5)
    }
    const ran = await running
    expect(ran).toMatchObject(exited(0))
    expect(ran.stdout).toContain('SUDO_USER=ssh-mcp-test')
    expect(ran.stdout + ran.stderr).not.toContain(secret)
    expect(samples).toBeGreaterThan(5)
  })
})

describe('a command as root that must end', () => {
  // A mark of this very run: what another one left is not ours.
  const left = (mark: string) =>
    execFileSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(mark) && !line.startsWith('Z'))

  test.each(['bash', 'dash'] as const)('is gone after its time-out, with evidence (%s)', async (shell) => {
    const own = shell === 'bash' ? bash : await host(shell)
    const { ask } = asker(own.target('web-server', shell === 'dash' ? nopasswd : password()))
    const mark = `sleep 515${shell === 'bash' ? 1 : 2}.${process.pid}`
    const ran = await ask(`echo before; (trap '' TERM; ${mark}) & ${mark}; echo after`, { timeoutMs: 1_500 })
    expect(ran).toMatchObject({
      kind: 'ran',
      end: { how: 'timed_out', remote: { state: 'stopped', by: 'KILL' } },
      stdout: 'before\n',
      stderr: '',
    })
    expect(left(mark)).toEqual([])
  })

  test('is gone after a cancellation, with evidence', async () => {
    const { ask } = asker(bash.target('web-server', password()))
    const caller = new AbortController()
    const mark = `sleep 5153.${process.pid}`
    const running = ask(`echo begun; setsid ${mark}`, {}, caller.signal)
    await expect.poll(() => left(mark).length).toBeGreaterThan(0)
    caller.abort('cancelled')
    expect(await running).toMatchObject({ end: { how: 'cancelled', remote: { state: 'stopped' } } })
    expect(left(mark)).toEqual([])
  })
})

describe('sudo that refuses', () => {
  const mark = '/tmp/sudo-refused-ran'
  const cases: [string, Parameters<typeof startSudoHost>[0], () => Sudo, RegExp][] = [
    [
      'a wrong password',
      'bash',
      () => ({ kind: 'password', password: 'wrong-password' }),
      /does not take the configured password.*once/,
    ],
    ['a password where none is configured', 'bash', () => nopasswd, /asks for a password.*sudo: nopasswd/],
    ['a rule that demands a terminal', 'zsh', password, /demands a terminal.*requiretty/],
    ['a shell that sudoers does not allow', 'rbash', password, /sudoers does not allow/],
    ['a host without sudo', 'no-sudo', password, /not installed/],
  ]

  test.each(cases)('is told apart from a command that fails: %s', async (_name, shell, sudo, message) => {
    const own = await host(shell)
    const { ask } = asker(own.target('web-server', sudo()))
    const refused = await ask(`touch ${mark}`)
    expect(refused).toMatchObject({
      kind: 'not_started',
      code: 'sudo_failed',
      stdout: '',
      stderr: '',
      begun: 0,
    })
    if (refused.kind !== 'not_started') throw new Error('it ran')
    expect(refused.message).toMatch(message)
    expect(refused.message).toMatch(/Nothing was run/)
    expect(refused.message).not.toContain('ssh-mcp-test')
    expect(`${refused.message}${refused.detail}`).not.toMatch(/wrong-password/)
    expect(existsSync(mark)).toBe(false)
  })

  test('offers a wrong password exactly once', async () => {
    const own = await host('bash')
    const { ask } = asker(own.target('web-server', { kind: 'password', password: 'wrong-password' }))
    const refused = await ask('true')
    expect(refused.kind === 'not_started' && refused.detail).toMatch(/1 incorrect password attempt/)
  })

  test('is not asked at all where the host does not offer it', async () => {
    const { ask } = asker(bash.target('web-server', undefined))
    expect(await ask('true')).toMatchObject({
      kind: 'not_started',
      code: 'not_supported',
      message: expect.stringMatching(/hosts\[\]\.sudo/),
    })
  })

  test('does not run a command with a NUL, or one longer than a line may be', async () => {
    const { ask } = asker(bash.target('web-server', password()))
    expect(await ask('a\0b')).toMatchObject({ code: 'bad_request' })
    expect(await ask('x'.repeat(131_000))).toMatchObject({ code: 'payload_too_large' })
    expect(await ask(`: ${'x'.repeat(100_000)}; echo long`)).toMatchObject({ stdout: 'long\n' })
  })
})

function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
