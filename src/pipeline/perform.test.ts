import { describe, expect, test } from 'vitest'
import { approvalBook } from '../../test/kit/approval-parts.ts'
import { smallAudit } from '../../test/kit/audit-parts.ts'
import { budgetBook } from '../../test/kit/budget-parts.ts'
import { callId, commandBook, secretBook, taintBook } from '../../test/kit/command-parts.ts'
import { lockParts } from '../../test/kit/lock-parts.ts'
import { MemoryChanges } from '../../test/kit/memory-changes.ts'
import { smallShelf } from '../../test/kit/recording-parts.ts'
import { redactorOf } from '../../test/kit/redactors.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import { type Host, hostName } from '../domain/host.ts'
import type { NotStarted, RunOutcome } from '../domain/outcome.ts'
import { Permit } from '../domain/permit.ts'
import { systemClock } from '../lib/clock.ts'
import type { Budget } from '../policy/budget.ts'
import type { Bridge } from './bridge.ts'
import { Gate } from './gate.ts'
import { perform } from './perform.ts'
import { RunningCalls } from './running-calls.ts'

const host: Host = {
  name: hostName('web-server'),
  description: '',
  tags: [],
  executionMode: 'exec',
  requiredScopes: [],
  allowsSudo: false,
  allowsTerminal: false,
}

describe('the one way', () => {
  test('each step is remembered before the next one happens', async () => {
    const { bridge, steps } = world()
    const answer = await perform(runCall(), bridge, never())
    expect(answer).toMatchObject({ kind: 'ran', success: true, stdout: 'up 3 days\n' })
    expect(steps).toEqual([
      'call.received',
      'call.decided allow',
      'call.started',
      'executed',
      'call.finished completed',
    ])
  })

  test('a denied call is remembered and reaches no host', async () => {
    const { bridge, steps } = world()
    const answer = await perform(runCall({ host: 'nowhere' }), bridge, never())
    expect(answer).toEqual({ kind: 'denied', reason: { code: 'host_not_found' } })
    expect(steps).toEqual(['call.received', 'call.decided deny'])
  })

  test('what cannot be remembered is not run', async () => {
    for (const failing of ['call.received', 'call.started']) {
      const { bridge, steps } = world({ failing })
      await expect(perform(runCall(), bridge, never())).rejects.toMatchObject({ code: 'audit_unavailable' })
      expect(steps).not.toContain('executed')
    }
  })

  test('an ended command whose end cannot be remembered is told as the truth, without its output', async () => {
    const { bridge } = world({ failing: 'call.finished' })
    const failed = perform(runCall(), bridge, never())
    await expect(failed).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringContaining('was run'),
    })
  })

  test('a call that a defect cut short is on record as failed before its caller hears of it', async () => {
    const { bridge, steps } = world({ defect: new Error('a defect') })
    await expect(perform(runCall(), bridge, never())).rejects.toThrow('a defect')
    expect(steps.slice(-2)).toEqual(['executed', 'call.finished failed'])
  })

  test('of a host that cannot be reached the audit keeps what the caller was told, and no address', async () => {
    const message = 'web-server could not be reached: the connection was refused.'
    const detail = 'admin at 192.0.2.10 port 22: connect ECONNREFUSED'
    const { bridge, events } = world({
      outcome: { kind: 'not_started', code: 'host_unreachable', message, detail },
    })
    await perform(runCall(), bridge, never())
    expect(events.at(-1)).toMatchObject({ type: 'call.finished', result: { detail: message } })
    expect(JSON.stringify(events)).not.toContain('192.0.2.10')
  })

  test('a configured secret in the output is replaced and counted', async () => {
    const { bridge } = world({ stdout: 'password=correct-horse\n', secrets: ['correct-horse'] })
    const answer = await perform(runCall(), bridge, never())
    expect(answer).toMatchObject({ stdout: 'password=[redacted]\n', cleaned: { secrets: { configured: 1 } } })
  })

  test('after the door is closed, calls are refused and nothing runs', async () => {
    const { bridge, steps } = world()
    bridge.gate.close()
    const answer = await perform(runCall(), bridge, never())
    expect(answer).toEqual({ kind: 'denied', reason: { code: 'shutting_down' } })
    expect(steps).toEqual(['call.received', 'call.decided deny'])
  })

  test('a principal that calls too often is refused until its bucket fills again', async () => {
    const { bridge } = world({ callsPerMinute: 2 })
    await perform(runCall(), bridge, never())
    await perform(runCall(), bridge, never())
    const third = await perform(runCall(), bridge, never())
    expect(third).toMatchObject({ kind: 'denied', reason: { code: 'rate_limited' } })
    const other = await perform(runCall({ subject: 'somebody-else' }), bridge, never())
    expect(other).toMatchObject({ kind: 'ran' })
  })

  test('what is over a budget is refused with its name and the time to wait, on record, and reaches no host', async () => {
    const budget = { name: 'team', per: 'person', destructiveActionsPerDay: 1 } as const
    const { bridge, steps, events } = world({ budgets: [budget] })
    expect(await perform(runCall({ host: 'nowhere' }), bridge, never())).toMatchObject({ kind: 'denied' })
    expect(await perform(runCall(), bridge, never())).toMatchObject({ kind: 'ran' })
    steps.length = 0
    const refused = await perform(runCall(), bridge, never())
    expect(refused).toMatchObject({
      kind: 'denied',
      reason: { code: 'rate_limited', budget: expect.stringContaining('The budget team of 1') },
    })
    expect(steps).toEqual(['call.received', 'call.decided deny'])
    expect(events.at(-1)).toMatchObject({ decision: { rule: 'budgets' } })
  })

  test('a command holds its place until it has ended, and one that was begun before by its key costs nothing', async () => {
    const budget = {
      name: 'team',
      per: 'person',
      concurrentCommands: 1,
      destructiveActionsPerDay: 3,
    } as const
    const { bridge } = world({ budgets: [budget] })
    expect(await perform(runCall({ key: 'deploy' }), bridge, never())).toMatchObject({ isRepeat: false })
    for (let again = 0; again < 3; again += 1)
      expect(await perform(runCall({ key: 'deploy' }), bridge, never())).toMatchObject({ isRepeat: true })
    const [one, other] = [runCall(), runCall()].map((call) => perform(call, bridge, never()))
    expect(await other).toMatchObject({ reason: { budget: expect.stringContaining('at the same time') } })
    expect(await one).toMatchObject({ kind: 'ran' })
    expect(await perform(runCall(), bridge, never())).toMatchObject({ kind: 'ran' })
    expect(await perform(runCall(), bridge, never())).toMatchObject({
      reason: { budget: expect.stringContaining('a day') },
    })
  })

  test('what an answer gives is counted when it is given', async () => {
    const budget = { name: 'team', per: 'person', outputBytesPerHour: 10 } as const
    const { bridge } = world({ budgets: [budget], stdout: 'more than ten bytes\n' })
    expect(await perform(runCall(), bridge, never())).toMatchObject({ kind: 'ran' })
    expect(await perform(runCall(), bridge, never())).toMatchObject({ reason: { code: 'rate_limited' } })
    expect(await perform(runCall({ subject: 'somebody-else' }), bridge, never())).toMatchObject({
      kind: 'ran',
    })
  })

  test('a running call is ended when access is revoked', async () => {
    const { bridge } = world({ untilAborted: true })
    const answered = perform(runCall(), bridge, never())
    await expect.poll(() => bridge.running.count).toBe(1)
    expect(bridge.running.end('access_revoked', ({ action }) => action.kind === 'run')).toBe(1)
    expect(await answered).toMatchObject({ kind: 'ran', end: { how: 'cancelled' }, success: false })
  })
})

describe('a permit', () => {
  test('is not minted for a denied call', () => {
    const denied = { verdict: 'deny', rule: 'x', reason: { code: 'host_not_found' } } as const
    expect(() => Permit.for(runCall(), denied)).toThrow(TypeError)
  })

  test('cannot be copied or written by hand', () => {
    const permit = Permit.for(runCall(), { verdict: 'allow', rule: 'x' })
    const forged = { ...permit } as Permit
    expect(forged.call).toBeUndefined()
    expect(() => Object.create(Permit.prototype).call).toThrow(TypeError)
  })
})

interface WorldOptions {
  failing?: string
  stdout?: string
  secrets?: string[]
  callsPerMinute?: number
  untilAborted?: boolean
  defect?: Error
  outcome?: RunOutcome | NotStarted
  budgets?: readonly Budget[]
}

function world({
  failing,
  stdout = 'up 3 days\n',
  secrets = [],
  callsPerMinute = 600,
  untilAborted,
  defect,
  outcome,
  budgets = [],
}: WorldOptions = {}) {
  const used = budgetBook(budgets)
  const steps: string[] = []
  const events: AuditEvent[] = []
  const remember = (event: AuditEvent) => {
    if (event.type === failing) throw new Error('disk full')
    events.push(event)
    const detail =
      event.type === 'call.decided'
        ? event.decision.verdict
        : event.type === 'call.finished'
          ? event.result.status
          : ''
    steps.push(`${event.type} ${detail}`.trim())
  }
  const bridge: Bridge = {
    audit: { append: async (...events) => events.forEach(remember), problem: () => undefined },
    hosts: { list: () => [host], find: (name) => (name === host.name ? host : undefined) },
    rules: () => undefined,
    approvals: approvalBook(),
    executor: {
      execute: async ({ call }) => ({ kind: 'session_closed', host: host.name, closed: call.edge === 'cli' }),
      nudge: () => undefined,
      async run(permit, sink, _how, signal) {
        steps.push('executed')
        if (defect) throw defect
        if (outcome) return outcome
        sink.begun()
        if (untilAborted)
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        sink.push('stdout', Buffer.from(stdout))
        return ran(permit.call, signal.aborted)
      },
    },
    gate: new Gate({ callsPerMinute }),
    running: new RunningCalls((call) => used.hasEnded(call)),
    redactor: redactorOf(...secrets),
    secrets: secretBook(),
    auditReader: smallAudit,
    recordings: smallShelf,
    taints: taintBook(),
    locks: lockParts().book,
    budgets: used,
    observer: { finished: () => undefined },
    clock: systemClock,
    commands: commandBook(),
    changes: new MemoryChanges(),
    limits: { answerBytes: 1_024, fanOut: { maxHosts: 10, maxParallel: 10 } },
  }
  return { bridge, steps, events }
}

interface RunOptions {
  readonly host?: string
  readonly subject?: string
  readonly key?: string
}

function ran(call: Call, cancelled: boolean): RunOutcome {
  const command = call.action.kind === 'run' ? call.action.command : ''
  const remote = { state: 'stopped', processGroup: 1, by: 'TERM' } as const
  const end = cancelled ? ({ how: 'cancelled', remote } as const) : ({ how: 'exited', code: 0 } as const)
  return {
    kind: 'ran',
    host: host.name,
    command,
    end,
    durationMs: 1,
  }
}

function runCall({ host: name = 'web-server', subject = 'u1', key }: RunOptions = {}): Call {
  const principal = { issuer: 'os', subject, method: 'stdio', groups: [], roles: [], scopes: 'all' } as const
  const action = {
    kind: 'run',
    host: hostName(name),
    command: 'uptime',
    timeoutMs: 60_000,
    waitMs: 45_000,
    ...(key !== undefined && { idempotencyKey: key }),
  } as const
  return { id: callId(), principal, action, edge: 'cli', receivedAt: new Date(0) }
}

function never(): AbortSignal {
  return new AbortController().signal
}
