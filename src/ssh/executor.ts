import type { Standing } from '../domain/approval.ts'
import type { Call, RunAction } from '../domain/call.ts'
import type { ChangeStore } from '../domain/change.ts'
import type { CommandId, OutputSink } from '../domain/command.ts'
import type { HostName, HostTarget } from '../domain/host.ts'
import type { Log } from '../domain/log.ts'
import type { LeftRunning, NotStarted, Outcome, RunOutcome } from '../domain/outcome.ts'
import type { Permit } from '../domain/permit.ts'
import type { Progress } from '../domain/progress.ts'
import type { RevealedSecrets } from '../domain/secret.ts'
import type { SessionStore } from '../domain/session.ts'
import type { LinkMaker, LinkStreams } from '../domain/transfer.ts'
import type { Clock } from '../lib/clock.ts'
import { DetachedRuns } from './detached/detached-runs.ts'
import { FactBook } from './facts/fact-book.ts'
import { changeKeeper } from './files/change-keeper.ts'
import { fileAction } from './files/file-action.ts'
import type { FileSettings } from './files/file-deps.ts'
import { Leftovers } from './files/leftovers.ts'
import { createTransfers, type PlacesOf } from './files/transfer-action.ts'
import { notConfigured, outOfReach } from './out-of-reach.ts'
import { Platforms } from './platform/platforms.ts'
import { runPlain } from './platform/run-plain.ts'
import { notOnPlatform } from './platform/unsupported.ts'
import { Owners } from './pool/owners.ts'
import { Pool, type PoolSettings } from './pool/pool.ts'
import { intoSink } from './run/into-sink.ts'
import { createRunChannel } from './run/run-channel.ts'
import { runInExecMode } from './run/run-in-exec-mode.ts'
import { runWithSudo } from './run/run-with-sudo.ts'
import { fixedEnvironment } from './run/secret-input.ts'
import { noSessions, sessionAction } from './session/session-action.ts'
import { Sessions } from './session/sessions.ts'
import { inDirectoryOfSession, runInShellMode } from './session/shell-mode.ts'
import { createOpenSftp } from './sftp/open-sftp.ts'
import { standingOf } from './standing.ts'
import { Terminals } from './terminal/terminals.ts'

export interface ExecutorSettings extends PoolSettings {
  readonly files: FileSettings & { readonly transferBytes: number }
}

export interface ExecutorOptions {
  readonly targets: readonly HostTarget[]
  readonly settings: ExecutorSettings
  /** Where sessions are kept over a restart. */
  readonly sessionStore: SessionStore
  /** Where what file changes replace is kept. */
  readonly changes: ChangeStore
  /** Asked where something of a permitted call really is, before it is read or changed. Absent: no rules, ever. */
  readonly placesOf?: PlacesOf
  /** Where links to files are made; none are while it is absent. */
  readonly links?: LinkMaker
  /** Asked whenever something was locked, and at each clean-up: what is left on hosts is removed over a new connection. */
  readonly isLocked?: (what: Pick<Call, 'principal' | 'action'>) => boolean
  readonly clock: Clock
  readonly log: Log
}

export interface SshExecutor {
  /** Carries out what the permit allows and resolves with how it ended. Aborting `signal` ends what runs on the host first. */
  execute(permit: Permit, signal: AbortSignal, progress: Progress): Promise<Outcome>
  /** Runs a command, its output into `sink`, given `secrets`; or follows a detached one that an earlier process began. */
  run(
    permit: Permit,
    sink: OutputSink,
    how: 'begin' | 'resume',
    signal: AbortSignal,
    secrets?: RevealedSecrets,
  ): Promise<RunOutcome | NotStarted | LeftRunning>
  nudge(command: CommandId): void
  readonly streams: LinkStreams
  /**
   * Takes a new configuration: connections whose way there changed get no new commands, sessions of hosts that are gone or keep none
   * now end.
   */
  reconfigure(targets: readonly HostTarget[], settings: ExecutorSettings): void
  /** Ends the terminals whose opening may not be asked any more. */
  endTerminals(isOver: (call: Call) => boolean): void
  /** Ends the terminals of what is locked with all that runs in them, then lets go of its connections. */
  lockOut(): void
  /** How the hosts of a call stand now, from what is known here: nothing is connected to. */
  standingOf(call: Call): Promise<Standing>
  /** Closes every connection. Commands that still run on hosts are not ended: the pipeline does that first. */
  close(): void
}

/** Permit → Outcome. Nothing else reaches a host. */
export function createSshExecutor(options: ExecutorOptions): SshExecutor {
  const { clock, log, sessionStore: store, isLocked = () => false } = options
  let settings = options.settings
  let targets = byName(options.targets)
  const find = (host: HostName) => platforms.settled(targets.get(host))
  const owners = new Owners()
  const pool: Pool = new Pool({ target: find, settings, clock, log, onCleanUp: cleanUp })
  const platforms: Platforms = new Platforms({ pool, clock, find })
  const runChannel = createRunChannel(pool, clock)
  const countOthers = (owner: string, host: HostName) => terminals.count(owner, host)
  const sessions = new Sessions({ runChannel, store, clock, log, limits: settings, countOthers })
  const otherSessions = async (owner: string, host: HostName) =>
    (await sessions.list(owner)).filter((session) => session.host === host).length
  const terminals = new Terminals({ pool, clock, log, limits: settings, find, otherSessions })
  const letGo = () => pool.retireWhere(owners.connectionsOf(isLocked))
  async function cleanUp() {
    owners.keepOnly((owner) => pool.has(owner))
    letGo()
    terminals.sweep()
    await sessions.sweep()
  }

  const openSftp = createOpenSftp(pool, clock)
  const leftovers = new Leftovers()
  const placesOf: PlacesOf = options.placesOf ?? (() => undefined)
  const transfers = createTransfers(
    { openSftp, find, clock, changes: options.changes, settings: () => settings.files },
    placesOf,
    () => options.links,
  )
  const detached = new DetachedRuns({ pool, clock, log })
  const facts = new FactBook(pool, clock)

  const run: SshExecutor['run'] = async (permit, sink, how, signal, secrets) => {
    const { action } = permit.call
    if (action.kind !== 'run') throw new TypeError(`${action.kind} is not a command`)
    if (permit.script === undefined) return runAs(permit, action, sink, how, signal, secrets)
    if (secrets !== undefined && secrets.env.length > 0) return fixedEnvironment(action.host)
    const outcome = await runAs(permit, { ...action, command: permit.script }, sink, how, signal, secrets)
    return outcome.kind === 'ran' ? { ...outcome, command: action.command } : outcome
  }

  async function runAs(
    { call, script }: Permit,
    action: RunAction,
    sink: OutputSink,
    how: 'begin' | 'resume',
    signal: AbortSignal,
    secrets: RevealedSecrets | undefined,
  ) {
    const owner = owners.keyOf(call.principal)
    const target = find(action.host)
    if (target === undefined) return how === 'resume' ? outOfReach(action) : notConfigured(action.host)
    if (action.detached === true && how === 'resume')
      return detached.resume(owner, { ...call, action }, target, sink, signal)
    const platform = platforms.known(target) ?? (await platforms.learn(owner, target, signal))
    if (typeof platform !== 'string') return platform
    if (platform !== 'posix')
      return runPlain(owner, action, target, platform, runChannel, intoSink(sink), signal)

    const keepsState = target.host.executionMode === 'shell'
    if (action.session !== undefined && !keepsState) return noSessions(action.host)
    // What was understood of a command is run outside the session: none of its functions and aliases takes part.
    const isApart = action.detached === true || action.sudo === true || script !== undefined
    if (!isApart)
      return keepsState
        ? runInShellMode(owner, action, target, sessions, intoSink(sink), signal, secrets)
        : platforms.runAndLearn(owner, target, sink, signal, (outlets) =>
            runInExecMode(owner, action, target, runChannel, outlets, signal, secrets),
          )

    // Both run in a shell of their own. A session lends them its directory and is not changed.
    const placed = keepsState ? await inDirectoryOfSession(owner, action, target, sessions, signal) : action
    if (placed.kind === 'not_started') return placed
    if (action.detached === true)
      return detached.run(owner, { ...call, action: placed }, target, sink, signal)
    return action.sudo === true
      ? runWithSudo(owner, placed, target, runChannel, sink, signal, secrets)
      : platforms.runAndLearn(owner, target, sink, signal, (outlets) =>
          runInExecMode(owner, placed, target, runChannel, outlets, signal, secrets),
        )
  }

  async function execute(permit: Permit, signal: AbortSignal, progress: Progress): Promise<Outcome> {
    const { action, principal } = permit.call
    const owner = owners.keyOf(principal)
    const refused = await notOnPlatform(owner, action, find, platforms, signal)
    if (refused !== undefined) return refused
    switch (action.kind) {
      case 'get_session_stats':
        return stats(owner)
      case 'describe_host':
        return onHost(action.host, (target) => facts.describe(owner, action, target, signal))
      case 'get_working_directory':
      case 'open_session':
      case 'close_session':
      case 'use_terminal': {
        const deps = { sessions, terminals, runChannel }
        return onHost(action.host, (target) => sessionAction(permit.call, action, target, deps, signal))
      }
      case 'read_file':
      case 'list_directory':
      case 'write_file':
      case 'edit_file':
      case 'restore_file': {
        const keeper = changeKeeper(permit.call, options.changes, clock)
        const mayTouch = placesOf(permit)
        const deps = { openSftp, leftovers, keeper, mayTouch, settings: settings.files }
        return onHost(action.host, (target) => fileAction(owner, action, target, deps, signal))
      }
      case 'transfer_file':
        return transfers.transfer(permit, signal, progress)
      default:
        throw new TypeError(`${action.kind} does not come here`)
    }
  }

  async function onHost(host: HostName, work: (at: HostTarget) => Promise<Outcome>): Promise<Outcome> {
    const target = find(host)
    return target === undefined ? notConfigured(host) : work(target)
  }

  /** What belongs to the asking principal; nobody else's is counted. */
  async function stats(owner: string): Promise<Outcome> {
    const { maxSessionsPerHost, idleTimeoutMs } = settings
    const limits = { maxSessionsPerHost, idleTimeoutMs }
    const own = [...(await sessions.list(owner)), ...terminals.list(owner)]
    return { kind: 'stats', stats: { sessions: own, connections: pool.stats(owner), commands: [], limits } }
  }

  return {
    execute,
    run,
    streams: transfers.streams,
    nudge: (command) => detached.nudge(command),
    reconfigure(nextTargets, next) {
      targets = byName(nextTargets)
      settings = next
      pool.reconfigure(next)
      platforms.reconfigure()
      sessions.changeLimits(next)
      terminals.reconfigure(next)
      facts.forget()
      sessions
        .keepOnly((host) => find(host)?.host.executionMode === 'shell')
        .catch((error: unknown) => log.error('Sessions could not be ended', { error: String(error) }))
    },
    standingOf: (call) =>
      standingOf(call, { find, sessions, knownHostsFiles: () => settings.knownHostsFiles, log }),
    endTerminals: (isOver) => terminals.endWhere(isOver, 'access was revoked'),
    lockOut: () => void terminals.lockOut(isLocked).then(letGo),
    close() {
      detached.close()
      terminals.endEach()
      pool.close()
    },
  }
}

function byName(targets: readonly HostTarget[]): ReadonlyMap<HostName, HostTarget> {
  return new Map(targets.map((target) => [target.host.name, target]))
}
