import type { Answer } from '../domain/answer.ts'
import type { CommandState, CommandSummary } from '../domain/command.ts'
import type { HostView } from '../domain/host.ts'
import type { SessionStats, SessionSummary } from '../domain/outcome.ts'
import {
  type WireCancel,
  type WirePage,
  type WireRun,
  wireCancel,
  wirePage,
  wireRun,
} from './wire-command.ts'
import { type WireError, wireDenial, wireFailure } from './wire-error.ts'
import { type WireFacts, wireFacts } from './wire-facts.ts'
import { type WireFanOut, wireFanOut } from './wire-fan-out.ts'
import {
  type WireChange,
  type WireFile,
  type WireListing,
  wireChange,
  wireFile,
  wireListing,
} from './wire-file.ts'
import { type WireTerminal, wireTerminal } from './wire-terminal.ts'
import { type WireLink, type WireTransfer, wireLink, wireTransfer } from './wire-transfer.ts'

/** An answer as every edge writes it: snake_case, JSON values only, the same members over MCP and REST. */
export type WireAnswer =
  | { readonly kind: 'result'; readonly body: WireResult }
  | { readonly kind: 'error'; readonly error: WireError }

type WireResult =
  | WireTerminal
  | WireRun
  | WirePage
  | WireCancel
  | WireFanOut
  | WireFacts
  | WireHosts
  | WireDirectory
  | WireSession
  | WireClosed
  | WireStats
  | WireFile
  | WireListing
  | WireChange
  | WireTransfer
  | WireLink

export function wireAnswer(answer: Answer): WireAnswer {
  switch (answer.kind) {
    case 'ran':
      return { kind: 'result', body: wireRun(answer) }
    case 'command_output':
      return { kind: 'result', body: wirePage(answer) }
    case 'command_cancelled':
      return { kind: 'result', body: wireCancel(answer) }
    case 'ran_on_hosts':
      return { kind: 'result', body: wireFanOut(answer.report) }
    case 'facts':
      return { kind: 'result', body: wireFacts(answer.facts) }
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
    case 'file_read':
      return { kind: 'result', body: wireFile(answer) }
    case 'directory_listed':
      return { kind: 'result', body: wireListing(answer) }
    case 'file_changed':
      return { kind: 'result', body: wireChange(answer) }
    case 'transferred':
      return { kind: 'result', body: wireTransfer(answer) }
    case 'link_made':
      return { kind: 'result', body: wireLink(answer) }
    case 'terminal_opened':
    case 'terminal_used':
      return { kind: 'result', body: wireTerminal(answer) }
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
  /** `sudo: true` is taken. */
  readonly sudo: boolean
  /** A live terminal may be opened. */
  readonly terminal: boolean
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
    sudo: view.allowsSudo,
    terminal: view.allowsTerminal,
  }
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
  readonly kind: 'shell' | 'terminal'
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

function wireClosed({ host, closed }: Extract<Answer, { kind: 'session_closed' }>): WireClosed {
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

function wireStats({ sessions, connections, commands, limits }: SessionStats): WireStats {
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
