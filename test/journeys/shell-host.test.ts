import type { Client } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { processesWith } from '../kit/remote-processes.ts'
import {
  LOGIN_SHELLS,
  refusal,
  type ShellHosts,
  type ShellRun,
  sh,
  startShellHosts,
} from '../kit/shell-hosts.ts'

let hosts: ShellHosts
let alice: Client
let bob: Client

beforeAll(async () => {
  hosts = await startShellHosts(LOGIN_SHELLS, 'limits: {output_bytes: 4194304, calls_per_minute: 10000}')
  ;[alice, bob] = await Promise.all([hosts.connect('alice'), hosts.connect('bob', 'modern')])
})

afterAll(async () => {
  await Promise.all([alice?.close(), bob?.close()])
  await hosts?.stop()
})

describe.each(LOGIN_SHELLS)('two people on one host in shell mode whose login shell is %s', (shell) => {
  test('directory, variables, functions, aliases, options and umask persist for each and never cross', async () => {
    const setUp = (directory: string, name: string, mask: string) =>
      `cd ${directory}; mine=${name}; export seen=${name}; greet() { echo "hi from $mine"; }; alias who='echo ${name}'; umask ${mask}`
    await Promise.all([
      sh(alice, shell, `${setUp('/usr/lib', 'alice', '027')}; set -u`),
      sh(bob, shell, setUp('/etc', 'bob', '077')),
    ])
    const ask = 'pwd; greet; who; umask; sh -c \'echo "$seen"\'; case $- in *u*) echo nounset ;; esac'
    const [hers, his] = await Promise.all([sh(alice, shell, ask), sh(bob, shell, ask)])
    const mask = (digits: string) => (shell === 'zsh' ? digits : `0${digits}`)
    expect(hers.stdout).toBe(`/usr/lib\nhi from alice\nalice\n${mask('027')}\nalice\nnounset\n`)
    expect(his.stdout).toBe(`/etc\nhi from bob\nbob\n${mask('077')}\nbob\n`)
    expect(hers.session?.id).not.toBe(his.session?.id)
    await sh(alice, shell, 'set +u; onlyhers=1; hers() { :; }')
    const none = await sh(bob, shell, 'echo "[$onlyhers]"; hers')
    expect(none).toMatchObject({ stdout: '[]\n', exit_status: 127 })
  })

  test.each([
    ['exit 3', { exit_status: 3, outcome: 'exited' }, 'saved'],
    ['exec bash', { exit_status: 0, stdout: '' }, 'kept'],
    ['kill $$; sleep 5', { exit_status: null, signal: 'TERM', outcome: 'killed' }, 'kept'],
    ['kill -9 $PPID; sleep 0.1', { success: false }, 'kept'],
    ['set -e; false; echo never', { exit_status: 1, stdout: '' }, 'saved'],
    ["echo 'open", { success: false, stdout: '' }, 'saved'],
    ['cat; read line; echo end', { exit_status: 0, stdout: 'end\n' }, 'saved'],
    ['exec >&- 2>&-; exit 130', { exit_status: 130, signal: null, outcome: 'exited' }, 'saved'],
  ])('`%s` gets the right answer, and the next call goes on', async (command, answer, state) => {
    await sh(bob, shell, 'cd /etc; goes=on; set +e')
    const ran = await sh(bob, shell, command)
    expect(ran).toMatchObject({ ...answer, session: { working_directory: '/etc', state } })
    const next = await sh(bob, shell, 'echo "$goes"; pwd')
    expect(next).toMatchObject({ stdout: 'on\n/etc\n', stderr: '', exit_status: 0 })
  })

  test('20,000 fast lines, 3 MB of € and bytes that are no text arrive as they were printed', async () => {
    const lines = await sh(bob, shell, 'i=0; while [ $i -lt 20000 ]; do echo "line $i"; i=$((i+1)); done')
    expect(lines.stdout).toBe(Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join(''))
    const euros = await sh(bob, shell, 'yes € | head -n 1000000 | tr -d "\\n"')
    expect(euros.stdout === '€'.repeat(1_000_000)).toBe(true)
    expect(euros).toMatchObject({ stdout_bytes: 3_000_000, truncated: false })
    const bytes = await sh(bob, shell, "printf 'a\\377\\376b\\000c\\342\\202'; printf '\\200' >&2")
    expect(bytes).toMatchObject({ stdout: 'a��b␀c�', stdout_bytes: 8, stderr: '�', stderr_bytes: 1 })
    expect((await sh(bob, shell, 'echo next')).stdout).toBe('next\n')
  })

  test('forged markers change nothing: neither the status, nor the output, nor the state', async () => {
    await sh(alice, shell, 'kept=true_; cd /usr; true')
    // All that a command can find out about its supervisor: every argument and every file that is there for it to read.
    const forge = `for m in $(cat /proc/$PPID/cmdline /proc/$$/cmdline /tmp/.ssh-mcp-bridge-*/* 2>/dev/null | tr '\\0' '\\n' | grep -aoE '[0-9a-f]{32}' | sort -u) 00000000000000000000000000000000; do
  printf '%s=0 0 ran 0 bash bash\\n' "$m"; printf '%s=\\n' "$m" >&2
  printf '%s<\\n#%s cwd\\n/forged\\n#%s end\\n%s>\\n' "$m" "$m" "$m" "$m"
  printf '%s 1\\n' "$m" >&2
done
echo last; echo last >&2; exit 7`
    const ran = await sh(alice, shell, forge)
    expect(ran).toMatchObject({ exit_status: 7, session: { working_directory: '/usr', state: 'saved' } })
    expect(ran.stdout).toMatch(/^[0-9a-f]{32}=0 0 ran 0 bash bash\n[\s\S]*#0+ end\n0+>\nlast\n$/)
    expect(ran.stderr).toMatch(/0{32}=\n0{32} 1\nlast\n$/)
    const blind = await sh(alice, shell, 'echo "$kept"; pwd')
    expect(blind.stdout).toBe('true_\n/usr\n')
  })

  test('a background job delays no answer and goes on', async () => {
    const mark = `sleep 60.${LOGIN_SHELLS.indexOf(shell)}71`
    const ran = await sh(bob, shell, `${mark} & echo begun`)
    expect(ran).toMatchObject({ stdout: 'begun\n', exit_status: 0 })
    expect(ran.duration_ms).toBeLessThan(10_000)
    const [job = ''] = processesWith(mark)
    expect(job).toContain(mark)
    process.kill(Number.parseInt(job, 10))
  })

  test('a working directory is entered first, as `cd` would, and one that cannot be entered stops the command', async () => {
    await sh(bob, shell, 'cd /')
    const there = { working_directory: '/usr/lib' }
    expect(await sh(bob, shell, 'pwd', there)).toMatchObject({ stdout: '/usr/lib\n' })
    expect(await sh(bob, shell, 'pwd')).toMatchObject({ stdout: '/usr/lib\n' })
    const asked = await bob.callTool({ name: 'get_working_directory', arguments: { host: shell } })
    expect(asked.structuredContent).toMatchObject({ working_directory: '/usr/lib' })
    const nowhere = await sh(bob, shell, 'echo ran', { working_directory: "/no'where" })
    expect(nowhere).toMatchObject({ stdout: '', exit_status: 125, success: false })
    expect(nowhere.stderr).toContain("/no'where")
    expect(await sh(bob, `${shell}-alone`, 'pwd', there)).toMatchObject({ stdout: '/usr/lib\n' })
    expect((await sh(bob, `${shell}-alone`, 'pwd')).stdout).not.toBe('/usr/lib\n')
    const alone = await sh(bob, `${shell}-alone`, 'echo ran', { working_directory: '/nowhere' })
    expect(alone).toMatchObject({ stdout: '', exit_status: 125, success: false })
  })

  test.each(['', '-alone'])('a command of 100 KB runs, one with a NUL is refused (%s)', async (mode) => {
    const long = await sh(bob, shell + mode, `: '${'x'.repeat(102_400)}'; echo long`)
    expect(long).toMatchObject({ stdout: 'long\n', exit_status: 0 })
    expect(await refusal(bob, 'execute_command', { host: shell + mode, command: 'a\0b' })).toMatch(/NUL/)
    expect((await sh(bob, shell + mode, 'echo next')).stdout).toBe('next\n')
  })
})

test('a command behind another one in its session is told as not begun, and cancelled as one that never ran', async () => {
  const ask = async (name: string, args: Record<string, unknown>) => {
    const { content, structuredContent } = await alice.callTool({ name, arguments: args })
    return {
      text: (content as { text: string }[])[0]?.text ?? '',
      told: structuredContent as unknown as ShellRun & Standing,
    }
  }
  const first = await ask('execute_command', { host: 'bash', command: 'sleep 60', wait_seconds: 1 })
  const second = await ask('execute_command', { host: 'bash', command: 'touch never', wait_seconds: 1 })
  expect(first).toMatchObject({ text: expect.stringContaining('STILL RUNNING'), told: { state: 'running' } })
  expect(second).toMatchObject({
    text: expect.stringMatching(/NOT BEGUN .*cancel_command/),
    told: { state: 'queued' },
  })
  const page = await ask('get_command_output', { command_id: second.told.command_id })
  expect(page.text).toMatch(/queued for \d+ ms: it waits for .*the same session/)
  const cancelled = await ask('cancel_command', { command_id: second.told.command_id })
  expect(cancelled).toMatchObject({
    text: expect.stringContaining('it NEVER RAN: the session was still busy'),
    told: { state: 'cancelled', remote: { state: 'not_begun' } },
  })
  await ask('cancel_command', { command_id: first.told.command_id })
})

interface Standing {
  readonly command_id: string
  readonly state: string
}
