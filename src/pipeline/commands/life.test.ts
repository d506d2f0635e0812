import { describe, expect, test } from 'vitest'
import { approvalBook } from '../../../test/kit/approval-parts.ts'
import { smallAudit } from '../../../test/kit/audit-parts.ts'
import { budgetBook } from '../../../test/kit/budget-parts.ts'
import {
  callId,
  commandBook,
  MemoryCommands,
  secretBook,
  taintBook,
} from '../../../test/kit/command-parts.ts'
import { lockParts } from '../../../test/kit/lock-parts.ts'
import { ManualClock } from '../../../test/kit/manual-clock.ts'
import { MemoryChanges } from '../../../test/kit/memory-changes.ts'
import { smallShelf } from '../../../test/kit/recording-parts.ts'
import { redactorOf } from '../../../test/kit/redactors.ts'
import { rememberedLog } from '../../../test/kit/ssh-runner.ts'
import type { AuditEvent } from '../../domain/audit.ts'
import type { RunAction } from '../../domain/call.ts'
import { commandIdOf } from '../../domain/command.ts'
import { type Host, hostName } from '../../domain/host.ts'
import type { LeftRunning, NotStarted, RunOutcome } from '../../domain/outcome.ts'
import type { Peers } from '../../domain/peers.ts'
import type { Bridge } from '../bridge.ts'
import { Gate } from '../gate.ts'
import { perform } from '../perform.ts'
import { resuming } from '../resume.ts'
import { RunningCalls } from '../running-calls.ts'
import type { RunCall } from './command.ts'

const HOST: Host = {
  name: hostName('web-server'),
  description: '',
  tags: [],
  executionMode: 'exec',
  requiredScopes: [],
  allowsSudo: false,
  allowsTerminal: false,
}
const never = new AbortController().signal

type Ending = RunOutcome | NotStarted | LeftRunning

/** A bridge whose commands end when the test says so, or when they are ended. */
class World {
  readonly clock = new ManualClock()
  readonly store = new MemoryCommands()
  readonly events: AuditEvent[] = []
  readonly begun: string[] = []
  failing: string | undefined
  /** Of this call nobody can say whether its end is on record. */
  unreadable: string | undefined
  readonly #ends: ((ending: Ending) => void)[] = []
  readonly bridge: Bridge

  constructor(store?: MemoryCommands) {
    if (store) this.store = store
    this.store.leave()
    this.bridge = {
      audit: {
        append: async (...events) => {
          if (events.some(({ type }) => type === this.failing)) throw new Error('disk full')
          this.events.push(...events)
        },
        problem: () => undefined,
      },
      hosts: { list: () => [HOST], find: (name) => (name === HOST.name ? HOST : undefined) },
      rules: () => undefined,
      approvals: approvalBook(),
      executor: {
        execute: async () => ({ kind: 'session_closed', host: HOST.name, closed: true }),
        nudge: () => undefined,
        run: ({ call }, sink, how, signal) => {
          const { command = '' } = call.action.kind === 'run' ? call.action : {}
          this.begun.push(`${how} ${command}`)
          sink.begun()
          sink.push('stdout', Buffer.from('so far\n'))
          return new Promise<Ending>((resolve) => {
            this.#ends.push(resolve)
            const ended = () => resolve(cancelled(command))
            if (signal.aborted) ended()
            else signal.addEventListener('abort', ended, { once: true })
          })
        },
      },
      gate: new Gate({ callsPerMinute: 1_000 }),
      running: new RunningCalls(),
      locks: lockParts().book,
      budgets: budgetBook(),
      commands: commandBook({ store: this.store, clock: this.clock }),
      redactor: redactorOf(),
      secrets: secretBook(),
      changes: new MemoryChanges(),
      auditReader: smallAudit,
      recordings: smallShelf,
      taints: taintBook(),
      observer: { finished: () => undefined },
      clock: this.clock,
      limits: { answerBytes: 1_024, fanOut: { maxHosts: 10, maxParallel: 10 } },
    }
  }

  end(ending: Ending = exited(0)): void {
    for (const end of this.#ends.splice(0)) end(ending)
  }

  get types(): string[] {
    return this.events.map((event) =>
      event.type === 'call.finished' ? `${event.type} ${event.result.status}` : event.type,
    )
  }

  #resume: (() => Promise<void>) | undefined

  isStopping = false

  resume(isAllowed = true): Promise<void> {
    this.#resume ??= resuming(this.bridge, {
      store: this.store,
      log: rememberedLog(),
      isAllowed: () => isAllowed,
      endOnRecord: async ({ id }) => {
        if (id === this.unreadable) throw new Error('the database is away')
        return undefined
      },
      isStopping: () => this.isStopping,
    })
    return this.#resume()
  }
}

function exited(code: number, command = 'make'): RunOutcome {
  return { kind: 'ran', host: HOST.name, command, end: { how: 'exited', code }, durationMs: 1 }
}

function cancelled(command: string): RunOutcome {
  const remote = { state: 'stopped', processGroup: 7, by: 'TERM' } as const
  return { kind: 'ran', host: HOST.name, command, end: { how: 'cancelled', remote }, durationMs: 1 }
}

function runCall(more: Partial<RunAction> = {}, subject = 'u1'): RunCall {
  const principal = { issuer: 'os', subject, method: 'stdio', groups: [], roles: [], scopes: 'all' } as const
  const action = {
    kind: 'run',
    host: HOST.name,
    command: 'make',
    timeoutMs: 600_000,
    waitMs: 45_000,
    ...more,
  } as const
  return { id: callId(), principal, action, edge: 'cli', receivedAt: new Date(0) }
}

/** Starts a call and lets it be handed back. */
async function handedBack(world: World, call: RunCall) {
  const answered = perform(call, world.bridge, never)
  // Looked at by whoever asked for it, once time has passed.
  answered.catch(() => undefined)
  await world.clock.advance(0)
  await world.clock.advance(call.action.waitMs)
  return answered
}

describe('a command that is handed back', () => {
  test('is durable and on record as going on before its caller hears so, and on record once more when it ends', async () => {
    const world = new World()
    const call = runCall()
    const answer = await handedBack(world, call)
    expect(answer).toMatchObject({
      kind: 'ran',
      state: 'running',
      end: { how: 'running' },
      stdout: 'so far\n',
    })
    expect(world.types).toEqual(['call.received', 'call.decided', 'call.started', 'call.continued'])
    expect(world.store.records.get(commandIdOf(call))?.ended).toBeUndefined()
    world.end(exited(3))
    await expect.poll(() => world.types.at(-1)).toBe('call.finished completed')
    await expect.poll(() => world.store.records.get(commandIdOf(call))?.ended?.outcome).toEqual(exited(3))
  })

  test('has no receipt: that is of a call that has ended', async () => {
    const world = new World()
    const signed: string[] = []
    const receipts: Bridge['receipts'] = {
      receiptOf: async (call) => {
        signed.push(call.id)
        return undefined
      },
    }
    const bridge = { ...world.bridge, receipts }
    const [goesOn, ends] = [runCall(), runCall()]
    const running = perform(goesOn, bridge, never)
    await world.clock.advance(0)
    await world.clock.advance(goesOn.action.waitMs)
    expect(await running).toMatchObject({ state: 'running' })
    const ended = perform(ends, bridge, never)
    await world.clock.advance(0)
    world.end()
    expect(await ended).toMatchObject({ state: 'completed' })
    expect(signed).toEqual([ends.id])
  })

  test('is not said to run when that cannot be recorded, and is named', async () => {
    const world = new World()
    const call = runCall()
    world.failing = 'call.continued'
    await expect(handedBack(world, call)).rejects.toMatchObject({
      code: 'audit_unavailable',
      message: expect.stringContaining(commandIdOf(call)),
    })
  })

  test('goes on without its caller, but not without its permission', async () => {
    const world = new World()
    const gone = new AbortController()
    const call = runCall()
    const answered = perform(call, world.bridge, gone.signal)
    await world.clock.advance(0)
    await world.clock.advance(45_000)
    await answered
    gone.abort()
    expect(world.bridge.running.count).toBe(1)
    world.bridge.running.end('access_revoked')
    await expect.poll(() => world.types.at(-1)).toBe('call.finished cancelled')
  })

  test('counts among those of its principal that run in the background, and more than the limit are refused', async () => {
    const limited = new World()
    const bridge = {
      ...limited.bridge,
      commands: commandBook({ clock: limited.clock, limits: { maxRunning: 1 } }),
    }
    const first = perform(runCall(), bridge, never)
    await limited.clock.advance(0)
    await limited.clock.advance(45_000)
    expect(await first).toMatchObject({ state: 'running' })
    expect(await perform(runCall(), bridge, never)).toMatchObject({ kind: 'failed', code: 'rate_limited' })
    const other = perform(runCall({}, 'u2'), bridge, never)
    await limited.clock.advance(0)
    limited.end()
    expect(await other).toMatchObject({ state: 'completed' })
  })
})

test('calls that do not wait at all are bounded also when they come in the same moment', async () => {
  const world = new World()
  const bridge = { ...world.bridge, commands: commandBook({ clock: world.clock, limits: { maxRunning: 3 } }) }
  const answers = Array.from({ length: 10 }, () => perform(runCall({ waitMs: 0 }), bridge, never))
  await world.clock.advance(0)
  await world.clock.advance(1)
  const kinds = (await Promise.all(answers)).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'ran').length).toBe(3)
  expect(kinds.filter((kind) => kind === 'failed').length).toBe(7)
})

describe('a caller that goes away while it waits', () => {
  test.each([
    ['ends an ordinary command', {}, 'call.finished cancelled'],
    ['leaves a detached one alone', { detached: true }, 'call.continued'],
  ])('%s', async (_title, more, last) => {
    const world = new World()
    const gone = new AbortController()
    const answered = perform(runCall(more), world.bridge, gone.signal)
    await world.clock.advance(0)
    gone.abort()
    await answered
    expect(world.types.at(-1)).toBe(last)
  })
})

describe('an idempotency key', () => {
  const keyed = { idempotencyKey: 'k' }

  test('is on disk before the command begins', async () => {
    const world = new World()
    world.store.fault = new Error('ENOSPC')
    expect(await perform(runCall(keyed), world.bridge, never)).toMatchObject({
      kind: 'failed',
      code: 'audit_unavailable',
    })
    expect(world.begun).toEqual([])
    expect(world.types.at(-1)).toBe('call.finished not_started')
  })

  test.each(['disk', 'audit'])(
    'tells a repeat at once that the %s kept the first from being run',
    async (what) => {
      const world = new World()
      if (what === 'disk') world.store.fault = new Error('ENOSPC')
      else world.failing = 'call.started'
      const first = perform(runCall(keyed), world.bridge, never).catch((error: unknown) => error)
      const second = perform(runCall(keyed), world.bridge, never)
      expect(await first).toMatchObject({ code: 'audit_unavailable' })
      expect(await second).toMatchObject({ kind: 'failed', code: 'audit_unavailable' })
      expect(world.begun).toEqual([])
    },
  )

  test('gives the first command also when the repeat comes first to an end of its patience', async () => {
    const world = new World()
    const first = perform(runCall(keyed), world.bridge, never)
    await world.clock.advance(0)
    const second = perform(runCall({ ...keyed, waitMs: 1_000 }), world.bridge, never)
    await world.clock.advance(0)
    await world.clock.advance(1_000)
    expect(await second).toMatchObject({ state: 'running', isRepeat: true })
    world.end()
    expect(await first).toMatchObject({ state: 'completed', isRepeat: false })
    expect(world.begun).toEqual(['begin make'])
  })

  test('that another instance has taken in the same moment is answered by that one, and nothing is run', async () => {
    const world = new World()
    world.store.save = async () => 'key_in_use'
    expect(await perform(runCall(keyed), world.bridge, never)).toMatchObject({
      code: 'idempotency_conflict',
      message: expect.stringContaining('Ask again with the same key'),
    })
    const call = runCall(keyed)
    const carried: unknown[] = []
    const peers: Peers = {
      areThere: () => false,
      commandsOf: async () => [],
      holdersOf: async () => ['inst_gone', 'inst_faster'],
      carry: async (repeat, to) => {
        carried.push([to, repeat.parent, repeat.action])
        return to === 'inst_faster' ? { kind: 'session_closed', host: HOST.name, closed: true } : undefined
      },
    }
    const answer = await perform(call, { ...world.bridge, peers }, never)
    expect(answer).toMatchObject({ kind: 'session_closed' })
    expect(carried).toEqual([
      ['inst_gone', call.id, call.action],
      ['inst_faster', call.id, call.action],
    ])
    expect(world.begun).toEqual([])
  })

  test('of a command that was not run is free again', async () => {
    const world = new World()
    const first = perform(runCall(keyed), world.bridge, never)
    await world.clock.advance(0)
    world.end({ kind: 'not_started', code: 'host_unreachable', message: 'It did not answer.' })
    expect(await first).toMatchObject({ kind: 'failed' })
    const second = perform(runCall(keyed), world.bridge, never)
    await world.clock.advance(0)
    world.end()
    expect(await second).toMatchObject({ state: 'completed', isRepeat: false })
  })

  test('is known to the next process, whatever became of the command', async () => {
    const world = new World()
    await handedBack(world, runCall(keyed))
    const next = new World(world.store)
    next.bridge.commands.waitFor(next.resume())
    expect(await perform(runCall(keyed), next.bridge, never)).toMatchObject({
      state: 'unknown',
      isRepeat: true,
    })
    expect(next.begun).toEqual([])
  })
})

describe('the next process', () => {
  test('tells of a command that was not detached that nobody knows how it ended, and runs nothing', async () => {
    const world = new World()
    const call = runCall()
    await handedBack(world, call)
    for (const store of [world.store, world.store]) {
      const next = new World(store)
      await next.resume()
      expect(next.bridge.commands.find('["os","u1"]', commandIdOf(call))?.state).toBe('unknown')
      expect([next.types, next.begun]).toEqual([[], []])
    }
  })

  test('takes a detached command up again and records its end', async () => {
    const world = new World()
    const call = runCall({ detached: true })
    await handedBack(world, call)
    const next = new World(world.store)
    await next.resume()
    await expect.poll(() => next.begun).toEqual(['resume make'])
    next.end(exited(5))
    await expect.poll(() => next.types).toEqual(['call.resumed', 'call.finished completed'])
    await expect
      .poll(() => next.bridge.commands.find('["os","u1"]', commandIdOf(call))?.state)
      .toBe('completed')
  })

  test('takes up again, once, what it could not at first: that could not be on record, or the database was away', async () => {
    const world = new World()
    const [first, second, third] = [
      runCall({ detached: true }),
      runCall({ detached: true, command: 'other' }),
      runCall(),
    ]
    for (const call of [first, second, third]) await handedBack(world, call)
    const next = new World(world.store)
    next.unreadable = first.id
    next.failing = 'call.resumed'
    await expect(next.resume()).rejects.toThrow()
    expect([next.begun, next.bridge.commands.list('["os","u1"]').map(({ id }) => id)]).toEqual([
      [],
      [commandIdOf(third)],
    ])
    next.failing = undefined
    await expect(next.resume()).rejects.toThrow('away')
    expect(next.begun).toEqual(['resume other'])
    next.unreadable = undefined
    await next.resume()
    await next.resume()
    expect(next.begun).toEqual(['resume other', 'resume make'])
    expect(next.types).toEqual(['call.resumed', 'call.resumed'])
    next.end()
    await expect.poll(() => next.bridge.running.count).toBe(0)
  })

  test('takes up no other once it is to stop, and leaves them to the next one', async () => {
    const world = new World()
    for (const command of ['make', 'other']) await handedBack(world, runCall({ detached: true, command }))
    const next = new World(world.store)
    const append = next.bridge.audit.append
    next.bridge.audit.append = (...events) => {
      next.isStopping = true
      return append(...events)
    }
    await next.resume()
    expect(next.types).toEqual(['call.resumed'])
    next.isStopping = false
    await next.resume()
    expect(next.types).toEqual(['call.resumed', 'call.resumed'])
    next.end()
    await expect.poll(() => next.bridge.running.count).toBe(0)
  })

  test('ends a detached command whose permission has ended meanwhile', async () => {
    const world = new World()
    await handedBack(world, runCall({ detached: true }))
    const next = new World(world.store)
    await next.resume(false)
    await expect.poll(() => next.types).toEqual(['call.resumed', 'call.finished cancelled'])
  })

  test('leaves a detached command alone that the one before let go of', async () => {
    const world = new World()
    const call = runCall({ detached: true })
    await handedBack(world, call)
    world.end({ kind: 'left_running' })
    await expect.poll(() => world.bridge.running.count).toBe(0)
    expect(world.types).not.toContain('call.finished unknown')
    expect(world.store.records.get(commandIdOf(call))?.ended).toBeUndefined()
  })
})
