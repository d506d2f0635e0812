import { afterEach, describe, expect, test } from 'vitest'
import { localChannel } from '../../../test/kit/local-channel.ts'
import { ALICE, Bench, BOB, HOST } from '../../../test/kit/session-shells.ts'
import { hostName } from '../../domain/host.ts'
import type { Clock } from '../../lib/clock.ts'
import type { RunChannel } from '../run/channel.ts'
import type { SessionsOptions } from './sessions.ts'

const never = new AbortController().signal
let bench: Bench | undefined
afterEach(() => bench?.close())

function begin(
  options: Partial<SessionsOptions> = {},
  channel: RunChannel = localChannel('/bin/dash'),
): Bench {
  bench = new Bench(() => channel, options)
  return bench
}

const open = (name?: string, owner = ALICE) =>
  bench?.sessions.open({ owner, host: HOST, ...(name !== undefined && { name }) }, '', never)

async function opened(name?: string, owner = ALICE): Promise<string> {
  const session = await open(name, owner)
  if (session === undefined || session.kind === 'not_started') throw new Error(session?.message)
  return session.id
}

describe('a session', () => {
  test('has a handle of 128 random bits, a shell and a directory', async () => {
    begin()
    expect(await open('work')).toMatchObject({
      id: expect.stringMatching(/^ses_[A-Za-z0-9_-]{22}$/),
      ...{ name: 'work', shell: 'dash', workingDirectory: '/tmp', commands: 0 },
    })
  })

  test('of one name is one session for all clients of a person, and another for each person', async () => {
    begin()
    const mine = await opened('work')
    expect(await opened('work')).toBe(mine)
    expect(await opened('other')).not.toBe(mine)
    expect(await opened('work', BOB)).not.toBe(mine)
  })

  test('is independent of the others of its owner, the default one included', async () => {
    const { run } = bindRun(begin())
    const [a, b] = [await opened('a'), await opened('b')]
    await run('cd /usr; x=a', { session: a })
    await run('cd /etc; x=b', { session: b })
    expect((await run('echo $x; pwd', { session: a })).out).toBe('a\n/usr\n')
    expect((await run('echo $x; pwd')).out).toBe('\n/tmp\n')
  })

  test('of somebody else, on another host, closed or invented: all are answered with the same words', async () => {
    const { sessions } = begin()
    const bobs = await opened('work', BOB)
    const closed = await opened('closed')
    expect(await sessions.close({ owner: ALICE, host: HOST, session: closed })).toBe(true)
    const answers = await Promise.all(
      [bobs, closed, 'ses_AAAAAAAAAAAAAAAAAAAAAA', '', '__proto__'].map((session) =>
        sessions.workingDirectory({ owner: ALICE, host: HOST, session }, '', never),
      ),
    )
    for (const answer of answers) expect(answer).toMatchObject({ code: 'session_not_found' })
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    const elsewhere = { owner: BOB, host: hostName('other'), session: bobs }
    expect(await sessions.close(elsewhere)).toMatchObject({ code: 'session_not_found' })
    expect(
      await sessions.workingDirectory({ owner: BOB, host: HOST, session: bobs }, '', never),
    ).toMatchObject({
      path: '/tmp',
    })
  })

  test('counts against max_sessions_per_host, per owner, and closing one makes room', async () => {
    const { sessions } = begin({ limits: { idleTimeoutMs: 60_000, maxSessionsPerHost: 2 } })
    const first = await opened()
    await opened()
    expect(await open()).toMatchObject({ kind: 'not_started', code: 'session_limit' })
    expect(await open(undefined, BOB)).toMatchObject({ host: HOST })
    await sessions.close({ owner: ALICE, host: HOST, session: first })
    expect(await open()).toMatchObject({ host: HOST })
  })

  test('ends when nobody used it for the idle time, and not before', async () => {
    let nowMs = 1_000_000
    const clock: Clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs, sleep: async () => {} }
    const { sessions, store } = begin({ clock, limits: { idleTimeoutMs: 1000, maxSessionsPerHost: 5 } })
    await opened()
    nowMs += 999
    expect(await sessions.list(ALICE)).toHaveLength(1)
    nowMs += 1
    expect(await sessions.list(ALICE)).toHaveLength(0)
    await sessions.sweep()
    expect(store.kept.size).toBe(0)
  })

  test('ends with its host', async () => {
    const { sessions } = begin()
    await opened()
    await sessions.keepOnly((host) => host === HOST)
    expect(await sessions.list(ALICE)).toHaveLength(1)
    await sessions.keepOnly(() => false)
    expect(await sessions.list(ALICE)).toHaveLength(0)
  })

  test('is saved before the answer is given; a store that fails is told, not hidden', async () => {
    const { store, run } = bindRun(begin())
    const { session } = await run('cd /usr')
    expect(store.kept.get(session.id)).toMatchObject({
      session: { workingDirectory: '/usr' },
      until: undefined,
    })
    store.save = () => Promise.reject(new Error('ENOSPC'))
    expect((await run('cd /etc')).session).toMatchObject({
      state: 'kept',
      workingDirectory: '/usr',
      reason: expect.stringContaining('database'),
    })
  })

  test('runs one call at a time, in order; two sessions run side by side', async () => {
    const { run } = bindRun(begin())
    const other = await opened('other')
    const slow = run(
      'touch a; i=0; while [ ! -e $HOME/ready-x ] && [ $i -lt 200 ]; do sleep 0.05; i=$((i+1)); done; x=1',
      {},
    )
    const second = run('x=$((x+1)); echo $x')
    const aside = await run('echo aside; touch $HOME/ready-x', { session: other })
    expect(aside.out).toBe('aside\n')
    await slow
    expect((await second).out).toBe('2\n')
    await run('rm -f a $HOME/ready-x')
  })

  test('a call that is cancelled while it waits is never started', async () => {
    const { run } = bindRun(begin())
    const controller = new AbortController()
    const slow = run('sleep 0.5; x=1')
    const waiting = run('x=2', { signal: controller.signal })
    controller.abort()
    expect(await waiting).toMatchObject({ code: 'cancelled', session: { state: 'kept' } })
    await slow
    expect((await run('echo $x')).out).toBe('1\n')
  })

  test('a host that cannot be reached leaves no session behind', async () => {
    const { sessions } = begin({}, async () => ({
      kind: 'not_started',
      code: 'host_unreachable',
      message: 'no',
    }))
    expect(await open('work')).toMatchObject({ code: 'host_unreachable' })
    expect(await sessions.list(ALICE)).toEqual([])
  })

  test('calls that wait for a first one that cannot reach the host go on in the session, and the last leaves none', async () => {
    const channel = localChannel('/bin/dash')
    const failing = [true, false, true]
    const { run, sessions } = bindRun(
      begin({}, async (...request) => {
        if (failing.shift() !== true) return channel(...request)
        return { kind: 'not_started', code: 'host_unreachable', message: 'no' }
      }),
    )
    const [first, second] = await Promise.allSettled([run('x=1'), run('echo waited')])
    expect(first).toMatchObject({ reason: new Error('host_unreachable: no') })
    expect(second).toMatchObject({ value: { out: 'waited\n' } })
    await sessions.close({ owner: ALICE, host: HOST })
    await expect(run('x=2')).rejects.toThrow('host_unreachable')
    expect(await sessions.list(ALICE)).toEqual([])
  })

  test('a connection lost in the middle keeps the state and is unknown', async () => {
    let isLost = false
    const channel = localChannel('/bin/dash')
    const { run } = bindRun(
      begin({}, async (...request) => {
        if (!isLost) return channel(...request)
        return { kind: 'ended', end: { how: 'unknown', reason: 'cut' }, hostKey: '', durationMs: 1 }
      }),
    )
    await run('x=1')
    isLost = true
    expect(await run('x=2')).toMatchObject({ code: 'unknown', session: { state: 'kept' } })
    isLost = false
    expect((await run('echo $x')).out).toBe('1\n')
  })

  test('neither the command nor the state is in any process list', async () => {
    const { run } = bindRun(begin())
    await run('secret_x=hidden_value')
    const { out } = await run(
      'tr "\\0" " " </proc/$$/cmdline; tr "\\0" " " </proc/$PPID/cmdline; : hidden_word',
    )
    expect(out).toContain('dash')
    expect(out).not.toMatch(/hidden_/)
  })
})

function bindRun(of: Bench): Bench {
  of.run = of.run.bind(of)
  return of
}
