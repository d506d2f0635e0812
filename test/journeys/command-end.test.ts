import { spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { processesWith } from '../kit/remote-processes.ts'
import { LOGIN_SHELLS, refusal, type ShellHosts, sh, startShellHosts } from '../kit/shell-hosts.ts'

/** Tells the processes of this run from what a failed one may have left. */
const RUN = process.pid

/** Each login shell with its state kept, and with each command alone. */
const HOSTS = LOGIN_SHELLS.flatMap((shell) => [
  { host: shell, keepsState: true },
  { host: `${shell}-alone`, keepsState: false },
])

let hosts: ShellHosts
let alice: Client

beforeAll(async () => {
  hosts = await startShellHosts(LOGIN_SHELLS, 'session: {max_sessions_per_host: 3}')
  alice = await hosts.connect('alice')
})

afterAll(async () => {
  await alice?.close()
  await hosts?.stop()
})

beforeEach(() => rmSync(notes(), { force: true }))

/** Starts children of every kind: in the group, in a session of its own, cut off from its parents, deaf to HUP, deaf to TERM. */
function family(mark: string): string {
  const child = `sh -c ': ${mark}; sleep 300; :'`
  return [
    noteScratch(),
    'after=yes; echo begun',
    `setsid ${child} &`,
    `setsid -f ${child}`,
    `nohup ${child} >/dev/null 2>&1 &`,
    `(trap "" TERM; ${child}) &`,
    `${child}; echo never`,
  ].join('\n')
}

/** Lets a command tell its private directory: it is in the arguments of its shell. */
function noteScratch(): string {
  return `tr '\\0' '\\n' </proc/$$/cmdline | grep -o '^/tmp/\\.ssh-mcp-bridge-[0-9a-f]*' >>${notes()}`
}

const notes = () => join(hosts.home.directory, 'scratch')

/** The private directories that commands noted, and which of them are still there. */
function scratch(): { noted: number; left: string[] } {
  const paths = existsSync(notes()) ? readFileSync(notes(), 'utf8').trimEnd().split('\n') : []
  return { noted: paths.length, left: paths.filter((path) => existsSync(path)) }
}

const onEvery = (act: (host: (typeof HOSTS)[number]) => Promise<void>) => Promise.all(HOSTS.map(act))

test('a time-out tells what was printed and leaves no process and no file on the host', async () => {
  await onEvery(async ({ host, keepsState }) => {
    const mark = `timed-${host}-${RUN}`
    await sh(alice, host, 'after=no')
    const ran = await sh(alice, host, family(mark), { timeout_seconds: 2 })
    expect(ran, host).toMatchObject({
      outcome: 'timed_out',
      stdout: 'begun\n',
      success: false,
      exit_status: null,
      remote: { state: 'stopped', stopped_by: 'KILL' },
    })
    expect(processesWith(mark)).toEqual([])
    const next = await sh(alice, host, 'echo "[$after]"')
    expect(next.stdout, host).toBe(keepsState ? '[no]\n' : '[]\n')
  })
  expect(scratch()).toEqual({ noted: LOGIN_SHELLS.length, left: [] })
})

test('a command that kills everything above it leaves no file on the host either', async () => {
  for (const shell of LOGIN_SHELLS) {
    const ran = await sh(alice, shell, `${noteScratch()}; kill -9 $PPID; sleep 0.1`)
    expect(ran).toMatchObject({ success: false, session: { state: 'kept' } })
  }
  expect(scratch()).toEqual({ noted: LOGIN_SHELLS.length, left: [] })
})

test('a command that announces the process of somebody else has only its own ended', async () => {
  const stranger = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' })
  const mark = `announced-${RUN}`
  const forge = `n=$(tr '\\0 ' '\\n\\n' </proc/$$/cmdline | grep -xE '[0-9a-f]{32}' | sed q); echo "$n ${stranger.pid}" >&2
sh -c ': ${mark}; sleep 300; :'; :`
  const ran = await sh(alice, 'bash-alone', forge, { timeout_seconds: 1 })
  expect(ran.stderr).toMatch(new RegExp(`^[0-9a-f]{32} ${stranger.pid}\n$`))
  expect(ran).toMatchObject({ outcome: 'timed_out', remote: { state: 'stopped' } })
  expect(ran.remote?.process_group).not.toBe(stranger.pid)
  expect(processesWith(mark)).toEqual([])
  expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null])
  stranger.kill()
})

test('a cancellation leaves no process and no file on the host', async () => {
  await onEvery(async ({ host }) => {
    const mark = `cancelled-${host}-${RUN}`
    const stop = new AbortController()
    const call = alice.callTool(
      { name: 'execute_command', arguments: { host, command: family(mark) } },
      { signal: stop.signal },
    )
    await expect.poll(() => processesWith(mark).length).toBeGreaterThanOrEqual(4)
    stop.abort()
    await expect(call).rejects.toThrow()
    await expect.poll(() => processesWith(mark)).toEqual([])
    expect((await sh(alice, host, 'echo next')).stdout).toBe('next\n')
  })
  await expect.poll(scratch).toEqual({ noted: LOGIN_SHELLS.length, left: [] })
})

test('a connection that is killed in the middle gives unknown, and the next call connects anew', async () => {
  const marks = (host: string) => `cut-${host}-${RUN}`
  await onEvery(async ({ host }) => void (await sh(alice, host, 'after=no')))
  const calls = HOSTS.map(({ host }) =>
    sh(alice, host, `after=yes; echo begun; sh -c ': ${marks(host)}; sleep 3; :'`),
  )
  for (const { host } of HOSTS) await expect.poll(() => processesWith(marks(host)).length).toBeGreaterThan(0)
  for (const shell of LOGIN_SHELLS) hosts.sshd[shell]?.cutConnections()
  for (const ran of await Promise.all(calls)) {
    expect(ran).toMatchObject({ outcome: 'unknown', success: false, exit_status: null, signal: null })
    expect(ran.outcome_reason).toContain('connection was lost')
  }
  await onEvery(async ({ host, keepsState }) => {
    const next = await sh(alice, host, 'echo "[$after]"')
    expect(next, host).toMatchObject({ stdout: keepsState ? '[no]\n' : '[]\n', outcome: 'exited' })
    const records = hosts.home.auditRecords().filter(({ command }) => command?.includes(marks(host)))
    expect(records.map(({ type, result }) => result?.status ?? type)).toEqual([
      'call.received',
      'call.decided',
      'call.started',
      'unknown',
    ])
  })
})

test('statistics show only the sessions of who asks, and max_sessions_per_host bounds those', async () => {
  const carol = await hosts.connect('carol')
  const open = async (name: string) => {
    const opened = await carol.callTool({ name: 'open_session', arguments: { host: 'dash', name } })
    return (opened.structuredContent as { session: string }).session
  }
  const stats = async (client: Client) => {
    const told = await client.callTool({ name: 'get_session_stats', arguments: {} })
    return told.structuredContent as {
      total_sessions: number
      sessions: { session: string; host: string; name?: string; commands: number }[]
      connections: { host: string }[]
      limits: { max_sessions_per_host: number }
    }
  }
  expect(await stats(carol)).toMatchObject({ total_sessions: 0, sessions: [], connections: [] })
  const [one, two] = [await open('one'), await open('two')]
  await sh(carol, 'dash', 'mine=default')
  await sh(carol, 'dash', 'mine=one', { session: one })
  expect(await open('one')).toBe(one)

  expect(await refusal(carol, 'open_session', { host: 'dash', name: 'three' })).toContain('close_session')
  const hers = await stats(carol)
  expect(hers).toMatchObject({ total_sessions: 3, limits: { max_sessions_per_host: 3 } })
  expect(hers.connections.map(({ host }) => host)).toEqual(['dash'])
  const others = await stats(alice)
  expect(others.sessions.map(({ session }) => session)).not.toContain(one)
  expect(others.sessions.map(({ host }) => host).sort()).toEqual([...LOGIN_SHELLS].sort())

  expect(await refusal(alice, 'execute_command', { host: 'dash', command: 'id', session: one })).toBe(
    await refusal(alice, 'execute_command', {
      host: 'dash',
      command: 'id',
      session: `ses_${'0'.repeat(32)}`,
    }),
  )
  await carol.callTool({ name: 'close_session', arguments: { host: 'dash', session: two } })
  const three = await open('three')
  expect((await sh(carol, 'dash', 'echo "[$mine]"', { session: three })).stdout).toBe('[]\n')
  expect((await sh(carol, 'dash', 'echo "[$mine]"', { session: one })).stdout).toBe('[one]\n')
  await carol.close()
})

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'sessions survive the end of the bridge by %s, and another client of the same person goes on in them',
  async (signal) => {
    const setUp = `cd /usr/lib; mine=${signal}; greet() { echo "$mine goes on"; }; alias who='echo alias'`
    await Promise.all(LOGIN_SHELLS.map((shell) => sh(alice, shell, setUp)))
    await alice.close()
    await hosts.restart(signal)
    alice = await hosts.connect('alice', 'modern')
    const second = await hosts.connect('alice')
    for (const client of [alice, second]) {
      const answers = await Promise.all(LOGIN_SHELLS.map((shell) => sh(client, shell, 'pwd; greet; who')))
      for (const { stdout } of answers) expect(stdout).toBe(`/usr/lib\n${signal} goes on\nalias\n`)
    }
    await second.close()
  },
)
