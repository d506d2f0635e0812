import type { Answer } from '../domain/answer.ts'
import type { CommandState, CommandSummary } from '../domain/command.ts'
import type { SessionStats, SessionSummary } from '../domain/outcome.ts'

export type WireDirectory = {
  readonly host: string
  readonly working_directory: string
  readonly session?: string
}

export function wireDirectory({
  host,
  path,
  session,
}: Extract<Answer, { kind: 'directory' }>): WireDirectory {
  return { host, working_directory: path, ...(session !== undefined && { session }) }
}

export type WireSession = {
  /** The handle to pass as `session`. */
  readonly session: string
  readonly kind: 'shell' | 'terminal'
  readonly name?: string
  readonly host: string
  readonly shell: string
  readonly working_directory: string
  readonly created_at: string
  readonly last_used_at: string
  readonly commands: number
}

export function wireSession(session: SessionSummary): WireSession {
  return {
    session: session.id,
    kind: session.kind,
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

export function wireClosed({ host, closed }: Extract<Answer, { kind: 'session_closed' }>): WireClosed {
  const message = closed ? `The session on ${host} is closed.` : `There was no session on ${host} to close.`
  return { host, closed, success: true, message }
}

export type WireCommand = {
  readonly command_id: string
  readonly host: string
  readonly command: string
  readonly state: CommandState
  readonly detached: boolean
  readonly started_at: string
  readonly ended_at?: string
}

function wireCommand({
  id,
  host,
  command,
  state,
  detached,
  startedAt,
  endedAt,
}: CommandSummary): WireCommand {
  return {
    command_id: id,
    host,
    command: command.length > LONGEST_LISTED ? `${command.slice(0, LONGEST_LISTED)}…` : command,
    state,
    detached,
    started_at: startedAt.toISOString(),
    ...(endedAt && { ended_at: endedAt.toISOString() }),
  }
}

/** Characters of a command in a list. */
const LONGEST_LISTED = 200

/** Of the asking principal only. */
export type WireStats = {
  readonly total_sessions: number
  readonly sessions: readonly WireSession[]
  readonly connections: readonly {
    readonly host: string
    readonly connections: number
    readonly running: number
  }[]
  /** Running ones and those that ended lately, latest first. */
  readonly commands: readonly WireCommand[]
  readonly limits: { readonly max_sessions_per_host: number; readonly idle_timeout_seconds: number }
}

export function wireStats({ sessions, connections, commands, limits }: SessionStats): WireStats {
  return {
    total_sessions: sessions.length,
    sessions: sessions.map(wireSession),
    connections: connections.map(({ host, connections: open, running }) => ({
      host,
      connections: open,
      running,
    })),
    commands: commands.map(wireCommand),
    limits: {
      max_sessions_per_host: limits.maxSessionsPerHost,
      idle_timeout_seconds: Math.round(limits.idleTimeoutMs / 1000),
    },
  }
}
