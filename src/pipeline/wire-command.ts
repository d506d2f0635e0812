import type { CancelAnswer, OutputPage, RunAnswer } from '../domain/answer.ts'
import type { CommandState } from '../domain/command.ts'
import type { RemoteEvidence, RunEnd, SessionAfter } from '../domain/outcome.ts'
import { type WireCleaned, wireCleaned } from './wire-cleaned.ts'

type WireEnd = 'waiting_approval' | 'running' | 'exited' | 'killed' | 'timed_out' | 'cancelled' | 'unknown'

/** `exit_status` is null when the command did not exit by itself, `signal` when no signal ended it. */
export type WireRun = WireCleaned & {
  readonly host: string
  readonly command: string
  readonly output: string
  readonly success: boolean
  readonly exit_status: number | null
  readonly stdout: string
  readonly stderr: string
  readonly signal: string | null
  /** `unknown`: the connection was lost and the command may have run. Never repeat it blindly. */
  readonly outcome: WireEnd
  readonly outcome_reason?: string
  /** By it the whole output is read, and the command followed or cancelled. */
  readonly command_id: string
  readonly state: CommandState
  /** With outcome `waiting_approval`: where an approver finds it. */
  readonly approval_url?: string
  /** With outcome `running`: whether it outlives the connection and the bridge. */
  readonly detached?: boolean
  /** The idempotency key had begun this command before; nothing was run for this call. */
  readonly repeated?: true
  readonly duration_ms: number
  readonly truncated: boolean
  readonly stdout_bytes: number
  readonly stderr_bytes: number
  /** With `timed_out` and `cancelled`: what the host said of the process group after it was told to stop. */
  readonly remote?: WireRemote
  readonly session?: WireSessionAfter
  readonly receipt?: Readonly<Record<string, string | number>>
}

export function wireRun(answer: RunAnswer): WireRun {
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
    command_id: answer.commandId,
    state: answer.state,
    ...(end.how === 'running' && { detached: end.detached }),
    ...(answer.isRepeat && { repeated: true }),
    duration_ms: answer.durationMs,
    truncated: answer.truncated,
    stdout_bytes: answer.stdoutBytes,
    stderr_bytes: answer.stderrBytes,
    ...wireCleaned(answer.cleaned),
    ...('remote' in end && { remote: wireRemote(end.remote) }),
    ...(session && { session: wireSessionAfter(session) }),
    ...(answer.receipt && { receipt: { ...answer.receipt } }),
  }
}

type WireRemote = {
  readonly state: 'stopped' | 'still_running' | 'not_begun' | 'unknown'
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
    case 'not_begun':
    case 'unknown':
      return { state: remote.state, reason: remote.reason }
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

/** How a command stands, in every answer that tells of one. */
type WireStanding = {
  readonly command_id: string
  readonly host: string
  readonly command: string
  readonly state: CommandState
  readonly exit_status: number | null
  readonly signal: string | null
  readonly outcome_reason?: string
  readonly remote?: WireRemote
}

function wireStanding(answer: OutputPage | CancelAnswer): WireStanding {
  const { end } = answer
  return {
    command_id: answer.commandId,
    host: answer.host,
    command: answer.command,
    state: answer.state,
    exit_status: end?.how === 'exited' ? end.code : null,
    signal: end?.how === 'killed' ? end.signal : null,
    ...reasonOf(end),
    ...(end && 'remote' in end && { remote: wireRemote(end.remote) }),
  }
}

function reasonOf(end: RunEnd | undefined): { readonly outcome_reason?: string } {
  return end?.how === 'unknown' ? { outcome_reason: end.reason } : {}
}

/** Offsets and sizes are bytes of the stream as the command printed it, before secrets were taken out. */
export type WirePage = WireStanding &
  WireCleaned & {
    readonly output: string
    readonly stream: 'stdout' | 'stderr' | 'output'
    readonly offset: number
    /** What to ask for next. */
    readonly next_offset: number
    readonly total_bytes: number
    /** How much can be read from the beginning on. */
    readonly kept_bytes: number
    /** There is more now, or the command still runs. */
    readonly has_more: boolean
    readonly matches?: number
    readonly duration_ms: number
    /** What it waits for. */
    readonly notice?: string
  }

export function wirePage(page: OutputPage): WirePage {
  return {
    ...wireStanding(page),
    ...(page.failure && { outcome_reason: page.failure.message }),
    output: page.text,
    stream: page.stream,
    offset: page.offset,
    next_offset: page.nextOffset,
    total_bytes: page.totalBytes,
    kept_bytes: page.keptBytes,
    has_more: page.hasMore,
    ...(page.matches !== undefined && { matches: page.matches }),
    ...wireCleaned(page.cleaned),
    duration_ms: page.durationMs,
    ...(page.notice !== undefined && { notice: page.notice }),
  }
}

export type WireCancel = WireStanding & {
  /** False when it had ended before. */
  readonly cancelled: boolean
}

export function wireCancel(answer: CancelAnswer): WireCancel {
  return { ...wireStanding(answer), cancelled: answer.cancelled }
}
