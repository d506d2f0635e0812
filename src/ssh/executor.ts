import type { RunAction } from '../domain/call.ts'
import type { OutputSink } from '../domain/command.ts'
import type { HostName, HostTarget } from '../domain/host.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Permit } from '../domain/permit.ts'
import type { Progress } from '../domain/progress.ts'
import type { RevealedSecrets } from '../domain/secret.ts'
import { DetachedRuns } from './detached/detached-runs.ts'
import type { ExecutorOptions, SshExecutor } from './executor-shape.ts'
import { FactBook } from './facts/fact-book.ts'
import { changeKeeper } from './files/change-keeper.ts'
import { fileAction } from './files/file-action.ts'
import { Leftovers } from './files/leftovers.ts'
import { createTransfers, type PlacesOf } from './files/transfer-action.ts'
import { notConfigured, outOfReach } from './out-of-reach.ts'
import { Platforms } from './platform/platforms.ts'
import { runPlain } from './platform/run-plain.ts'
import { notOnPlatform } from './platform/unsupported.ts'
import { Owners } from './pool/owners.ts'
import { Pool } from './pool/pool.ts'
import { attributed, userEnvironment } from './run/attribution.ts'
import { intoSink } from './run/into-sink.ts'
import { createRunChannel } from './run/run-channel.ts'
import { runInExecMode } from './run/run-in-exec-mode.ts'
import { runWithSudo } from './run/run-with-sudo.ts'
import { fixedEnvironment } from './run/secret-input.ts'
import { noSessions, sessionAction } from './session/session-action.ts'
import { Sessions } from './session/sessions.ts'
import { inDirectoryOfSession, runInShellMode } from './session/shell-mode.ts'
import { createOpenSftp } from './sftp/open-sftp.ts'
import { sightOf } from './sight.ts'
import { standingOf } from './standing.ts'
import { Terminals } from './terminal/terminals.ts'

export type { ExecutorOptions, ExecutorSettings, SshExecutor } from './executor-shape.ts'

/** Permit → Outcome. Nothing else reaches a host. */
export function createSshExecutor(options: ExecutorOptions): SshExecutor {
  const { clock, log, sessionStore: store, isLocked = () => false } = options
  let settings = options.settings
  let targets = byName(options.targets)
  const find = (host: HostName) => platforms.settled(targets.get(host))
  const owners = new Owners()
  const { meter = {}, record } = options
  const pool: Pool = new Pool({ target: find, settings, clock, log, meter, onCleanUp: cleanUp })
  const platforms: Platforms = new Platforms({ pool, clock, find })
  const runChannel = createRunChannel(pool, clock)
  const countOthers = (owner: string, host: HostName) => terminals.count(owner, host)
  const sessions = new Sessions({ runChannel, store, clock, log, limits: settings, countOthers })
  const otherSessions = async (owner: string, host: HostName) =>
    (await sessions.list(owner)).filter((session) => session.host === host).length
  const terminals = new Terminals({
    ...{ pool, clock, log, limits: settings, find, otherSessions },
    ...(record && { record }),
  })
  const letGo = () => pool.retireWhere(owners.connectionsOf(isLocked))
  async function cleanUp() {
    owners.keepOnly((owner) => pool.has(owner))
    letGo()
    terminals.sweep()
    await sessions.sweep()
  }

  const openSftp = createOpenSftp(pool, clock, (owner, target) =>
    userEnvironment(owners.principalOf(owner), target),
  )
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
    const runTold = attributed(runChannel, call, target)

    const keepsState = target.host.executionMode === 'shell'
    if (action.session !== undefined && !keepsState) return noSessions(action.host)
    // What was understood of a command is run outside the session: none of its functions and aliases takes part.
    const isApart = action.detached === true || action.sudo === true || script !== undefined
    if (!isApart)
      return keepsState
        ? runInShellMode(owner, action, target, sessions, intoSink(sink), signal, secrets, runTold)
        : platforms.runAndLearn(owner, target, sink, signal, (outlets) =>
            runInExecMode(owner, action, target, runTold, outlets, signal, secrets),
          )

    // Both run in a shell of their own. A session lends them its directory and is not changed.
    const placed = keepsState ? await inDirectoryOfSession(owner, action, target, sessions, signal) : action
    if (placed.kind === 'not_started') return placed
    if (action.detached === true)
      return detached.run(owner, { ...call, action: placed }, target, sink, signal)
    return action.sudo === true
      ? runWithSudo(owner, placed, target, runTold, sink, signal, secrets)
      : platforms.runAndLearn(owner, target, sink, signal, (outlets) =>
          runInExecMode(owner, placed, target, runTold, outlets, signal, secrets),
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
        return onHost(action.host, (target) => {
          const deps = { sessions, terminals, runChannel: attributed(runChannel, permit.call, target) }
          return sessionAction(permit.call, action, target, deps, signal)
        })
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
    holdsTerminal: (owner, id) => terminals.holds(owner, id),
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
    contactOf: (host) => pool.contactOf(host),
    sightOf: (host) => sightOf(host, { find, pool, facts, knownHostsFiles: settings.knownHostsFiles, log }),
    standingOf: (call) =>
      standingOf(call, { find, sessions, knownHostsFiles: () => settings.knownHostsFiles, log }),
    endTerminals: (isOver) => terminals.endWhere(isOver, 'access was revoked'),
    lockOut: () => void terminals.lockOut(isLocked).then(letGo),
    totals: () => ({ ...pool.totals(), terminals: terminals.countOfAll }),
    liveTerminals: () => terminals.live,
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
