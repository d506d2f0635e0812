import type { Answer, RunAnswer } from '../domain/answer.ts'
import type { HostView } from '../domain/host.ts'
import type { RemoteEvidence, SessionAfter, SessionStats, SessionSummary } from '../domain/outcome.ts'
import { type WireError, wireDenial, wireFailure } from './wire-error.ts'

/** An answer as every edge writes it: snake_case, JSON values only, the same members over MCP and REST. */
export type WireAnswer =
  | { readonly kind: 'result'; readonly body: WireResult }
  | { readonly kind: 'error'; readonly error: WireError }

type WireResult = WireRun | WireHosts | WireDirectory | WireSession | WireClosed | WireStats

export function wireAnswer(answer: Answer): WireAnswer {
  switch (answer.kind) {
    case 'ran':
      return { kind: 'result', body: wireRun(answer) }
    case 'hosts':
      return { kind: 'result', body: { hosts: answer.hosts.map(wireHost), count: answer.hosts.length } }
    case 'directory':
      return { kind: 'result', body: wireDirectory(answer) }
    case 'session_opened':
      return { kind: 'result', body: wireSession(answer.session) }
    case 'session_closed':
      return { kind: 'result', body: wireClosed(answer) }
    case 'stats':
      return { kind: 'result', body: wireStats(answer.stats) }
    case 'denied':
      return { kind: 'error', error: wireDenial(answer.reason) }
    case 'failed':
      return { kind: 'error', error: wireFailure(answer.code, answer.message) }
  }
}

export type WireHosts = { readonly hosts: readonly WireHost[]; readonly count: number }

type WireHost = {
  readonly name: string
  readonly description: string
  readonly tags: readonly string[]
  readonly execution_mode: 'exec' | 'shell'
  readonly required_scopes: readonly string[]
  readonly may_run: boolean
  readonly missing_scopes: readonly string[]
}

function wireHost(view: HostView): WireHost {
  return {
    name: view.name,
    description: view.description,
    tags: view.tags,
    execution_mode: view.executionMode,
    required_scopes: view.requiredScopes,
    may_run: view.mayRun,
    missing_scopes: view.missingScopes,
  }
}

/** `exit_status` is null when the command did not exit by itself, `signal` when no signal ended it. */
export type WireRun = {
  readonly host: string
  readonly command: string
  readonly output: string
  readonly success: boolean
  readonly exit_status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly signal: string | null
  /** `unknown`: the connection was lost and the command may have run. Never repeat it blindly. */
  readonly outcome: 'exited' | 'killed' | 'timed_out' | 'cancelled' | 'unknown'
  readonly outcome_reason?: string
  readonly duration_ms: number
  readonly truncated: boolean
  readonly stdout_bytes: number
  readonly stderr_bytes: number
  /** How many secrets were replaced by `[redacted]`. */
  readonly redactions: number
  /** With `timed_out` and `cancelled`: what the host said of the process group after it was told to stop. */
  readonly remote?: WireRemote
  readonly session?: WireSessionAfter
}

function wireRun(answer: RunAnswer): WireRun {
  const { end, session } = answer
  return {
    host: answer.host,
    command: answer.command,
    output: answer.output,
    success: answer.success,
    exit_status: end.how === 'exited' ? end.code : null,
    stdout: answer.stdout,
    stderr: answer.stderr,
    signal: end.how === 'killed' ? end.signal : null,
    outcome: end.how,
    ...(end.how === 'unknown' && { outcome_reason: end.reason }),
    duration_ms: answer.durationMs,
    truncated: answer.truncated,
    stdout_bytes: answer.stdoutBytes,
    stderr_bytes: answer.stderrBytes,
    redactions: answer.redactions,
    ...('remote' in end && { remote: wireRemote(end.remote) }),
    ...(session && { session: wireSessionAfter(session) }),
  }
}

type WireRemote = {
  readonly state: 'stopped' | 'still_running' | 'unknown'
  readonly process_group?: number
  readonly stopped_by?: 'TERM' | 'KILL'
  readonly reason?: string
}

function wireRemote(remote: RemoteEvidence): WireRemote {
  switch (remote.state) {
    case 'stopped':
      return { state: 'stopped', process_group: remote.processGroup, stopped_by: remote.by }
    case 'still_running':
      return { state: 'still_running', process_group: remote.processGroup }
    case 'unknown':
      return { state: 'unknown', reason: remote.reason }
  }
}

/** `kept`: the call did not change the session's state, for the reason given. */
type WireSessionAfter = {
  readonly id: string
  readonly working_directory: string
  readonly state: 'saved' | 'kept'
  readonly reason?: string
}

function wireSessionAfter({ id, workingDirectory, state, reason }: SessionAfter): WireSessionAfter {
  return { id, working_directory: workingDirectory, state, ...(reason !== undefined && { reason }) }
}

export type WireDirectory = {
  readonly host: string
  readonly working_directory: string
  readonly session?: string
}

function wireDirectory({ host, path, session }: Extract<Answer, { kind: 'directory' }>): WireDirectory {
  return { host, working_directory: path, ...(session !== undefined && { session }) }
}

export type WireSession = {
  /** The handle to pass as `session`. */
  readonly session: string
  readonly name?: string
  readonly host: string
  readonly shell: string
  readonly working_directory: string
  readonly created_at: string
  readonly last_used_at: string
  readonly commands: number
}

function wireSession(session: SessionSummary): WireSession {
  return {
    session: session.id,
    ...(session.name !== undefined && { name: session.name }),
    host: session.host,
    shell: session.shell,
    working_directory: session.workingDirectory,
    created_at: session.createdAt.toISOString(),
    last_used_at: session.lastUsedAt.toISOString(),
    commands: session.commands,
  }
}

/** `closed` is false when there was none to close; `success` says that no session is left either way. */
export type WireClosed = {
  readonly host: string
  readonly closed: boolean
  readonly success: true
  readonly message: string
}

function wireClosed({ host, closed }: Extract<Answer, { kind: 'session_closed' }>): WireClosed {
  const message = closed ? `The session on ${host} is closed.` : `There was no session on ${host} to close.`
  return { host, closed, success: true, message }
}

/** Of the asking principal only. */
export type WireStats = {
  readonly total_sessions: number
  readonly sessions: readonly WireSession[]
  readonly connections: readonly {
    readonly host: string
    readonly connections: number
    readonly running: number
  }[]
  readonly limits: { readonly max_sessions_per_host: number; readonly idle_timeout_seconds: number }
}

function wireStats({ sessions, connections, limits }: SessionStats): WireStats {
  return {
    total_sessions: sessions.length,
    sessions: sessions.map(wireSession),
    connections: connections.map(({ host, connections: open, running }) => ({
      host,
      connections: open,
      running,
    })),
    limits: {
      max_sessions_per_host: limits.maxSessionsPerHost,
      idle_timeout_seconds: Math.round(limits.idleTimeoutMs / 1000),
    },
  }
}
