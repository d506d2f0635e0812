import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { detachedBridge } from '../../../test/kit/detached-host.ts'
import { processesWith } from '../../../test/kit/remote-processes.ts'
import { startSshd, type TestShell } from '../../../test/kit/sshd.ts'

const exited = (code: number) => ({ kind: 'ran', end: { how: 'exited', code } })

/** A host on which the login shell gets its commands as `entry` says, with one bridge before it. */
async function host(options: Parameters<typeof startSshd>[0], overrides = {}) {
  const sshd = await startSshd(options)
  const bridge = detachedBridge(sshd.target('web-server', overrides))
  const ids: string[] = []
  const left = () => ids.filter((id) => existsSync(join(homedir(), '.local/state/ssh-mcp-bridge', id)))
  return {
    run(...parameters: Parameters<typeof bridge.run>) {
      const run = bridge.run(...parameters)
      ids.push(run.id)
      return run
    },
    /** Nothing of what ran may be left then. */
    async stop() {
      await expect.poll(() => left()).toEqual([])
      bridge.close()
      await sshd.stop()
    },
  }
}

describe.each<TestShell>(['bash', 'dash', 'ash', 'zsh'])('on a host with %s as login shell', (shell) => {
  test('detached commands run as given, print all they print, and end when they are told to', async () => {
    const { run, stop } = await host({ shell })
    const mark = { bash: 4811, dash: 4812, ash: 4813, zsh: 4814 }[shell]
    const plain = run(`echo "$0|$#|$PAGER|$PWD"; cat <<'END'\n$x \`y\` 'z'\nEND\necho err >&2; exit 9`, {
      workingDirectory: '/usr',
    })
    const killed = run('kill -TERM $$')
    const open = run('echo "open')
    const nowhere = run('echo ran', { workingDirectory: '/no/such' })
    const many = run('seq 1 200000')
    const longer = run(`echo before; sleep ${mark} & sleep ${mark}; echo after`)
    expect(await plain.ended).toMatchObject(exited(9))
    expect(plain.sink).toMatchObject({ stdout: `${shell}|0|cat|/usr\n$x \`y\` 'z'\n`, stderr: 'err\n' })
    expect(await killed.ended).toMatchObject({ end: { how: 'killed', signal: 'TERM' } })
    expect(await open.ended).toMatchObject({ kind: 'ran', end: { how: 'exited' } })
    expect(await open.ended).not.toMatchObject(exited(0))
    expect(await nowhere.ended).toMatchObject(exited(125))
    expect(await many.ended).toMatchObject(exited(0))
    expect(many.sink.stdout).toBe(Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join(''))
    await expect.poll(() => longer.sink.stdout).toBe('before\n')
    longer.abort.abort('access_revoked')
    expect(await longer.ended).toMatchObject({ end: { how: 'cancelled', remote: { state: 'stopped' } } })
    expect(processesWith(`sleep ${mark}`).filter((line) => !line.includes('<defunct>'))).toEqual([])
    await stop()
  })
})

/** Puts a program before all others of its name on the host. */
function stub(bin: string, name: string, text: string): string {
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return `ForceCommand export PATH=${bin}:$PATH; exec bash -c "$SSH_ORIGINAL_COMMAND"`
}

describe('as root', () => {
  test('a detached command runs where sudo asks for nothing, and sudo is not told what it is', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'bridge-sudo-'))
    const sudo = `[ "$1 $2" = '-n --' ] || exit 1; shift 2; export SUDO_COMMAND="$*"; exec env -u SSH_MCP_COMMAND "$@"`
    const { run, stop } = await host({ config: [stub(bin, 'sudo', sudo)] }, { sudo: { kind: 'nopasswd' } })
    const { ended, sink } = run('echo "$SUDO_COMMAND"; pwd; : sesame', { sudo: true, workingDirectory: '~' })
    expect(await ended).toMatchObject(exited(0))
    expect(sink.stdout).toMatch(/^\S*bash -c eval "\$\(cat\)" bash \S+\n\S+\n$/)
    expect(sink.stdout.endsWith(`\n${homedir()}\n`)).toBe(true)
    const endless = run('echo here; setsid sleep 4815', { sudo: true })
    await expect.poll(() => endless.sink.stdout).toBe('here\n')
    endless.abort.abort('cancelled')
    expect(await endless.ended).toMatchObject({ end: { how: 'cancelled', remote: { state: 'stopped' } } })
    await stop()
    rmSync(bin, { recursive: true })
  })

  test('a detached command does not begin where sudo refuses', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'bridge-sudo-'))
    const config = [stub(bin, 'sudo', 'echo sudo: a password is required >&2; exit 1')]
    const { run, stop } = await host({ config }, { sudo: { kind: 'nopasswd' } })
    const { ended, id } = run('id', { sudo: true })
    expect(await ended).toMatchObject({ kind: 'not_started', code: 'sudo_failed' })
    expect(existsSync(join(homedir(), '.local/state/ssh-mcp-bridge', id))).toBe(false)
    await stop()
    rmSync(bin, { recursive: true })
  })
})

describe('on a host that lacks something', () => {
  const forced = (words: string) => ({
    config: [`ForceCommand ${words}; exec bash -c "$SSH_ORIGINAL_COMMAND"`],
  })

  test('a home that takes nothing is no hindrance: /tmp does', async () => {
    const { run, stop } = await host(forced('unset XDG_STATE_HOME; export HOME=/proc/nothing'))
    const { ended, id, sink } = run('echo out; sleep 0.5')
    await expect.poll(() => existsSync(`/tmp/.ssh-mcp-bridge-${id}`)).toBe(true)
    expect(await ended).toMatchObject(exited(0))
    expect(sink.stdout).toBe('out\n')
    await expect.poll(() => existsSync(`/tmp/.ssh-mcp-bridge-${id}`)).toBe(false)
    await stop()
  })

  test('perl stands in for setsid', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'bridge-bin-'))
    const tools = 'sh bash perl cat dd mkfifo mv wc sleep rm mkdir find date ps grep sed'
    const link = `for tool in ${tools}; do ln -sf "$(command -v $tool)" ${bin}/; done`
    const { run, stop } = await host(forced(`${link}; export PATH=${bin}`))
    const { ended, sink, abort } = run('echo $$; ps -o sid= -p $$; sleep 60')
    await expect.poll(() => sink.stdout.split('\n')).toHaveLength(3)
    const [pid, sid] = sink.stdout.split('\n').map(Number)
    expect(sid).toBe(pid)
    abort.abort('cancelled')
    expect(await ended).toMatchObject({ end: { how: 'cancelled', remote: { state: 'stopped' } } })
    await stop()
    rmSync(bin, { recursive: true })
  })

  test('one without a tool that is needed says which, and nothing is left there', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'bridge-bin-'))
    const link = (tools: string) => `for tool in ${tools}; do ln -sf "$(command -v $tool)" ${bin}/; done`
    const bare = await host(
      forced(`${link('sh bash cat dd mkfifo mv wc sleep rm mkdir')}; export PATH=${bin}`),
    )
    expect(await bare.run('true').ended).toMatchObject({
      kind: 'not_started',
      code: 'not_supported',
      message: expect.stringContaining('setsid'),
    })
    await bare.stop()
    rmSync(join(bin, 'dd'))
    const less = await host(forced(`${link('sh')}; export PATH=${bin}`))
    expect(await less.run('true').ended).toMatchObject({ message: expect.stringContaining('has no dd') })
    await less.stop()
    rmSync(bin, { recursive: true })
  })

  test('one with nowhere to write says so', async () => {
    const bin = mkdtempSync(join(tmpdir(), 'bridge-bin-'))
    const config = [stub(bin, 'mkfifo', 'exit 1').replace('export', `export XDG_STATE_HOME=${bin}/state`)]
    const { run, stop } = await host({ config })
    const { ended } = run('true')
    expect(await ended).toMatchObject({ kind: 'not_started', message: expect.stringContaining('has room') })
    expect(readdirSync(join(bin, 'state/ssh-mcp-bridge'))).toEqual([])
    await stop()
    rmSync(bin, { recursive: true })
  })
})
