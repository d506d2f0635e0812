import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { watchHost } from '../../../test/kit/host-watch.ts'
import { rememberedLog } from '../../../test/kit/ssh-runner.ts'
import { type SudoHost, startSudoHost, sudoPassword } from '../../../test/kit/sudo-user.ts'
import type { RunAction } from '../../domain/call.ts'
import type { OutputStream } from '../../domain/command.ts'
import { type HostTarget, hostName, type Sudo } from '../../domain/host.ts'
import type { RevealedSecrets } from '../../domain/secret.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { randomHex } from '../../lib/ids.ts'
import { Pool } from '../pool/pool.ts'
import { endCommand } from './end-command.ts'
import { execLine } from './exec-line.ts'
import { createRunChannel } from './run-channel.ts'
import { runWithSudo } from './run-with-sudo.ts'
import { PROMPT_MS } from './sudo-prompt.ts'

const password = (): Sudo => ({ kind: 'password', password: sudoPassword() })
const nopasswd: Sudo = { kind: 'nopasswd' }

const hosts: SudoHost[] = []
const folders: string[] = []
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
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

/** Runs a command as root on the target and gives back how it ended together with what it printed. */
function asker(target: HostTarget, clock: Clock = systemClock) {
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
  const runChannel = createRunChannel(pool, clock)
  const ask = async (
    command: string,
    more: Partial<RunAction> = {},
    signal = new AbortController().signal,
    secrets?: RevealedSecrets,
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
    const outcome = await runWithSudo('user@example.com', action, target, runChannel, sink, signal, secrets)
    return { ...outcome, ...output, begun }
  }
  return { ask, log, pool, runChannel }
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
    const home = /^ssh-mcp-test:.*:(.*):.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1]
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

describe('a command as root that is given secrets', () => {
  const value = `it's a "value"\nof ${randomHex()}`
  const given: RevealedSecrets = {
    env: [{ name: 'S_ONE', value: Buffer.from(value) }],
    stdin: Buffer.from(value),
  }
  const never = new AbortController().signal

  test.each([
    ['bash', 'asks for a password'],
    ['dash', 'asks for none'],
    ['ash', 'asks for a password'],
  ] as const)('has them in its environment and on its input under %s, where sudo %s', async (shell, how) => {
    const own = shell === 'bash' ? bash : await host(shell)
    const { ask } = asker(own.target('web-server', how === 'asks for none' ? nopasswd : password()))
    const seen = await watchHost(value.slice(-32), async () => {
      const ran = await ask('id -u; printf %s "$S_ONE"; echo; cat; sleep 0.2', {}, never, given)
      expect(ran).toMatchObject({ ...exited(0), stdout: `0\n${value}\n${value}`, stderr: '' })
    })
    expect(seen).toMatchObject({ commandLines: [], files: [] })
    const { stdout } = await ask('cat; echo end', {}, never, { env: given.env })
    expect(stdout).toBe('end\n')
  })

  test('does not begin, and gets none, where the password is wrong', async () => {
    const { ask } = asker(bash.target('web-server', { kind: 'password', password: 'not-the-password' }))
    const refused = await ask('cat', {}, never, given)
    expect(refused).toMatchObject({ kind: 'not_started', code: 'sudo_failed', begun: 0 })
    expect(JSON.stringify(refused)).not.toContain(value.slice(-32))
  })

  test('never has them read by a program in sudo’s place', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-sudo-'))
    folders.push(folder)
    chmodSync(folder, 0o777)
    writeFileSync(
      join(folder, 'sudo'),
      `#!/bin/bash\necho "\${4}" >&2; sleep 0.3; echo "\${4}" >&2; cat >"\${0%/*}/got"; exit 1\n`,
    )
    chmodSync(join(folder, 'sudo'), 0o755)
    const own = await host('bash', [
      `ForceCommand exec env PATH=${folder}:/usr/bin:/bin /bin/bash -c "$SSH_ORIGINAL_COMMAND"`,
    ])
    const { ask } = asker(own.target('web-server', password()))
    expect(await ask('id', {}, never, given)).toMatchObject({ kind: 'not_started', code: 'sudo_failed' })
    expect(readFileSync(join(folder, 'got'), 'utf8')).toBe(`${sudoPassword()}\n`)
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

describe('a host whose sudo is not what it should be', () => {
  /** A host with another program in sudo's place. */
  async function impostor(script: string, clock?: Clock) {
    const folder = mkdtempSync(join(tmpdir(), 'bridge-sudo-'))
    folders.push(folder)
    chmodSync(folder, 0o777)
    writeFileSync(join(folder, 'sudo'), `#!/bin/bash\n${script}\n`)
    chmodSync(join(folder, 'sudo'), 0o755)
    const own = await host('bash', [
      `ForceCommand exec env PATH=${folder}:/usr/bin:/bin /bin/bash -c "$SSH_ORIGINAL_COMMAND"`,
    ])
    return { folder, ...asker(own.target('web-server', password()), clock) }
  }

  test('cannot make a call hang that never asks: its input is closed after a while', async () => {
    const soon: Clock = {
      ...systemClock,
      sleep: (ms, signal) => systemClock.sleep(ms === PROMPT_MS ? 300 : ms, signal),
    }
    const { ask } = await impostor('cat >/dev/null; echo "Verification code:" >&2; exit 1', soon)
    expect(await ask('id', { timeoutMs: 20_000 })).toMatchObject({ code: 'sudo_failed', begun: 0 })
  })

  test('does not get the password without the question, and its words do not carry it on', async () => {
    const { ask, folder } = await impostor('IFS= read -r -t 1 line; echo "$line" > "${0%/*}/got"; exit 1')
    await ask('id')
    expect(readFileSync(join(folder, 'got'), 'utf8')).toBe('\n')
    const repeating = await impostor('echo "${4}" >&2; IFS= read -r line; echo "wrong: $line" >&2; exit 1')
    const refused = await repeating.ask('id')
    expect(refused).toMatchObject({ kind: 'not_started', code: 'sudo_failed' })
    if (refused.kind !== 'not_started') throw new Error('it ran')
    expect(refused.detail).toContain('wrong: [redacted]')
    expect(JSON.stringify(refused)).not.toContain(sudoPassword())
  })

  test('never has it said that nothing was run, when what it printed hides whether it was', async () => {
    const { ask } = await impostor(`head -c 200000 /dev/zero | tr '\\0' x >&2; shift 5; "$@"; exit 1`)
    expect(await ask('echo ran')).toMatchObject({ ...exited(1), stdout: 'ran\n' })
  })

  test('is not asked a second time to end a command that it had not begun, nor is that claimed to be gone', async () => {
    const { ask, folder } = await impostor('echo asked >> "${0%/*}/asked"; sleep 30; exit 1')
    const ran = await ask('id', { timeoutMs: 700 })
    expect(ran).toMatchObject({ kind: 'ran', end: { how: 'timed_out', remote: { state: 'unknown' } } })
    expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('asked\n')
  })

  test('is not believed: a command that only others could see is not claimed to be gone', async () => {
    const { pool, runChannel } = asker(bash.target('web-server', password()))
    const connection = await pool.dial('user@example.com', hostName('web-server'))
    if ('kind' in connection) throw new Error(connection.message)
    const nonce = randomHex()
    let told = ''
    const running = runChannel(
      'user@example.com',
      hostName('web-server'),
      {
        line: execLine({ nonce, command: 'echo $$; sleep 30', disablePager: false }),
        stdin: Buffer.alloc(0),
        nonce,
        timeoutMs: 20_000,
        onStdout: (chunk) => {
          told += chunk.toString()
        },
        onStderr: () => undefined,
      },
      new AbortController().signal,
    )
    await expect.poll(() => told).toMatch(/^\d+\n$/)
    const about = {
      connection,
      dial: () => pool.dial('user@example.com', hostName('web-server')),
      nonce,
      processGroup: () => Number(told),
      graceMs: 2_000,
    }
    const wrong = { kind: 'password', password: 'wrong-password' } as const
    expect(await endCommand({ ...about, sudo: wrong }, systemClock)).toMatchObject({
      state: 'unknown',
      reason: expect.stringMatching(/without sudo/),
    })
    expect(await running).toMatchObject({ end: { how: 'killed', signal: 'TERM' } })
    connection.close()
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
