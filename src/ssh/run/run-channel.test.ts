import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withRoom } from '../../../test/kit/room.ts'
import { sshRunner } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, startSshd } from '../../../test/kit/sshd.ts'
import { startTcpProxy, type TcpProxy } from '../../../test/kit/tcp-proxy.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { PROMPT_MS } from './sudo-prompt.ts'

let sshd: Sshd
let proxy: TcpProxy
let bridge: ReturnType<typeof sshRunner>
const directory = mkdtempSync(join(tmpdir(), 'bridge-run-'))

beforeAll(async () => {
  sshd = await startSshd()
  proxy = await startTcpProxy(sshd.port)
  bridge = sshRunner([sshd.target('web-server', { port: proxy.port })])
})

afterAll(async () => {
  bridge.close()
  await proxy.stop()
  await sshd.stop()
  rmSync(directory, { recursive: true, force: true })
})

const exited = (code: number) => ({ kind: 'ended', end: { how: 'exited', code } })

/** The processes on the host whose command line holds `mark`. */
function processesWith(mark: string): string[] {
  return execFileSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(mark) && !/^\s*\d+\s+Z/.test(line) && !line.includes('ps -eo'))
}

describe('a command', () => {
  test('is answered with its exit status, and its two streams apart', async () => {
    const ran = await bridge.run('echo out; echo err >&2; exit 3')
    expect(ran).toMatchObject({ ...exited(3), stdout: { head: 'out\n' }, stderr: { head: 'err\n' } })
  })

  test('that dies of a signal is told apart from one that exits', async () => {
    expect(await bridge.run('kill -9 $$')).toMatchObject({ end: { how: 'killed', signal: 'KILL' } })
  })

  test('that reads its input finds none and goes on', async () => {
    expect(await bridge.run('cat; echo after')).toMatchObject({ ...exited(0), stdout: { head: 'after\n' } })
  })

  test('gets the input that is meant for it, whole', async () => {
    const ran = await bridge.run('wc -c', { stdin: 'x'.repeat(3_000_000) })
    expect(ran).toMatchObject({ ...exited(0), stdout: { head: '3000000\n' } })
  })

  test('gets what is confidential whole, once it has announced itself', async () => {
    const ran = await bridge.run('wc -c', { stdin: 'x'.repeat(3_000_000), isConfidential: true })
    expect(ran).toMatchObject({ ...exited(0), stdout: { head: '3000000\n' } })
  })

  test('that a host runs in another one’s place gets nothing that is confidential', async () => {
    const got = join(directory, 'got')
    const other = await startSshd({ config: [`ForceCommand echo other; cat >${got}; exit 4`] })
    const soon: Clock = {
      ...systemClock,
      sleep: (ms, signal) => systemClock.sleep(ms === PROMPT_MS ? 300 : ms, signal),
    }
    const runner = sshRunner([other.target('web-server')], {}, soon)
    try {
      const stdin = 'a value'
      expect(await runner.run('cat', { stdin, isConfidential: true })).toMatchObject(exited(4))
      expect(readFileSync(got, 'utf8')).toBe('')
      // It takes what is not: the host reads what it is sent.
      await runner.run('cat', { stdin })
      expect(readFileSync(got, 'utf8')).toBe(stdin)
    } finally {
      runner.close()
      await other.stop()
    }
  })

  test('with an open quote fails by itself', async () => {
    const ran = await bridge.run('echo "open')
    expect(ran).toMatchObject({ kind: 'ended', end: { how: 'exited' } })
    expect(ran).not.toMatchObject(exited(0))
  })

  test('runs in the directory it is given, and not at all where there is none', async () => {
    expect(await bridge.run('pwd', { workingDirectory: directory })).toMatchObject({
      stdout: { head: `${directory}\n` },
    })
    const nowhere = await bridge.run('echo ran', { workingDirectory: `${directory}/it's gone` })
    expect(nowhere).toMatchObject({ ...exited(125), stdout: { head: '' } })
    expect(nowhere.stderr.head).toContain("it's gone")
  })

  test('leaves no word of ours in its output', async () => {
    const ran = await bridge.run('true')
    expect(ran).toMatchObject({ ...exited(0), stdout: { head: '' }, stderr: { head: '' } })
  })
})

describe('output', () => {
  test('of 20,000 fast lines arrives whole', async () => {
    let text = ''
    await bridge.run('seq 1 20000', {
      onOutput: (chunk) => {
        text += chunk.toString()
      },
    })
    expect(text.split('\n')).toHaveLength(20_001)
    expect(text.endsWith('\n20000\n')).toBe(true)
  })

  test('of 20,000 fast lines arrives whole also when a background job holds the channel open', async () => {
    let bytes = 0
    const ran = await bridge.run('sleep 60 & seq 1 20000', { onOutput: (chunk) => (bytes += chunk.length) })
    expect(ran).toMatchObject(exited(0))
    expect(bytes).toBe(108_894)
  })

  test('of a job in the background is not waited for', async () => {
    const ran = await bridge.run('sleep 60 & echo started')
    expect(ran).toMatchObject({ ...exited(0), stdout: { head: 'started\n' } })
    expect(ran.kind === 'ended' && ran.durationMs).toBeLessThan(withRoom(2_000))
  })

  test('of a job in the background that never stops printing does not hold up the answer', async () => {
    const ran = await bridge.run('(while :; do echo again; done) & pid=$!; sleep 0.1; echo $pid >&2')
    process.kill(Number(ran.stderr.head), 'SIGKILL')
    expect(ran).toMatchObject(exited(0))
  })
})

describe('a time-out', () => {
  test('returns what was printed, ends the command and says so', async () => {
    const ran = await bridge.run('echo before; sleep 4811', { timeoutMs: 500 })
    expect(ran).toMatchObject({
      kind: 'ended',
      end: { how: 'timed_out', afterMs: 500, remote: { state: 'stopped', by: 'TERM' } },
      stdout: { head: 'before\n' },
    })
    expect(processesWith('sleep 4811')).toEqual([])
  })

  test('kills what does not listen to TERM', async () => {
    const ran = await bridge.run("trap '' TERM; while :; do sleep 4812; done", { timeoutMs: 300 })
    expect(ran).toMatchObject({ end: { how: 'timed_out', remote: { state: 'stopped', by: 'KILL' } } })
    expect(processesWith('sleep 4812')).toEqual([])
  })

  test('leaves no time to what is locked, whatever it is deaf to and wherever it runs', async () => {
    const deaf = "trap '' TERM HUP; while :; do sleep 4818; done"
    const life = new AbortController()
    const ran = bridge.run(`setsid sh -c "${deaf}" & setsid -f sh -c "${deaf}"; ${deaf}`, {
      signal: life.signal,
    })
    await expect.poll(() => processesWith('sleep 4818').length).toBeGreaterThanOrEqual(3)
    const fromMs = performance.now()
    life.abort('locked')
    await expect.poll(() => processesWith('sleep 4818'), { interval: 20 }).toEqual([])
    // Others get two seconds between TERM and KILL.
    expect(performance.now() - fromMs).toBeLessThan(1_900)
    expect(await ran).toMatchObject({ end: { how: 'cancelled', remote: { state: 'stopped', by: 'KILL' } } })
  })

  test.each([
    ['its own session', 'setsid sleep 4813 & sleep 4813'],
    ['a session that was cut off from all its parents', 'setsid -f sleep 4813; sleep 0.2; sleep 4813'],
    ['nohup', 'nohup sleep 4813 >/dev/null 2>&1 & sleep 4813'],
    ['its own process group', 'set -m; sleep 4813 & sleep 4813'],
    ['a pipeline', 'sleep 4813 | sleep 4813'],
    ['a subshell of a subshell', '(bash -c "(sleep 4813; :); :"; :)'],
  ])('also ends what runs in %s', async (_where, command) => {
    const ran = await bridge.run(command, { timeoutMs: 500 })
    expect(ran).toMatchObject({ end: { how: 'timed_out', remote: { state: 'stopped' } } })
    expect(processesWith('sleep 4813')).toEqual([])
  })

  test('removes the scratch directory of the call', async () => {
    const scratch = join(directory, "scratch it's")
    const command = `mkdir -p ${JSON.stringify(scratch)}; sleep 4814`
    await bridge.run(command, { timeoutMs: 500, scratchDirectory: scratch })
    expect(existsSync(scratch)).toBe(false)
  })

  test('does not touch what an earlier command left running', async () => {
    await bridge.run('setsid -f sleep 4816 >/dev/null 2>&1 </dev/null')
    await bridge.run('sleep 4815', { timeoutMs: 300 })
    const left = processesWith('sleep 4816')
    for (const line of left) process.kill(Number(line.trim().split(/\s+/)[0]))
    expect(left).toHaveLength(1)
  })

  test('does not touch other commands on the same connection', async () => {
    const other = bridge.run('sleep 1.5; echo whole')
    await bridge.run('sleep 4815', { timeoutMs: 300 })
    expect(await other).toMatchObject({ ...exited(0), stdout: { head: 'whole\n' } })
  })
})

describe('a cancelled call', () => {
  test('ends the command on the host and keeps what it had printed', async () => {
    const controller = new AbortController()
    const ran = await bridge.run('echo before; sleep 4821', {
      signal: controller.signal,
      onOutput: () => controller.abort(),
    })
    expect(ran).toMatchObject({
      end: { how: 'cancelled', remote: { state: 'stopped' } },
      stdout: { head: 'before\n' },
    })
    expect(processesWith('sleep 4821')).toEqual([])
  })

  test('at any early moment leaves nothing running', async () => {
    const runs = Array.from({ length: 20 }, async (_, index) => {
      const controller = new AbortController()
      const run = bridge.run('sleep 4822', { signal: controller.signal, owner: `early-${index % 3}` })
      setTimeout(() => controller.abort(), index * 7)
      return run
    })
    for (const ran of await Promise.all(runs)) expect(ran).toMatchObject({ end: { how: 'cancelled' } })
    await expect.poll(() => processesWith('sleep 4822')).toEqual([])
  })
})

describe('a lost connection', () => {
  test('in the middle of a command is unknown, never success, and the next call connects again', async () => {
    const ran = await bridge.run('echo before; sleep 3; echo never', { onOutput: () => proxy.cut() })
    expect(ran).toMatchObject({ kind: 'ended', end: { how: 'unknown' }, stdout: { head: 'before\n' } })
    expect(await bridge.run('echo again')).toMatchObject({ ...exited(0), stdout: { head: 'again\n' } })
  })

  test('between two calls is not noticed by the second', async () => {
    await bridge.run('true')
    const before = proxy.closed
    sshd.cutConnections()
    // A command that crosses the end of its connection may have run: that is told as unknown, elsewhere.
    await expect.poll(() => proxy.closed).toBeGreaterThan(before)
    expect(await bridge.run('echo again')).toMatchObject({ ...exited(0), stdout: { head: 'again\n' } })
  })

  test('never makes a command run twice', async () => {
    const marks = join(directory, 'marks')
    const ends: string[] = []
    for (let round = 0; round < 25; round += 1) {
      const run = bridge.run(`echo ${round} >> ${marks}`)
      setTimeout(() => proxy.cut(), round)
      const ran = await run
      ends.push(ran.kind === 'ended' ? ran.end.how : ran.kind)
    }
    const lines = existsSync(marks) ? readFileSync(marks, 'utf8').trim().split('\n') : []
    expect(new Set(lines).size).toBe(lines.length)
    // What was told to have run has run; what was told not to have started has not.
    const ran = new Set(lines)
    ends.forEach((end, round) => {
      if (end === 'exited') expect(ran).toContain(String(round))
      if (end === 'not_started') expect(ran).not.toContain(String(round))
    })
  })
})
