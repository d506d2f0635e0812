import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CollectedOutput } from '../../../test/kit/command-parts.ts'
import { watchHost } from '../../../test/kit/host-watch.ts'
import { MemoryChanges } from '../../../test/kit/memory-changes.ts'
import { MemorySessions } from '../../../test/kit/memory-sessions.ts'
import { rememberedLog } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd, type TestShell } from '../../../test/kit/sshd.ts'
import type { RunAction } from '../../domain/call.ts'
import { hostName } from '../../domain/host.ts'
import { Permit } from '../../domain/permit.ts'
import type { RevealedSecrets } from '../../domain/secret.ts'
import { systemClock } from '../../lib/clock.ts'
import { randomHex, randomId } from '../../lib/ids.ts'
import { createSshExecutor, type SshExecutor } from '../executor.ts'

const [alone, shared] = [hostName('alone'), hostName('shared')]

const principal = {
  issuer: 'https://issuer.example.com/',
  subject: 'one',
  method: 'oauth',
  groups: [],
  roles: [],
  scopes: 'all',
} as const

const sha256 = (value: string) => createHash('sha256').update(value).digest('hex')

/** The variables as `RevealedSecrets`, and what is to be read. */
function secrets(env: Readonly<Record<string, string>>, stdin?: string): RevealedSecrets {
  return {
    env: Object.entries(env).map(([name, value]) => ({ name, value: Buffer.from(value) })),
    ...(stdin !== undefined && { stdin: Buffer.from(stdin) }),
  }
}

const AWKWARD = {
  plain: 'ghp_0123456789',
  quoted: `it's "quoted" \`by\` $HOME $(id) \\n \\`,
  lines: '-----BEGIN KEY-----\nline one\n\n  indented\n-----END KEY-----\n\n',
  beginning: '-n -e -- \t',
  euro: 'Grüße € 漢字 \u{1F511}',
  controls: '\r\u0001\u007f\u001b[31m!!',
} as const

describe.each<TestShell>(['bash', 'dash', 'ash', 'zsh'])('a secret for a command under %s', (loginShell) => {
  let sshd: Sshd
  let ssh: SshExecutor
  const sessions = new MemorySessions()

  beforeAll(async () => {
    sshd = await startSshd({ shell: loginShell })
    ssh = createSshExecutor({
      targets: [sshd.target(alone), sshd.target(shared, { executionMode: 'shell' })],
      settings: {
        knownHostsFiles: [],
        connectTimeoutMs: 10_000,
        keepaliveMs: 15_000,
        maxSessionsPerHost: 5,
        idleTimeoutMs: 60_000,
        cleanupIntervalMs: 60_000,
        files: { readBytes: 262_144, maxBytes: 8_388_608, transferBytes: 10_737_418_240 },
      },
      changes: new MemoryChanges(),
      sessionStore: sessions,
      clock: systemClock,
      log: rememberedLog(),
    })
  })
  afterAll(async () => {
    ssh.close()
    await sshd.stop()
  })

  async function ran(
    host: typeof alone,
    command: string,
    given?: RevealedSecrets,
    more: object = {},
    script?: string,
  ) {
    const action: RunAction = { kind: 'run', host, command, timeoutMs: 20_000, waitMs: 20_000, ...more }
    const call = {
      id: randomId('call'),
      principal,
      action,
      edge: 'mcp_http',
      receivedAt: systemClock.now(),
    } as const
    const output = new CollectedOutput()
    const permit = Permit.for(call, { verdict: 'allow', rule: 'test', ...(script && { script }) })
    const outcome = await ssh.run(permit, output, 'begin', new AbortController().signal, given)
    return { ...outcome, stdout: output.stdout, stderr: output.stderr }
  }

  const both = [alone, shared]

  test.each(both)('is in its environment on %s, byte for byte', async (host) => {
    const env = Object.fromEntries(Object.entries(AWKWARD).map(([name, value]) => [`S_${name}`, value]))
    const command = Object.keys(env)
      .map((name) => `printenv ${name} | head -c -1 | sha256sum | cut -d' ' -f1`)
      .join('\n')
    const { stdout, stderr } = await ran(host, command, secrets(env))
    expect(stderr).toBe('')
    expect(stdout.trim().split('\n')).toEqual(Object.values(AWKWARD).map(sha256))
  })

  test.each(both)(
    'is what it reads on %s, byte for byte, and nothing of the environment is in it',
    async (host) => {
      const given = secrets({ S_ONE: 'value one' }, AWKWARD.lines)
      const { stdout } = await ran(host, 'sha256sum | cut -d" " -f1; echo "$S_ONE"', given)
      expect(stdout).toBe(`${sha256(AWKWARD.lines)}\nvalue one\n`)
      expect((await ran(host, 'cat; echo end', secrets({}, AWKWARD.quoted))).stdout).toBe(
        `${AWKWARD.quoted}end\n`,
      )
    },
  )

  test.each(both)('of 64 KiB arrives whole on %s', async (host) => {
    const long = `${'0123456789abcde\n'.repeat(4_095)}last`
    const command = 'printf %s "$S_LONG" | sha256sum | cut -d" " -f1; sha256sum | cut -d" " -f1'
    const { stdout } = await ran(host, command, secrets({ S_LONG: long }, long))
    expect(stdout).toBe(`${sha256(long)}\n${sha256(long)}\n`)
  })

  test.each(both)('as a variable leaves nothing to read on %s', async (host) => {
    expect((await ran(host, 'cat; echo end', secrets({ S_ONE: 'value' }))).stdout).toBe('end\n')
  })

  test.each(both)('is in no command line and in no file on %s', async (host) => {
    const mark = randomHex()
    const value = `${mark} it's`
    const command = 'printenv S_ONE | sha256sum; sha256sum; sleep 0.2'
    const seen = await watchHost(mark, () => ran(host, command, secrets({ S_ONE: value }, value)))
    expect(seen).toMatchObject({ commandLines: [], files: [] })
    expect(seen.rounds).toBeGreaterThan(5)
    // What is watched with sees it where it is.
    const shown = await watchHost(mark, () =>
      ran(host, 'sh -c "sleep 0.3; : $S_ONE" "$S_ONE"', secrets({ S_ONE: mark })),
    )
    expect(shown.commandLines).not.toEqual([])
  })

  test('is gone with the command: the session has what it had before, and nothing of it', async () => {
    await ran(shared, 'S_ONE=before; kept=1; f() { echo "f $kept"; }; cd /usr')
    const value = `value ${randomHex()}`
    const told = await ran(
      shared,
      'f; pwd; echo "${#S_ONE}"; copy=$S_ONE; cd /etc',
      secrets({ S_ONE: value }),
    )
    expect(told.stdout).toBe(`f 1\n/usr\n${value.length}\n`)
    expect(told).toMatchObject({
      session: {
        workingDirectory: '/usr',
        state: 'kept',
        reason: 'a command that was given secrets changes no session',
      },
    })
    expect((await ran(shared, 'echo "$S_ONE ${copy-none} $PWD"')).stdout).toBe('before none /usr\n')
    expect(JSON.stringify([...sessions.kept.values()])).not.toContain(value)
  })

  test('comes also to a session that begins with it, and that session is there afterwards', async () => {
    const { stdout } = await ran(shared, 'echo "$S_ONE"', secrets({ S_ONE: 'value' }))
    expect(stdout).toBe('value\n')
    expect(await ran(shared, 'echo "[$S_ONE]"; cd /usr')).toMatchObject({ session: { state: 'saved' } })
  })

  test.each(both)('changes nothing else on %s: directory, exit status, messages', async (host) => {
    const given = secrets({ S_ONE: 'value' })
    const told = await ran(host, 'pwd\nno_such_command\nexit 7', given, { workingDirectory: '/usr/lib' })
    expect(told).toMatchObject({ end: { how: 'exited', code: 7 }, stdout: '/usr/lib\n' })
    expect(told.stderr).not.toContain('ssh_mcp')
    expect(await ran(host, 'false', given)).toMatchObject({ end: { code: 1 } })
    expect(await ran(host, 'kill -9 $$', given)).toMatchObject({ end: { how: 'killed', signal: 'KILL' } })
    expect(await ran(host, 'echo ran', given, { workingDirectory: '/no/such' })).toMatchObject({
      end: { how: 'exited', code: 125 },
      stdout: '',
    })
  })

  test.each(both)(
    'is read by one that is run as it was understood on %s, in an environment of its own',
    async (host) => {
      const script = `( POSIXLY_CORRECT=1; \\exec '/usr/bin/env' '-i' 'PATH=/usr/bin:/bin' 'sha256sum' )`
      const { stdout } = await ran(host, 'sha256sum', secrets({}, 'value'), {}, script)
      expect(stdout).toBe(`${sha256('value')}  -\n`)
      const refused = await ran(host, 'sha256sum', secrets({ S_ONE: 'value' }), {}, script)
      expect(refused).toMatchObject({ kind: 'not_started', code: 'not_supported', stdout: '' })
    },
  )

  test('is not asked of one that is detached: it would lie on the disk', async () => {
    const told = await ran(alone, 'echo ran', secrets({}), {
      detached: true,
      secrets: [{ as: 'stdin', handle: 'secret:0123456789abcdef' }],
    })
    expect(told).toMatchObject({ kind: 'not_started', code: 'not_supported' })
  })
})
