import type { RunAction } from '../../domain/call.ts'
import type { HostName, HostTarget } from '../../domain/host.ts'
import type { NotStarted, Outcome, RunOutcome } from '../../domain/outcome.ts'
import type { RevealedSecrets } from '../../domain/secret.ts'
import type { RunChannel } from '../run/channel.ts'
import { NO_PAGER } from '../run/exec-line.ts'
import type { Outlets } from '../run/into-sink.ts'
import { refusalOfText } from '../run/run-in-exec-mode.ts'
import type { SessionAddress } from './session-run.ts'
import type { Sessions } from './sessions.ts'

/**
 * Runs a command in the caller's session on the host: directory, variables, functions and options go from call to call. One that is given
 * secrets finds the session as it is and leaves it so, for its state would hold them.
 */
export async function runInShellMode(
  owner: string,
  action: RunAction,
  target: HostTarget,
  sessions: Sessions,
  outlets: Outlets,
  signal: AbortSignal,
  secrets: RevealedSecrets | undefined,
  runChannel: RunChannel,
): Promise<RunOutcome | NotStarted> {
  const { host, command, session: id, workingDirectory, timeoutMs } = action
  const refused = refusalOfText(action)
  if (refused !== undefined) return refused
  if (secrets !== undefined) {
    const begun = await sessions.workingDirectory(address(owner, host, id), prepare(target), signal)
    if ('kind' in begun) return begun
  }
  const asked = {
    command,
    timeoutMs,
    prepare: prepare(target),
    runChannel,
    ...(workingDirectory !== undefined && { workingDirectory }),
    ...(secrets && { secrets }),
  }
  const result = await sessions.run(address(owner, host, id), asked, outlets, signal)
  if (result.kind === 'not_started') return result
  const { end, durationMs, hostKey, session } = result
  return {
    kind: 'ran',
    host,
    command,
    end,
    durationMs,
    session,
    ...(hostKey && { hostKey }),
  }
}

export async function openInShellMode(
  owner: string,
  target: HostTarget,
  name: string | undefined,
  sessions: Sessions,
  signal: AbortSignal,
): Promise<Outcome> {
  const host = target.host.name
  const opened = await sessions.open(
    { owner, host, ...(name !== undefined && { name }) },
    prepare(target),
    signal,
  )
  return opened.kind === 'not_started' ? opened : { kind: 'session_opened', session: opened }
}

export async function closeInShellMode(
  owner: string,
  host: HostName,
  id: string | undefined,
  sessions: Sessions,
): Promise<Outcome> {
  const closed = await sessions.close(address(owner, host, id))
  return typeof closed === 'boolean' ? { kind: 'session_closed', host, closed } : closed
}

export async function directoryInShellMode(
  owner: string,
  target: HostTarget,
  id: string | undefined,
  sessions: Sessions,
  signal: AbortSignal,
): Promise<Outcome> {
  const host = target.host.name
  const found = await sessions.workingDirectory(address(owner, host, id), prepare(target), signal)
  return 'kind' in found ? found : { kind: 'directory', host, path: found.path, session: found.session }
}

/** What runs in a shell of its own begins in the directory of the session, unless it names another one. */
export async function inDirectoryOfSession(
  owner: string,
  action: RunAction,
  target: HostTarget,
  sessions: Sessions,
  signal: AbortSignal,
): Promise<RunAction | NotStarted> {
  if (action.workingDirectory?.startsWith('/')) return action
  const at = await directoryInShellMode(owner, target, action.session, sessions, signal)
  if (at.kind === 'not_started') return at
  if (at.kind !== 'directory') throw new TypeError(`a directory was asked for, not ${at.kind}`)
  const { workingDirectory } = action
  if (workingDirectory === undefined) return { ...action, workingDirectory: at.path }
  return workingDirectory.startsWith('~')
    ? action
    : { ...action, workingDirectory: `${at.path}/${workingDirectory}` }
}

function address(owner: string, host: HostName, session: string | undefined): SessionAddress {
  return { owner, host, ...(session !== undefined && { session }) }
}

/** What a new session begins with. */
function prepare({ disablePager }: HostTarget): string {
  return disablePager ? NO_PAGER : ''
}
