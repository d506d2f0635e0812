import type { AuditEvent } from '../../src/domain/audit.ts'
import type { RunAction } from '../../src/domain/call.ts'
import type { OutputSink } from '../../src/domain/command.ts'
import { type Host, type HostName, hostName } from '../../src/domain/host.ts'
import type { Log } from '../../src/domain/log.ts'
import type { NotStarted, Outcome, RunEnd, RunOutcome } from '../../src/domain/outcome.ts'
import type { Permit } from '../../src/domain/permit.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import type { McpConfig, McpDeps } from '../../src/mcp/mcp-deps.ts'
import type { Bridge, Executor } from '../../src/pipeline/bridge.ts'
import { Gate } from '../../src/pipeline/gate.ts'
import { RunningCalls } from '../../src/pipeline/running-calls.ts'
import { approvalBook } from './approval-parts.ts'
import { smallAudit } from './audit-parts.ts'
import { budgetBook } from './budget-parts.ts'
import { commandBook, secretBook, taintBook } from './command-parts.ts'
import { testOAuth } from './http-app.ts'
import { lockParts } from './lock-parts.ts'
import { MemoryChanges } from './memory-changes.ts'
import { smallShelf } from './recording-parts.ts'
import { redactorOf } from './redactors.ts'

/** A bridge without SSH: what a command does is written in its text. For tests of the edges in front of the one way. */
export interface ScriptedBridge {
  readonly deps: McpDeps
  readonly bridge: Bridge
  readonly events: AuditEvent[]
  readonly lines: string[]
  /** Commands that reached the executor, in order. */
  readonly ran: string[]
  /** Resolves once `wait NAME` is running, or `hang NAME`, which never ends. */
  started(name: string): Promise<void>
  /** Resolves once the signal of `wait NAME` has aborted. */
  aborted(name: string): Promise<void>
  /** The audit cannot be written while this says why. */
  auditProblem: string | undefined
}

const HOSTS: readonly Host[] = [
  host('db-server', 'Database', ['mcp:admin'], 'exec'),
  host('web-server', 'Production web server', [], 'shell'),
]

export interface ScriptedOptions {
  readonly clock?: Clock
  readonly config?: Partial<Omit<McpConfig, 'limits'>> & { readonly limits?: Partial<McpConfig['limits']> }
}

export function scriptedBridge({ clock = systemClock, config = {} }: ScriptedOptions = {}): ScriptedBridge {
  const events: AuditEvent[] = []
  const lines: string[] = []
  const ran: string[] = []
  const started = new Moments()
  const aborted = new Moments()
  const write = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { debug: write, info: write, warn: write, error: write }

  const run = async (
    action: RunAction,
    sink: OutputSink,
    signal: AbortSignal,
  ): Promise<RunOutcome | NotStarted> => {
    sink.begun()
    ran.push(action.command)
    const [word = '', argument = ''] = action.command.split(' ')
    if (word === 'defect') throw new Error('secret detail of a defect')
    if (word === 'hang') {
      started.come(argument)
      return new Promise(() => undefined)
    }
    if (word !== 'wait') return outcome(action, sink, argument, word)
    const gone = new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    started.come(argument)
    await gone
    aborted.come(argument)
    const remote = { state: 'stopped', processGroup: 4711, by: 'TERM' } as const
    return ranWith(action, sink, { how: 'cancelled', remote }, '', '')
  }
  const executor: Executor = {
    execute: async ({ call: { action } }: Permit) => withoutCommand(action.kind),
    run: async ({ call: { action } }, sink, _how, signal) => {
      if (action.kind !== 'run') throw new TypeError(`${action.kind} is not a command`)
      return run(action, sink, signal)
    },
    nudge: () => undefined,
  }

  const scripted: ScriptedBridge = {
    events,
    lines,
    ran,
    started: (name) => started.of(name),
    aborted: (name) => aborted.of(name),
    auditProblem: undefined,
    bridge: {
      audit: {
        async append(...added) {
          if (scripted.auditProblem) throw new Error(scripted.auditProblem)
          events.push(...added)
        },
        problem: () => scripted.auditProblem,
      },
      hosts: { find: (name) => HOSTS.find((one) => one.name === name), list: () => HOSTS },
      rules: () => undefined,
      executor,
      commands: commandBook({ clock }),
      approvals: approvalBook({ clock }),
      changes: new MemoryChanges(),
      gate: new Gate({ callsPerMinute: 1_000 }),
      running: new RunningCalls(),
      redactor: redactorOf(),
      secrets: secretBook(),
      auditReader: smallAudit,
      recordings: smallShelf,
      taints: taintBook(),
      locks: lockParts().book,
      budgets: budgetBook(),
      observer: { finished: () => undefined },
      clock,
      limits: { answerBytes: 2_000, fanOut: { maxHosts: 100, maxParallel: 10 } },
    },
    get deps() {
      return { bridge: scripted.bridge, log, config: () => settings }
    },
  }
  const { limits, ...others } = config
  const settings: McpConfig = {
    server: { enableLegacySse: true, auth: { oauth: testOAuth } },
    session: { idleTimeoutMs: 1_800_000 },
    ...others,
    limits: {
      waitMs: 45_000,
      timeoutMs: 60_000,
      maxTimeoutMs: 3_600_000,
      mcpSessions: 100,
      mcpSessionsPerPrincipal: 10,
      ...limits,
    },
  }
  return scripted
}

/** `exit N`, `lose`, `expire`, `kill`; anything else prints its argument. */
function outcome(
  action: RunAction,
  sink: OutputSink,
  argument: string,
  word: string,
): RunOutcome | NotStarted {
  switch (word) {
    case 'exit':
      return ranWith(action, sink, { how: 'exited', code: Number(argument) }, 'half done\n', 'no such file\n')
    case 'lose':
      return ranWith(action, sink, { how: 'unknown', reason: 'the connection was lost' }, '', '')
    case 'expire': {
      const remote = { state: 'stopped', processGroup: 4711, by: 'KILL' } as const
      return ranWith(action, sink, { how: 'timed_out', afterMs: action.timeoutMs, remote }, 'so far\n', '')
    }
    case 'kill':
      return ranWith(action, sink, { how: 'killed', signal: 'SEGV' }, '', '')
    case 'unreachable':
      return { kind: 'not_started', code: 'host_unreachable', message: `${action.host} did not answer.` }
    default:
      return ranWith(action, sink, { how: 'exited', code: 0 }, `${argument}\n`, '')
  }
}

function ranWith(
  action: RunAction,
  sink: OutputSink,
  end: RunEnd,
  stdout: string,
  stderr: string,
): RunOutcome {
  if (stdout !== '') sink.push('stdout', Buffer.from(stdout))
  if (stderr !== '') sink.push('stderr', Buffer.from(stderr))
  return {
    kind: 'ran',
    host: action.host,
    command: action.command,
    end,
    durationMs: 12,
    session: { id: 'ses_default', workingDirectory: '/home/user', state: 'saved' },
    hostKey: 'SHA256:abc',
  }
}

function withoutCommand(kind: string): Outcome {
  const web = hostName('web-server')
  const at = new Date('2026-01-01T00:00:00Z')
  const session = {
    id: 'ses_1',
    kind: 'shell' as const,
    name: 'deploy',
    host: web,
    shell: 'bash',
    workingDirectory: '/srv',
    createdAt: at,
    lastUsedAt: at,
    commands: 2,
  }
  switch (kind) {
    case 'describe_host':
      return {
        kind: 'facts',
        facts: {
          host: web,
          collectedAt: at,
          fromCache: false,
          platform: 'posix',
          hostname: 'web',
          missing: [],
        },
      }
    case 'get_working_directory':
      return { kind: 'directory', host: web, path: '/srv' }
    case 'open_session':
      return { kind: 'session_opened', session }
    case 'close_session':
      return { kind: 'session_closed', host: web, closed: true }
    default: {
      const connections = [{ host: web, connections: 1, running: 0 }]
      const limits = { maxSessionsPerHost: 5, idleTimeoutMs: 1_800_000 }
      return { kind: 'stats', stats: { sessions: [session], connections, commands: [], limits } }
    }
  }
}

function host(name: string, description: string, scopes: string[], mode: 'exec' | 'shell'): Host {
  const known: HostName = hostName(name)
  return {
    name: known,
    description,
    tags: ['prod'],
    executionMode: mode,
    requiredScopes: scopes,
    allowsSudo: false,
    allowsTerminal: false,
  }
}

/** Named moments that tests wait for, whether they have come already or not. */
class Moments {
  readonly #moments = new Map<string, PromiseWithResolvers<void>>()

  of(name: string): Promise<void> {
    return this.#get(name).promise
  }

  come(name: string): void {
    this.#get(name).resolve()
  }

  #get(name: string): PromiseWithResolvers<void> {
    const known = this.#moments.get(name) ?? withResolvers()
    this.#moments.set(name, known)
    return known
  }
}

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

function withResolvers(): PromiseWithResolvers<void> {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
