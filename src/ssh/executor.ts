import type { HostName, HostTarget } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import type { NotStarted, Outcome } from '../domain/outcome.ts'
import type { Permit } from '../domain/permit.ts'
import { principalKey } from '../domain/principal.ts'
import type { SessionStore } from '../domain/session.ts'
import type { Clock } from '../lib/clock.ts'
import { never } from '../lib/never.ts'
import { Pool, type PoolSettings } from './pool/pool.ts'
import { createRunChannel } from './run/run-channel.ts'
import { type CaptureSizes, directoryInExecMode, runInExecMode } from './run/run-in-exec-mode.ts'
import { Sessions } from './session/sessions.ts'
import {
  closeInShellMode,
  directoryInShellMode,
  openInShellMode,
  runInShellMode,
} from './session/shell-mode.ts'

/** How long a host may take to tell its working directory. */
const DIRECTORY_TIMEOUT_MS = 15_000
/** More than one answer holds: secrets are taken out of it before it is cut. */
const CAPTURE: CaptureSizes = { headBytes: 512 * 1024, tailBytes: 512 * 1024 }

export interface ExecutorSettings extends PoolSettings {
  /** What is kept of each stream of a command. */
  readonly capture?: CaptureSizes
}

export interface ExecutorOptions {
  readonly targets: readonly HostTarget[]
  readonly settings: ExecutorSettings
  /** Where sessions are kept over a restart. */
  readonly sessionStore: SessionStore
  readonly clock: Clock
  readonly log: Log
}

export interface SshExecutor {
  /** Carries out what the permit allows and resolves with how it ended. Aborting `signal` ends the remote command first. */
  execute(permit: Permit, signal: AbortSignal): Promise<Outcome>
  /**
   * Takes a new configuration: connections whose way there changed get no new commands, sessions of hosts that are gone or keep none
   * now end.
   */
  reconfigure(targets: readonly HostTarget[], settings: ExecutorSettings): void
  /** Closes every connection. Commands that still run on hosts are not ended: the pipeline does that first. */
  close(): void
}

/** Permit → Outcome. Nothing else reaches a host. */
export function createSshExecutor(options: ExecutorOptions): SshExecutor {
  const { clock, log, sessionStore: store } = options
  let settings = options.settings
  let targets = byName(options.targets)
  const find = (host: HostName) => targets.get(host)
  const pool: Pool = new Pool({ target: find, settings, clock, log, onCleanUp: () => sessions.sweep() })
  const runChannel = createRunChannel(pool, clock)
  const sessions = new Sessions({ runChannel, store, clock, log, limits: settings })

  async function execute(permit: Permit, signal: AbortSignal): Promise<Outcome> {
    const { action, principal } = permit.call
    const owner = principalKey(principal)
    if (action.kind === 'list_hosts') throw new TypeError('list_hosts needs no host and does not come here')
    if (action.kind === 'get_session_stats') return stats(owner)

    const target = find(action.host)
    if (target === undefined) return notConfigured(action.host)
    const keepsState = target.host.executionMode === 'shell'
    const capture = settings.capture ?? CAPTURE
    switch (action.kind) {
      case 'run':
        if (keepsState) return runInShellMode(owner, action, target, sessions, capture, signal)
        if (action.session !== undefined) return noSessions(action.host)
        return runInExecMode(owner, action, target, runChannel, capture, signal)
      case 'get_working_directory':
        if (keepsState) return directoryInShellMode(owner, target, action.session, sessions, signal)
        if (action.session !== undefined) return noSessions(action.host)
        return directoryInExecMode(owner, target, DIRECTORY_TIMEOUT_MS, runChannel, signal)
      case 'open_session':
        if (!keepsState) return noSessions(action.host)
        return openInShellMode(owner, target, action.name, sessions, signal)
      case 'close_session':
        if (!keepsState) return noSessions(action.host)
        return closeInShellMode(owner, action.host, action.session, sessions)
      default:
        return never(action)
    }
  }

  /** What belongs to the asking principal; nobody else's is counted. */
  async function stats(owner: string): Promise<Outcome> {
    const { maxSessionsPerHost, idleTimeoutMs } = settings
    const limits = { maxSessionsPerHost, idleTimeoutMs }
    const own = await sessions.list(owner)
    return { kind: 'stats', stats: { sessions: own, connections: pool.stats(owner), limits } }
  }

  return {
    execute,
    reconfigure(nextTargets, next) {
      targets = byName(nextTargets)
      settings = next
      pool.reconfigure(next)
      sessions.changeLimits(next)
      sessions
        .keepOnly((host) => find(host)?.host.executionMode === 'shell')
        .catch((error: unknown) => log.error('Sessions could not be ended', { error: String(error) }))
    },
    close: () => pool.close(),
  }
}

function byName(targets: readonly HostTarget[]): ReadonlyMap<HostName, HostTarget> {
  return new Map(targets.map((target) => [target.host.name, target]))
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
