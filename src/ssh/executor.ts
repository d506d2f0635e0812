import type { RunAction } from '../domain/call.ts'
import type { HostName, HostTarget } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import type { NotStarted, Outcome, SessionSummary } from '../domain/outcome.ts'
import type { Permit } from '../domain/permit.ts'
import { principalKey } from '../domain/principal.ts'
import type { Clock } from '../lib/clock.ts'
import { never } from '../lib/never.ts'
import type { RunChannel } from './channel.ts'
import { Pool, type PoolSettings } from './pool.ts'
import { createRunChannel } from './run-channel.ts'
import { type CaptureSizes, directoryInExecMode, runInExecMode } from './run-in-exec-mode.ts'

/** How long a host may take to tell its working directory. */
const DIRECTORY_TIMEOUT_MS = 15_000

export interface ExecutorSettings extends PoolSettings {
  /** What is kept of each stream of a command. More than one answer holds: secrets are taken out before it is cut. */
  readonly capture: CaptureSizes
}

/** Shell state that is carried from call to call, on hosts in shell mode. Each function answers for `owner` alone. */
export interface ShellSessions {
  run(owner: string, action: RunAction, target: HostTarget, signal: AbortSignal): Promise<Outcome>
  open(owner: string, target: HostTarget, name: string | undefined, signal: AbortSignal): Promise<Outcome>
  close(owner: string, target: HostTarget, session: string | undefined): Promise<Outcome>
  workingDirectory(
    owner: string,
    target: HostTarget,
    session: string | undefined,
    signal: AbortSignal,
  ): Promise<Outcome>
  list(owner: string): Promise<readonly SessionSummary[]>
}

export interface ExecutorOptions {
  readonly targets: readonly HostTarget[]
  readonly settings: ExecutorSettings
  readonly clock: Clock
  readonly log: Log
  /** Makes the sessions, given the one way to the hosts. */
  readonly sessions: (runChannel: RunChannel) => ShellSessions
}

export interface SshExecutor {
  /** Carries out what the permit allows and resolves with how it ended. Aborting `signal` ends the remote command first. */
  execute(permit: Permit, signal: AbortSignal): Promise<Outcome>
  /** Takes a new configuration; see `Pool.reconfigure`. */
  reconfigure(targets: readonly HostTarget[], settings: ExecutorSettings): void
  /** Closes every connection. Commands that still run on hosts are not ended: the pipeline does that first. */
  close(): void
}

/** Permit → Outcome. Nothing else reaches a host. */
export function createSshExecutor({ targets, settings, clock, log, sessions }: ExecutorOptions): SshExecutor {
  const pool = new Pool({ targets, settings, clock, log })
  const runChannel = createRunChannel(pool, clock)
  const shell = sessions(runChannel)
  let current = settings

  async function execute(permit: Permit, signal: AbortSignal): Promise<Outcome> {
    const { action, principal } = permit.call
    const owner = principalKey(principal)
    if (action.kind === 'list_hosts') throw new TypeError('list_hosts needs no host and does not come here')
    if (action.kind === 'get_session_stats') return stats(owner)

    const target = pool.find(action.host)
    if (target === undefined) return notConfigured(action.host)
    const keepsState = target.host.executionMode === 'shell'
    switch (action.kind) {
      case 'run':
        if (keepsState) return shell.run(owner, action, target, signal)
        if (action.session !== undefined) return noSessions(action.host)
        return runInExecMode(owner, action, target, runChannel, current.capture, signal)
      case 'get_working_directory':
        if (keepsState) return shell.workingDirectory(owner, target, action.session, signal)
        if (action.session !== undefined) return noSessions(action.host)
        return directoryInExecMode(owner, target, DIRECTORY_TIMEOUT_MS, runChannel, signal)
      case 'open_session':
        return keepsState ? shell.open(owner, target, action.name, signal) : noSessions(action.host)
      case 'close_session':
        return keepsState ? shell.close(owner, target, action.session) : noSessions(action.host)
      default:
        return never(action)
    }
  }

  async function stats(owner: string): Promise<Outcome> {
    const { maxSessionsPerHost, idleTimeoutMs } = current
    const limits = { maxSessionsPerHost, idleTimeoutMs }
    return {
      kind: 'stats',
      stats: { sessions: await shell.list(owner), connections: pool.stats(owner), limits },
    }
  }

  return {
    execute,
    reconfigure(newTargets, newSettings) {
      current = newSettings
      pool.reconfigure(newTargets, newSettings)
    },
    close: () => pool.close(),
  }
}

function notConfigured(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'host_unreachable',
    message: `${host} is no longer configured. Nothing was run.`,
  }
}

function noSessions(host: HostName): NotStarted {
  return {
    kind: 'not_started',
    code: 'session_mode',
    message: `${host} runs each command alone (execution_mode: exec) and keeps no sessions. Run the command without one.`,
  }
}
