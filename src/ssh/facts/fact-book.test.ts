import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rememberedLog } from '../../../test/kit/ssh-runner.ts'
import { type Sshd, type SshdOptions, startSshd, type TestShell } from '../../../test/kit/sshd.ts'
import type { HostTarget } from '../../domain/host.ts'
import { hostName } from '../../domain/host.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import { Pool } from '../pool/pool.ts'
import { FactBook } from './fact-book.ts'

const host = hostName('web-server')
const directory = mkdtempSync(join(tmpdir(), 'bridge-facts-'))
const servers: Sshd[] = []
const pools: Pool[] = []

afterAll(async () => {
  for (const pool of pools) pool.close()
  await Promise.all(servers.map((sshd) => sshd.stop()))
  rmSync(directory, { recursive: true, force: true })
})

async function server(options: SshdOptions = {}): Promise<Sshd> {
  const sshd = await startSshd(options)
  servers.push(sshd)
  return sshd
}

/** A book that asks the target; time is moved by `later`. */
function bookOf(target: HostTarget) {
  let aheadMs = 0
  const clock: Clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs }
  const settings = {
    knownHostsFiles: [],
    connectTimeoutMs: 10_000,
    keepaliveMs: 15_000,
    maxSessionsPerHost: 5,
    idleTimeoutMs: 60_000,
    cleanupIntervalMs: 60_000,
  }
  const pool = new Pool({ target: () => target, settings, clock: systemClock, log: rememberedLog() })
  pools.push(pool)
  const book = new FactBook(pool, clock)
  const ask = (refresh = false, owner = 'user@example.com', signal = new AbortController().signal) =>
    book.describe(owner, { host, refresh }, target, signal)
  return {
    book,
    ask,
    later: (ms: number) => {
      aheadMs += ms
    },
  }
}

function factsOf(outcome: Outcome) {
  if (outcome.kind !== 'facts') throw new Error(JSON.stringify(outcome))
  return outcome.facts
}

/** A folder in which only these programs are found, beside scripts of our own. */
function pathOf(
  name: string,
  programs: readonly string[],
  scripts: Readonly<Record<string, string>> = {},
): string {
  const folder = mkdtempSync(join(directory, `${name}-`))
  for (const program of programs)
    symlinkSync(execFileSync('which', [program], { encoding: 'utf8' }).trim(), join(folder, program))
  for (const [script, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, script), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, script), 0o755)
  }
  return folder
}

const ORDINARY = ['uname', 'cat', 'head', 'grep', 'cut', 'df', 'getconf', 'date', 'sleep', 'pgrep', 'wc']
/** Every command runs with this PATH alone. */
const within = (path: string): SshdOptions => ({
  config: [`ForceCommand exec env PATH=${path} /bin/bash -c "$SSH_ORIGINAL_COMMAND"`],
})

describe('a host that is described', () => {
  test.each<TestShell>(['bash', 'dash', 'ash', 'zsh'])(
    'says what it is under a login shell that is %s',
    async (shell) => {
      const { ask } = bookOf((await server({ shell })).target(host))
      const facts = factsOf(await ask())
      const memory = Number(/MemTotal:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024
      expect(facts).toMatchObject({
        host,
        fromCache: false,
        platform: 'posix',
        hostname: execFileSync('uname', ['-n'], { encoding: 'utf8' }).trim(),
        kernel: execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim(),
        architecture: execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim(),
        memory: { total: memory },
        load: [expect.any(Number), expect.any(Number), expect.any(Number)],
      })
      expect(facts.disks?.map(({ mount }) => mount)).toContain('/')
      expect(facts.listening?.map(({ port }) => port)).toContain(servers.at(-1)?.port)
      expect(facts.uptimeSeconds).toBeGreaterThan(0)
    },
  )

  test('says the same with the tools of BusyBox alone', async () => {
    const folder = mkdtempSync(join(directory, 'busybox-'))
    execFileSync('busybox', ['--install', '-s', folder])
    const sshd = await server({
      config: [`ForceCommand exec env PATH=${folder} ${folder}/ash -c "$SSH_ORIGINAL_COMMAND"`],
    })
    const facts = factsOf(await bookOf(sshd.target(host)).ask())
    expect(facts).toMatchObject({ os: { name: expect.any(String) }, cpu: { count: expect.any(Number) } })
    expect(facts.disks?.map(({ mount }) => mount)).toContain('/')
    expect(facts.listening?.map(({ port }) => port)).toContain(sshd.port)
    expect(facts.missing.map(({ part }) => part)).toEqual(['failed_units', 'updates'])
  })

  test('leaves out what its tools cannot say, with why', async () => {
    const path = pathOf('bare', ['cat', 'head', 'grep', 'sleep'])
    const facts = factsOf(await bookOf((await server(within(path))).target(host)).ask())
    expect(facts.os?.name).toEqual(expect.any(String))
    expect(facts.missing).toEqual(
      expect.arrayContaining([
        { part: 'disks', reason: 'the host has no df' },
        { part: 'kernel', reason: 'the host does not tell it in a known form' },
      ]),
    )
  })

  test('answers within seconds although each of its tools hangs, and nothing of them stays', async () => {
    const hang = `exec sleep 6161.${process.pid}`
    // As a wrapper does: what is slow is a grandchild, with its output elsewhere.
    const wrapped = `/bin/sh -c 'sleep 6161.${process.pid} >/dev/null; true'; true`
    const path = pathOf(
      'hangs',
      ORDINARY.filter((name) => name !== 'df'),
      { df: hang, ss: wrapped, 'apt-get': hang },
    )
    const { ask } = bookOf((await server(within(path))).target(host))
    const startedMs = systemClock.monotonicMs()
    const facts = factsOf(await ask())
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(6_000)
    expect(facts).toMatchObject({ hostname: expect.any(String), memory: { total: expect.any(Number) } })
    expect(facts.missing).toEqual(
      expect.arrayContaining([
        { part: 'disks', reason: 'its tool took longer than a second' },
        { part: 'listening', reason: 'its tool took longer than a second' },
        { part: 'updates', reason: 'not asked, because other tools of the host took too long' },
      ]),
    )
    expect(execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })).not.toContain(
      `\nsleep 6161.${process.pid}`,
    )
  })

  test('cannot flood the bridge, nor forge another part', async () => {
    const flood = "yes '/dev/vda 1000 400 500 45% /x'"
    const forge = `for n in $(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep -aoE '[0-9a-f]{32}'); do echo "$n name"; echo forged; done; echo 'tcp LISTEN 0 1 *:1 *:*'`
    const path = pathOf('forges', [...ORDINARY.filter((name) => name !== 'df'), 'yes', 'tr'], {
      df: flood,
      ss: forge,
    })
    const facts = factsOf(await bookOf((await server(within(path))).target(host)).ask())
    expect(facts.hostname).not.toBe('forged')
    expect(facts.listening).toEqual([{ protocol: 'tcp', address: '*', port: 1 }])
    expect(facts.disks?.length ?? 0).toBeLessThan(2)
    expect(execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })).not.toContain('\nyes /dev/vda')
  })

  test('that runs no shell of ours says so, and is asked again the next time', async () => {
    const sshd = await server({ config: ['ForceCommand echo welcome'] })
    expect(await bookOf(sshd.target(host)).ask()).toMatchObject({
      kind: 'not_started',
      code: 'not_supported',
      message: expect.not.stringContaining('127.0.0.1'),
    })
  })

  test('that prints without end is not listened to for long', async () => {
    const sshd = await server({ config: ['ForceCommand yes'] })
    const startedMs = systemClock.monotonicMs()
    expect(await bookOf(sshd.target(host)).ask()).toMatchObject({ code: 'not_supported' })
    expect(systemClock.monotonicMs() - startedMs).toBeLessThan(5_000)
  })

  test.each(['windows', 'network'] as const)('of platform %s is not asked', async (platform) => {
    const target = (servers[0] as Sshd).target(host, { platform })
    expect(await bookOf(target).ask()).toMatchObject({ kind: 'not_started', code: 'not_supported' })
  })
})

describe('what is remembered of a host', () => {
  let sshd: Sshd
  const marks = join(directory, 'asked')
  const asked = () => readFileSync(marks, 'utf8').split('\n').length - 1

  beforeAll(async () => {
    writeFileSync(marks, '')
    // Each question leaves a line.
    sshd = await server({
      config: [`ForceCommand echo asked >> ${marks}; exec /bin/bash -c "$SSH_ORIGINAL_COMMAND"`],
    })
  })

  test('is told for a minute, asked anew on demand, and never told to another owner', async () => {
    const { ask, later, book } = bookOf(sshd.target(host))
    const before = asked()
    expect(factsOf(await ask()).fromCache).toBe(false)
    later(59_000)
    expect(factsOf(await ask()).fromCache).toBe(true)
    expect(asked() - before).toBe(1)
    expect(factsOf(await ask(true)).fromCache).toBe(false)
    later(61_000)
    expect(factsOf(await ask()).fromCache).toBe(false)
    expect(factsOf(await ask(false, 'other@example.com')).fromCache).toBe(false)
    expect(asked() - before).toBe(4)
    book.forget()
    expect(factsOf(await ask()).fromCache).toBe(false)
  })

  test('is one question for all who ask at once, and one who gives up does not end it for the others', async () => {
    const { ask } = bookOf(sshd.target(host))
    const before = asked()
    const leaving = new AbortController()
    const left = ask(false, 'user@example.com', leaving.signal)
    const staying = [ask(), ask(), ask(true)]
    leaving.abort('gone')
    expect(await left).toMatchObject({ kind: 'not_started' })
    for (const outcome of await Promise.all(staying)) expect(factsOf(outcome).fromCache).toBe(false)
    expect(asked() - before).toBe(1)
  })

  test('is forgotten when the way to the host has changed', async () => {
    const target = sshd.target(host)
    const { book, ask } = bookOf(target)
    await ask()
    const changed = {
      ...target,
      username: `${target.username}`,
      hostKeys: [...target.hostKeys, 'SHA256:other'],
    }
    const signal = new AbortController().signal
    const again = await book.describe('user@example.com', { host, refresh: false }, changed, signal)
    expect(factsOf(again).fromCache).toBe(false)
  })
})
