import { describe, expect, test } from 'vitest'
import { budgetBook } from '../../../test/kit/budget-parts.ts'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import type { Answer, RunAnswer } from '../../domain/answer.ts'
import type { Call, RunAction } from '../../domain/call.ts'
import { NOTHING_CLEANED } from '../../domain/cleaned.ts'
import { commandIdOf } from '../../domain/command.ts'
import { BridgeError } from '../../domain/errors.ts'
import type { FanOutReport, RunOnHostsAction } from '../../domain/fan-out.ts'
import { type Host, type Hosts, hostName } from '../../domain/host.ts'
import type { RunEnd } from '../../domain/outcome.ts'
import { NOBODY, type Progress } from '../../domain/progress.ts'
import { decide } from '../../policy/decide.ts'
import type { BudgetBook } from '../budgets/budget-book.ts'
import { runOnHosts } from './run-on-hosts.ts'

describe('one command on many hosts', () => {
  test('is a call of its own on each, on behalf of the one', async () => {
    const { report, children } = await ran(fleet(3), { hosts: ['*'], sudo: true, workingDirectory: '/srv' })
    expect(children.map(({ action }) => action.host)).toEqual(['n001', 'n002', 'n003'])
    expect(new Set(children.map(({ id }) => id)).size).toBe(3)
    for (const child of children) {
      expect(child).toMatchObject({ parent: 'call_parent', principal: { subject: 'u1' }, edge: 'mcp_http' })
      expect(child.action).toMatchObject({
        kind: 'run',
        command: 'uptime',
        sudo: true,
        workingDirectory: '/srv',
        timeoutMs: 60_000,
      })
      expect(child.action.waitMs).toBeGreaterThan(child.action.timeoutMs)
    }
    expect(report.groups[0]?.commands).toEqual(children.map(commandIdOf))
    expect(report).toMatchObject({ command: 'uptime', selected: 3, counts: { succeeded: 3, skipped: 0 } })
  })

  test('folds what is equal and puts first what differs', async () => {
    const { report } = await ran(fleet(10), { hosts: ['*'] }, ({ action: { host } }) => {
      if (host === 'n003') return exited(1, '', 'disk full\n')
      if (host === 'n007') return exited(0, 'other\n')
      if (host === 'n004') return unreachable('n004 could not be reached: the connection was refused.')
      if (host === 'n005') return unreachable('n005 could not be reached: the connection was refused.')
      return exited(0, 'fine\n')
    })
    expect(report.groups.map(({ hosts, result, output }) => [result.kind, hosts.join(' '), output])).toEqual([
      ['exited', 'n003', 'disk full\n'],
      ['unreachable', 'n004 n005', ''],
      ['exited', 'n001 n002 n006 n008 n009 n010', 'fine\n'],
      ['exited', 'n007', 'other\n'],
    ])
    expect(report.groups[1]?.result).toMatchObject({
      code: 'host_unreachable',
      reason: 'HOST could not be reached: the connection was refused.',
    })
    expect(report.counts).toEqual({
      succeeded: 7,
      failed: 1,
      unreachable: 2,
      denied: 0,
      cancelled: 0,
      unknown: 0,
      skipped: 0,
    })
  })

  test('tells two streams apart that hold the same together', async () => {
    const { report } = await ran(fleet(2), { hosts: ['*'] }, ({ action: { host } }) =>
      host === 'n001' ? exited(0, 'ab', '') : exited(0, 'a', 'b'),
    )
    expect(report.groups).toHaveLength(2)
  })

  test('takes long outputs for equal only when all of them is', async () => {
    const long = { ...exited(0, 'head [...] tail'), truncated: true, stdoutBytes: 9_000_000 }
    const digests: Record<string, string | undefined> = { n001: 'A', n002: 'A', n003: 'B' }
    const { report } = await ran(fleet(5), { hosts: ['*'] }, () => long, {
      digestOf: (host) => digests[host],
    })
    expect(report.groups.map(({ hosts }) => hosts)).toEqual([['n001', 'n002'], ['n003'], ['n004'], ['n005']])
    expect(report.groups[0]).toMatchObject({ outputBytes: 9_000_000, truncated: true })
  })

  test('runs at most so many at the same time, and never more than the configuration allows', async () => {
    for (const [maxParallel, expected] of [
      [4, 4],
      [500, 20],
      [undefined, 20],
    ] as const) {
      const { most } = await ran(fleet(50), { hosts: ['*'], ...(maxParallel && { maxParallel }) })
      expect(most).toBe(expected)
    }
  })

  test('waits for a place where the caller may run no more at the same time, and is refused on no host for it', async () => {
    const budget = budgetBook([{ name: 'all', per: 'person', concurrentCommands: 3 }])
    const { most, report } = await ran(fleet(30), { hosts: ['*'] }, undefined, { budget })
    expect(most).toBe(3)
    expect(report.counts.succeeded).toBe(30)
    expect(budget.hasTurn(caller)).toBe(true)
  })

  test('waits for a place no longer than its deadline, and begins nothing then', async () => {
    const clock = new ManualClock()
    const budget = budgetBook([{ name: 'all', per: 'person', concurrentCommands: 1 }])
    budget.holdPlace({ id: 'call_other', principal: caller })
    const running = ran(fleet(3), { hosts: ['*'], deadlineMs: 10_000 }, undefined, { budget, clock })
    await clock.advance(9_999)
    await clock.advance(1)
    const { report, children } = await running
    expect([report.counts.skipped, report.stoppedBecause, children]).toEqual([3, 'deadline', []])
  })

  test('begins a batch only when the one before is over', async () => {
    const order: string[] = []
    await ran(fleet(6), { hosts: ['*'], batchSize: 2 }, async ({ action: { host } }) => {
      order.push(`+${host}`)
      await soon(host === 'n001' ? 5 : 1)
      order.push(`-${host}`)
      return exited(0, '')
    })
    for (const [before, after] of [
      ['-n001', '+n003'],
      ['-n002', '+n003'],
      ['-n003', '+n005'],
      ['-n004', '+n006'],
    ] as const)
      expect(order.indexOf(before)).toBeLessThan(order.indexOf(after))
  })
})

describe('a canary', () => {
  test('goes first, and the others follow when it succeeded', async () => {
    let canariesOver = 0
    const { report } = await ran(fleet(10), { hosts: ['*'], canary: 2 }, async ({ action: { host } }) => {
      if (host > 'n002') expect(canariesOver).toBe(2)
      await soon(2)
      canariesOver += 1
      return exited(0, '')
    })
    expect(report.counts).toMatchObject({ succeeded: 10, skipped: 0 })
    expect(report.stoppedBecause).toBeUndefined()
  })

  test.each([
    ['fails', () => exited(1, '')],
    ['cannot be reached', () => unreachable('gone')],
    ['is lost', () => ended({ how: 'unknown', reason: 'the connection was lost' })],
    ['is refused', (): Answer => ({ kind: 'denied', reason: { code: 'host_not_found' } })],
  ])('that %s keeps the others from being begun', async (_how, answer) => {
    const { report, children } = await ran(fleet(10), { hosts: ['*'], canary: 2 }, ({ action: { host } }) =>
      host === 'n002' ? answer() : exited(0, ''),
    )
    expect(children).toHaveLength(2)
    expect(report).toMatchObject({ stoppedBecause: 'canary_failed', counts: { succeeded: 1, skipped: 8 } })
    expect(report.skippedHosts).toEqual(['n003', 'n004', 'n005', 'n006', 'n007', 'n008', 'n009', 'n010'])
  })

  test('is not a host that was refused by name', async () => {
    const { report, children } = await ran(
      fleet(3),
      { hosts: ['nowhere', '*'], canary: 1 },
      ({ action: { host } }) =>
        host === 'nowhere' ? { kind: 'denied', reason: { code: 'host_not_found' } } : exited(0, ''),
    )
    expect(children.map(({ action }) => action.host)).toEqual(['nowhere', 'n001', 'n002', 'n003'])
    expect(report.counts).toMatchObject({ succeeded: 3, denied: 1, skipped: 0 })
  })
})

describe('stopping early', () => {
  test('after so many failures no further host is begun, and those under way are waited for', async () => {
    const fails = ({ action: { host } }: Child) => (host < 'n005' ? exited(1, '') : exited(0, ''))
    const stopped = await ran(fleet(100), { hosts: ['*'], maxParallel: 2, stopAfterFailures: 2 }, fails)
    expect(stopped.report.stoppedBecause).toBe('failures')
    expect(stopped.children.length).toBeLessThan(5)
    expect(stopped.report.counts.failed + stopped.report.counts.skipped).toBe(100)
    const gone = await ran(fleet(100), { hosts: ['*'], maxParallel: 2, stopAfterFailures: 5 }, fails)
    expect(gone.report).toMatchObject({ counts: { failed: 4, succeeded: 96, skipped: 0 } })
    const never = await ran(fleet(100), { hosts: ['*'] }, () => exited(1, ''))
    expect(never.report).toMatchObject({ counts: { failed: 100, skipped: 0 } })
  })

  test('the deadline cuts the time of each host, and then begins no more', async () => {
    const clock = new ManualClock()
    const timeouts: number[] = []
    const { report } = await ran(
      fleet(5),
      { hosts: ['*'], maxParallel: 1, timeoutMs: 60_000, deadlineMs: 100_000 },
      async ({ action: { timeoutMs } }) => {
        timeouts.push(timeoutMs)
        await clock.advance(45_000)
        return timeoutMs < 45_000 ? timedOut(timeoutMs) : exited(0, '')
      },
      { clock },
    )
    expect(timeouts).toEqual([60_000, 55_000, 10_000])
    expect(report).toMatchObject({ stoppedBecause: 'deadline', skippedHosts: ['n004', 'n005'] })
    expect(report.groups[0]?.result).toEqual({
      kind: 'timed_out',
      reason: 'stopped at the deadline of the call; its processes are gone',
    })
  })

  test('hosts that ran out of their own time are one group, whatever their process groups', async () => {
    const { report } = await ran(fleet(4), { hosts: ['*'] }, ({ action: { timeoutMs } }) =>
      timedOut(timeoutMs),
    )
    expect(report.groups).toHaveLength(1)
    expect(report.groups[0]?.result).toMatchObject({ reason: 'stopped after 60 s; its processes are gone' })
    expect(report.counts.failed).toBe(4)
  })

  test('a caller that goes away ends what runs, begins no more and is told what is known', async () => {
    const controller = new AbortController()
    const { report } = await ran(
      fleet(10),
      { hosts: ['*'], maxParallel: 3 },
      async ({ action: { host } }, signal) => {
        if (host === 'n001') return exited(0, '')
        if (host === 'n004') controller.abort('cancelled')
        while (!signal.aborted) await soon(1)
        return ended({
          how: 'cancelled',
          remote: { state: 'stopped', processGroup: Number(host.slice(1)), by: 'TERM' },
        })
      },
      { signal: controller.signal },
    )
    expect(report).toMatchObject({
      stoppedBecause: 'cancelled',
      counts: { succeeded: 1, cancelled: 3, skipped: 6 },
    })
    expect(report.groups[0]).toMatchObject({
      hosts: ['n002', 'n003', 'n004'],
      result: { kind: 'cancelled', reason: 'its processes are gone' },
    })
  })
})

describe('what is not run', () => {
  test('is said before anything runs when a selector means no host', async () => {
    const { done, children } = await attempt(fleet(3), { hosts: ['n*', 'tag:prdo'] })
    expect(done).toMatchObject({ kind: 'not_started', code: 'host_not_found' })
    expect(children).toEqual([])
  })

  test('is said before anything runs when more hosts are meant than may be', async () => {
    const { done, children } = await attempt(fleet(51), { hosts: ['*'] }, undefined, { maxHosts: 50 })
    expect(done).toMatchObject({ kind: 'not_started', message: expect.stringContaining('at most 50') })
    expect(children).toEqual([])
  })

  test('hosts that the caller may not use are passed over by patterns, and refused by name like unknown ones', async () => {
    const hosts = fleet(3).map((host) =>
      host.name === 'n002' ? { ...host, requiredScopes: ['mcp:admin'] } : host,
    )
    const scopes = new Set(['mcp:execute'])
    const some = await ran(hosts, { hosts: ['tag:all'] }, undefined, { scopes })
    expect(some.children.map(({ action }) => action.host)).toEqual(['n001', 'n003'])
    const named = await ran(hosts, { hosts: ['n002', 'n9', 'n001'] }, deniedUnless('n001'), { scopes })
    expect(named.report).toMatchObject({ selected: 3, counts: { succeeded: 1, denied: 2 } })
    expect(named.report.groups[0]).toMatchObject({
      hosts: ['n002', 'n9'],
      result: { kind: 'denied', code: 'host_not_found' },
    })
  })

  test('hosts on which the audit log failed are told as unknown, with what its message says', async () => {
    const { report } = await ran(fleet(3), { hosts: ['*'] }, ({ action: { host } }) => {
      if (host === 'n002') throw new BridgeError('audit_unavailable', 'nothing was run')
      return exited(0, '')
    })
    expect(report.counts).toMatchObject({ succeeded: 2, unknown: 1 })
    expect(report.groups[0]).toMatchObject({
      hosts: ['n002'],
      result: { kind: 'unknown', reason: 'nothing was run' },
    })
  })

  test('a defect begins no more, and comes out when those under way are over', async () => {
    let over = 0
    const defect = new Error('a defect')
    const attempted = attempt(fleet(30), { hosts: ['*'], maxParallel: 5 }, async ({ action: { host } }) => {
      if (host === 'n002') throw defect
      await soon(3)
      over += 1
      return exited(0, '')
    })
    await expect(attempted).rejects.toBe(defect)
    expect(over).toBe(4)
  })
})

describe('progress', () => {
  test('tells how many are done and how each host came out, and no more often than every half second', async () => {
    const clock = new ManualClock()
    const said: [number, number | undefined, string][] = []
    await ran(
      fleet(40),
      { hosts: ['*'], maxParallel: 1 },
      async ({ action: { host } }) => {
        await clock.advance(100)
        if (host === 'n002') return exited(3, '')
        return host === 'n004' ? unreachable('gone') : exited(0, 'output is not told')
      },
      { clock, progress: (...message) => said.push(message) },
    )
    expect(said.length).toBeGreaterThan(5)
    expect(said.length).toBeLessThanOrEqual(9)
    expect(said[0]).toEqual([1, 40, '1/40 done\nn001: exit 0'])
    expect(said[1]?.[2]).toBe(
      '5/40 done, 1 failed, 1 unreachable\nn002: exit 3\nn003: exit 0\nn004: unreachable (host_unreachable)\nn005: exit 0',
    )
    const done = said.map(([count]) => count)
    expect(done).toEqual([...new Set(done)].sort((a, b) => a - b))
    expect(JSON.stringify(said)).not.toContain('output is not told')
  })

  test('names at most twenty hosts at once, and counts the others', async () => {
    const clock = new ManualClock()
    const said: string[] = []
    await ran(
      fleet(60),
      { hosts: ['*'], maxParallel: 1 },
      async ({ action: { host } }) => {
        if (host === 'n052') await clock.advance(500)
        return exited(0, '')
      },
      { clock, progress: (_done, _total, message) => said.push(message) },
    )
    expect(said).toHaveLength(2)
    expect(said[1]?.split('\n')).toHaveLength(22)
    expect(said[1]).toMatch(/^51\/60 done\nn002: exit 0\n(.*\n)+and 30 more$/)
  })
})

describe('5,000 hosts', () => {
  test('whose outputs are long and all different take memory for an excerpt each', async () => {
    const before = process.memoryUsage().heapUsed
    let peak = 0
    const { report } = await ran(
      fleet(5_000),
      { hosts: ['tag:all'] },
      async ({ action: { host } }) => {
        peak = Math.max(peak, process.memoryUsage().heapUsed - before)
        // Made anew for each host, as an answer is: 5,000 of them would be 600 MB.
        return exited(0, Buffer.alloc(120_000, `${host} `).toString('latin1'))
      },
      { maxHosts: 5_000 },
    )
    expect(report.counts.succeeded).toBe(5_000)
    expect(report.groups.length + report.omittedGroups).toBe(5_000)
    expect(report.omittedHosts).toHaveLength(report.omittedGroups)
    expect(JSON.stringify(report.groups).length).toBeLessThan(40_000)
    expect(peak).toBeLessThan(200_000_000)
  })

  test('that all say the same are one group', async () => {
    const { report } = await ran(fleet(5_000), { hosts: ['*'] }, undefined, { maxHosts: 5_000 })
    expect(report.groups).toHaveLength(1)
    expect(report.groups[0]?.hosts).toHaveLength(5_000)
  })
})

type Child = Call & { readonly action: RunAction }
type Perform = (child: Child, signal: AbortSignal) => Answer | Promise<Answer>

interface Options {
  readonly clock?: ManualClock
  readonly signal?: AbortSignal
  readonly progress?: Progress
  readonly scopes?: ReadonlySet<string>
  readonly maxHosts?: number
  readonly digestOf?: (host: string) => string | undefined
  readonly budget?: BudgetBook
}

const caller = {
  issuer: 'https://issuer.example.com',
  subject: 'u1',
  method: 'oauth',
  groups: [],
  roles: [],
  scopes: 'all',
} as const

async function ran(...args: Parameters<typeof attempt>) {
  const { done, ...seen } = await attempt(...args)
  if (done.kind !== 'ran_on_hosts') throw new Error(`${done.kind}: ${done.message}`)
  const report: FanOutReport = done.report
  return { report, ...seen }
}

async function attempt(
  hosts: readonly Host[],
  asked: Partial<RunOnHostsAction>,
  perform: Perform = async () => {
    await soon(1)
    return exited(0, 'fine\n')
  },
  options: Options = {},
) {
  const byName = new Map<string, Host>(hosts.map((host) => [host.name, host]))
  const fleet: Hosts = { list: () => hosts, find: (name) => byName.get(name) }
  const children: Child[] = []
  let running = 0
  let most = 0
  const action: RunOnHostsAction = {
    kind: 'run_on_hosts',
    hosts: ['*'],
    command: 'uptime',
    timeoutMs: 60_000,
    deadlineMs: 3_600_000,
    canary: 0,
    ...asked,
  }
  const principal = { ...caller, scopes: options.scopes ?? caller.scopes }
  const call = { id: 'call_parent', principal, action, edge: 'mcp_http', receivedAt: new Date(0) } as const
  const done = await runOnHosts(
    call,
    {
      hosts: fleet,
      reach: (child) =>
        decide(child, { hosts: fleet, now: new Date(0) }).verdict === 'allow' ? 'open' : 'hidden',
      clock: options.clock ?? new ManualClock(),
      hasTurn: () => options.budget?.hasTurn(principal) ?? true,
      turn: async (signal) => (await options.budget?.turn(principal, signal)) ?? (() => undefined),
      limits: { maxHosts: options.maxHosts ?? 1_000, maxParallel: 20 },
      async perform(child, signal) {
        if (child.action.kind !== 'run') throw new Error(child.action.kind)
        const run: Child = { ...child, action: child.action }
        children.push(run)
        running += 1
        most = Math.max(most, running)
        options.budget?.holdPlace(run)
        try {
          return await perform(run, signal)
        } finally {
          running -= 1
          options.budget?.hasEnded(run)
        }
      },
      async digestOf(command) {
        const host = children.find((child) => commandIdOf(child) === command)?.action.host ?? ''
        return options.digestOf?.(host)
      },
    },
    options.signal ?? new AbortController().signal,
    options.progress ?? NOBODY,
  )
  return { done, children, most }
}

function fleet(count: number): Host[] {
  return Array.from({ length: count }, (_, index) => ({
    name: hostName(`n${String(index + 1).padStart(3, '0')}`),
    description: '',
    tags: ['all'],
    executionMode: 'exec',
    requiredScopes: [],
    allowsSudo: false,
    allowsTerminal: false,
  }))
}

function exited(code: number, stdout: string, stderr = ''): RunAnswer {
  return ended({ how: 'exited', code }, stdout, stderr)
}

function timedOut(afterMs: number): RunAnswer {
  const processGroup = Math.floor(1_000 + (afterMs % 7_919))
  return ended({ how: 'timed_out', afterMs, remote: { state: 'stopped', processGroup, by: 'KILL' } })
}

function ended(end: RunEnd, stdout = '', stderr = ''): RunAnswer {
  const id = commandIdOf({ id: 'call_child' })
  return {
    kind: 'ran',
    host: hostName('n'),
    command: 'uptime',
    commandId: id,
    state: 'completed',
    end,
    isRepeat: false,
    success: end.how === 'exited' && end.code === 0,
    stdout,
    stderr,
    output: stdout + stderr,
    truncated: false,
    stdoutBytes: Buffer.byteLength(stdout),
    stderrBytes: Buffer.byteLength(stderr),
    cleaned: NOTHING_CLEANED,
    durationMs: 1,
  }
}

function unreachable(message: string): Answer {
  return { kind: 'failed', code: 'host_unreachable', message }
}

function deniedUnless(allowed: string): Perform {
  return ({ action: { host } }) =>
    host === allowed ? exited(0, '') : { kind: 'denied', reason: { code: 'host_not_found' } }
}

async function soon(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
