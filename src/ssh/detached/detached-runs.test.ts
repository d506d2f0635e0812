import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { detachedBridge, detachedCall } from '../../../test/kit/detached-host.ts'
import { processesWith } from '../../../test/kit/remote-processes.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'

let sshd: Sshd
let bridge: ReturnType<typeof detachedBridge>
const state = mkdtempSync(join(tmpdir(), 'bridge-detached-'))
const runs = join(state, 'ssh-mcp-bridge')
/** What a login shell's start-up file might print. */
const NOISE = 'echo "Welcome to web-server"; echo "mind the step" >&2'

beforeAll(async () => {
  sshd = await startSshd({
    config: [`ForceCommand ${NOISE}; export XDG_STATE_HOME=${state}; exec bash -c "$SSH_ORIGINAL_COMMAND"`],
  })
  bridge = detachedBridge(sshd.target('web-server'))
})
afterAll(async () => {
  bridge.close()
  await sshd.stop()
  rmSync(state, { recursive: true, force: true })
})

const exited = (code: number) => ({ kind: 'ran', end: { how: 'exited', code } })
const until = (check: () => void, ms = 30_000) => vi.waitFor(check, { timeout: ms, interval: 20 })
const lines = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0)

describe('a detached command', () => {
  test('is answered with its exit status, and its two streams apart', async () => {
    const { ended, sink } = bridge.run('echo out; echo err >&2; exit 3')
    expect(await ended).toMatchObject({ ...exited(3), hostKey: sshd.hostKeyFingerprint })
    expect(sink).toMatchObject({ stdout: 'out\n', stderr: 'err\n', begins: 1 })
  })

  test('that dies of a signal is told apart from one that exits', async () => {
    expect(await bridge.run('kill -9 $$').ended).toMatchObject({ end: { how: 'killed', signal: 'KILL' } })
    expect(await bridge.run('exit 137').ended).toMatchObject(exited(137))
  })

  test('gets its text exactly as given', async () => {
    const text = `printf '%s|' "a'b" 'c"d' '$HOME' \\\\ é; cat <<'END'\n$x \`y\` \\\nEND\necho "# $((1 + 1))" # end`
    const { ended, sink } = bridge.run(text)
    expect(await ended).toMatchObject(exited(0))
    expect(sink.stdout).toBe(`a'b|c"d|$HOME|\\|é|$x \`y\` \\\n# 2\n`)
  })

  test('may be 200 KB long, and stands in no process list', async () => {
    const secret = `sesame${process.pid}`
    const { ended, sink } = bridge.run(`: ${secret} '${'x'.repeat(200_000)}'\necho here; sleep 1.2`)
    await until(() => expect(sink.stdout).toBe('here\n'))
    expect(processesWith(secret)).toEqual([])
    expect(await ended).toMatchObject(exited(0))
  })

  test('with an open quote fails by itself', async () => {
    const { ended, sink } = bridge.run('echo "open')
    expect(await ended).toMatchObject({ kind: 'ran', end: { how: 'exited' } })
    expect(await ended).not.toMatchObject(exited(0))
    expect(sink.stderr).not.toBe('')
  })

  test('runs in the directory it is given, and not at all where there is none', async () => {
    const there = bridge.run('pwd', { workingDirectory: runs })
    expect(await there.ended).toMatchObject(exited(0))
    expect(there.sink.stdout).toBe(`${runs}\n`)
    const home = bridge.run('pwd', { workingDirectory: '~' })
    await home.ended
    expect(home.sink.stdout).toBe(`${process.env.HOME}\n`)
    const nowhere = bridge.run('echo ran', { workingDirectory: `${state}/it's gone` })
    expect(await nowhere.ended).toMatchObject(exited(125))
    expect(nowhere.sink.stdout).toBe('')
    expect(nowhere.sink.stderr).toContain("it's gone")
  })

  test('has the surroundings it would have on a channel', async () => {
    const { ended, sink } = bridge.run(
      'umask; echo "$PAGER:$#:$0"; cat; yes | head -n1; ps -o pid=,pgid=,sid= $$ | { read -r a b c; [ $a = $b ] && [ $b = $c ] && echo leader; }; ' +
        'grep SigIgn /proc/self/status',
    )
    expect(await ended).toMatchObject(exited(0))
    const umask = (process.umask() + 0o10000).toString(8).slice(1)
    expect(sink.stdout).toBe(`${umask}\ncat:0:bash\ny\nleader\nSigIgn:\t0000000000000000\n`)
  })

  test('may close and redirect what it prints to', async () => {
    const { ended, sink } = bridge.run('exec 2>&1; echo one >&2; exec >&- 2>&-; echo two; sleep 0.2; exit 4')
    expect(await ended).toMatchObject(exited(4))
    expect(sink).toMatchObject({ stdout: 'one\n', stderr: '' })
  })

  test('ends while its background jobs go on, whose later output is not waited for', async () => {
    const path = join(state, 'job')
    const { ended, sink, id } = bridge.run(`(sleep 3; echo late; echo alive >${path}) & echo started`)
    expect(await ended).toMatchObject(exited(0))
    expect(sink.stdout).toBe('started\n')
    expect(existsSync(path)).toBe(false)
    await until(() => expect(existsSync(join(runs, id))).toBe(false))
  })

  test('leaves nothing on the host once it is done', async () => {
    const { ended, id } = bridge.run('echo out')
    await until(() => expect(existsSync(join(runs, id))).toBe(true))
    await ended
    await until(() => expect(readdirSync(runs)).not.toContain(id))
  })

  test('that holds a NUL, or that sudo wants a password for, is not begun', async () => {
    expect(await bridge.run('echo \0').ended).toMatchObject({ kind: 'not_started', code: 'bad_request' })
    expect(await bridge.run('id', { sudo: true }).ended).toMatchObject({ code: 'not_supported' })
    const asking = detachedBridge(
      sshd.target('web-server', { sudo: { kind: 'password', password: 'correct horse' } }),
    )
    const refused = await asking.run('id', { sudo: true }).ended
    asking.close()
    expect(refused).toMatchObject({ kind: 'not_started', code: 'not_supported' })
    expect(JSON.stringify(refused)).not.toContain('correct horse')
  })
})

describe('output', () => {
  test('of 20 MiB of any bytes arrives whole and in order', async () => {
    const { ended, sink } = bridge.run(
      'head -c 20971520 /dev/urandom | tee /dev/fd/3 3>&1 >/dev/null | tee >(sha256sum >&2)',
    )
    expect(await ended).toMatchObject(exited(0))
    expect(sink.taken.stdout).toBe(20_971_520)
    expect(sink.stderr).toContain(createHash('sha256').update(sink.bytes('stdout')).digest('hex'))
  })

  test('of many small writes arrives whole and in order', async () => {
    const { ended, sink } = bridge.run('i=0; while [ $i -lt 5000 ]; do i=$((i + 1)); echo $i; done')
    expect(await ended).toMatchObject(exited(0))
    expect(sink.stdout).toBe(Array.from({ length: 5000 }, (_, index) => `${index + 1}\n`).join(''))
  })

  test('is there while the command runs', async () => {
    const { sink, abort, ended } = bridge.run('echo first; sleep 20')
    await until(() => expect(sink.stdout).toBe('first\n'))
    abort.abort('cancelled')
    await ended
  })

  test('waits for whoever takes it', async () => {
    const { sink, ended } = bridge.run('head -c 6000000 /dev/zero')
    let taking = 0
    sink.onPush = async () => {
      expect(taking).toBe(0)
      taking += 1
      await new Promise((resolve) => setImmediate(resolve))
      taking -= 1
    }
    expect(await ended).toMatchObject(exited(0))
    expect(sink.taken.stdout).toBe(6_000_000)
  })

  test('that nobody fetches fills no disk: the oldest is kept, and what was not is told', async () => {
    const small = detachedBridge(sshd.target('web-server'), { keptBytes: 200_000 })
    const marker = join(state, 'printed')
    const first = small.run(
      `until [ -e ${marker}.go ]; do sleep 0.05; done; seq 1 200000; echo done >${marker}; sleep 0.5`,
    )
    await until(() => expect(first.sink.begins).toBe(1))
    first.abort.abort('shutting_down')
    expect(await first.ended).toEqual({ kind: 'left_running' })
    writeFileSync(`${marker}.go`, '')
    await until(() => expect(existsSync(marker)).toBe(true))
    const { ended, sink } = small.resume(first.call)
    expect(await ended).toMatchObject(exited(0))
    small.close()
    const whole = Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join('')
    expect(sink.stdout.length).toBeGreaterThanOrEqual(200_000)
    expect(sink.stdout.length).toBeLessThan(200_000 + 2 * 65_536)
    expect(whole.startsWith(sink.stdout)).toBe(true)
    expect(sink.stderr).toContain(`${whole.length - sink.stdout.length} bytes of stdout were not kept`)
  })
})

describe('a bridge that ends', () => {
  test('leaves its commands alone, and the next one takes them up where the output stopped', async () => {
    const before = detachedBridge(sshd.target('web-server'))
    const first = before.run('for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; sleep 0.15; done; exit 7')
    await until(() => expect(first.sink.stdout).toContain('line 2\n'))
    first.abort.abort('shutting_down')
    expect(await first.ended).toEqual({ kind: 'left_running' })
    before.close()
    const after = detachedBridge(sshd.target('web-server'))
    const second = after.resume(first.call, first.sink)
    expect(await second.ended).toMatchObject(exited(7))
    expect(first.sink.stdout).toBe(Array.from({ length: 10 }, (_, index) => `line ${index + 1}\n`).join(''))
    await until(() => expect(existsSync(join(runs, first.id))).toBe(false))
    after.close()
  })

  test('does not begin a command again that is not there any more', async () => {
    const path = join(state, 'never')
    const { ended } = bridge.resume(detachedCall(`echo ran >>${path}`))
    expect(await ended).toMatchObject({
      end: { how: 'unknown', reason: expect.stringContaining('nothing of it') },
    })
    expect(existsSync(path)).toBe(false)
  })

  test('begins a command once, also when it is told to twice', async () => {
    const path = join(state, 'twice')
    const call = detachedCall(`echo ran >>${path}; sleep 0.3`)
    const both = [bridge.begin(call), detachedBridge(sshd.target('web-server')).begin(call)]
    for (const { ended } of both) expect(await ended).toMatchObject(exited(0))
    expect(lines(path)).toBe(1)
  })
})

describe('a command that is to end', () => {
  test('leaves no process behind, and the host says so', async () => {
    const mark = 4900 + (process.pid % 90)
    const { ended, sink, abort, id } = bridge.run(
      `echo before; setsid sleep ${mark} & sleep ${mark} & (trap '' TERM; sleep ${mark}); echo after`,
    )
    await until(() => expect(sink.stdout).toBe('before\n'))
    abort.abort('cancelled')
    expect(await ended).toMatchObject({ end: { how: 'cancelled', remote: { state: 'stopped' } } })
    expect(processesWith(`sleep ${mark}`).filter((line) => !line.includes('<defunct>'))).toEqual([])
    await until(() => expect(existsSync(join(runs, id))).toBe(false))
  })

  test('is ended by its time, counted from the call on also over a restart', async () => {
    const call = detachedCall('echo before; sleep 30', { timeoutMs: 61_000 }, new Date(Date.now() - 60_000))
    const { ended, sink } = bridge.begin(call)
    expect(await ended).toMatchObject({
      end: { how: 'timed_out', afterMs: 61_000, remote: { state: 'stopped' } },
    })
    expect(sink.stdout).toBe('before\n')
  })

  test('before it began does not begin', async () => {
    const path = join(state, 'early')
    const call = bridge.run(`echo ran >${path}`)
    call.abort.abort('cancelled')
    expect(await call.ended).toMatchObject({ end: { how: 'cancelled' } })
    expect(existsSync(path)).toBe(false)
  })
})

describe('of a command whose end nobody saw', () => {
  test('a restart of the host is told', async () => {
    const { ended, sink, id } = bridge.run('echo before; sleep 2')
    await until(() => expect(sink.stdout).toBe('before\n'))
    writeFileSync(join(runs, id, 'boot'), 'another start\n')
    expect(await ended).toMatchObject({
      end: { how: 'unknown', reason: 'the host was restarted while it ran' },
    })
  })

  test('the output is taken to the end when what stayed with it was killed', async () => {
    const { ended, sink, id } = bridge.run('echo before; sleep 1; exit 3')
    await until(() => expect(sink.stdout).toBe('before\n'))
    const supervisor = /state\.begun\.(\d+)/.exec(readdirSync(join(runs, id)).join(' '))?.[1]
    process.kill(Number(supervisor), 'SIGKILL')
    expect(await ended).toMatchObject({
      end: { how: 'unknown', reason: expect.stringContaining('from outside') },
    })
  })

  test('nothing is claimed when its directory was removed', async () => {
    const { ended, sink, id } = bridge.run('echo before; sleep 1')
    await until(() => expect(sink.stdout).toBe('before\n'))
    rmSync(join(runs, id), { recursive: true })
    expect(await ended).toMatchObject({ end: { how: 'unknown' } })
  })

  test('and that never came to run it is said, and that it cannot any more', async () => {
    const call = detachedCall('echo ran')
    const id = call.id.replace('call_', 'cmd_')
    mkdirSync(join(runs, id))
    writeFileSync(join(runs, id, 'state.dropped'), '')
    const { ended } = bridge.begin(call)
    expect(await ended).toMatchObject({ kind: 'not_started' })
  })
})

test('what was left behind is removed after its time, and only that', async () => {
  const make = (name: string, state: string, days: number) => {
    const path = join(runs, name)
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, state), '')
    writeFileSync(join(path, 'boot'), readFileSync('/proc/sys/kernel/random/boot_id'))
    const at = Date.now() / 1000 - days * 86_400
    utimesSync(path, at, at)
    return path
  }
  const start = readFileSync(`/proc/${process.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]
  const old = make(`cmd_${'a'.repeat(22)}`, 'state.ended.0.0.0.0.1', 9)
  const young = make(`cmd_${'b'.repeat(22)}`, 'state.ended.0.0.0.0.1', 5)
  const quiet = make(`cmd_${'c'.repeat(22)}`, `state.begun.${process.pid}.${start}`, 9)
  const crashed = make(`cmd_${'d'.repeat(22)}`, 'state.begun.4194000.12', 9)
  await bridge.run('true').ended
  await until(() => expect([old, crashed].map((path) => existsSync(path))).toEqual([false, false]))
  expect([young, quiet].map((path) => existsSync(path))).toEqual([true, true])
})
