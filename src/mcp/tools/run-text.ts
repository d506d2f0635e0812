import type { RunAnswer } from '../../domain/answer.ts'
import type { RemoteEvidence, RunEnd, SessionAfter } from '../../domain/outcome.ts'
import { cleanedNotes } from './cleaned-text.ts'
import type { Mark } from './define-tool.ts'

/**
 * A finished command as a model reads it: how it ended first, then what the host printed, fenced by a mark that the host cannot forge.
 * After exit 0 the streams stand together as they came; otherwise stderr stands apart, for that is where the cause is.
 */
export function runText(answer: RunAnswer, mark: Mark): string {
  const { success, output, stdout, stderr } = answer
  const streams = success
    ? fenced('output', output, mark)
    : [...fenced('stdout', stdout, mark), ...fenced('stderr', stderr, mark)]
  return [
    `${answer.host}: ${ending(answer)}`,
    ...notes(answer),
    ...(streams.length === 0 ? noOutput(answer) : streams),
  ].join('\n')
}

function noOutput({ end, state }: RunAnswer): string[] {
  if (end.how !== 'running') return ['(no output)']
  return state === 'queued' ? [] : ['(none yet)']
}

/** What a command waits for that the host has not begun: the way out is told, for it may be the caller's own command that is in its way. */
export const QUEUED =
  'it waits for a connection, or for the command before it in the same session (get_session_stats lists them; cancel_command ends one; open_session gives a session that is free)'

function ending({ end, durationMs, commandId, state }: RunAnswer): string {
  if (end.how === 'running') {
    if (state === 'queued')
      return `NOT BEGUN after ${durationMs} ms, as ${commandId}: ${QUEUED}. Follow it with get_command_output; do not ask again.`
    const life = end.detached
      ? 'it outlives lost connections and restarts of the bridge'
      : 'it ends with its connection or the bridge; detached: true would outlive both'
    return `STILL RUNNING after ${durationMs} ms as ${commandId} (${life}). Follow it with get_command_output, stop it with cancel_command. This is its output so far:`
  }
  return howItEnded(end, durationMs)
}

export function howItEnded(end: RunEnd, durationMs: number): string {
  switch (end.how) {
    case 'exited':
      return `exit ${end.code} after ${durationMs} ms`
    case 'killed':
      return `killed by SIG${end.signal} after ${durationMs} ms`
    case 'timed_out':
      return `TIMED OUT after ${end.afterMs} ms; ${evidence(end.remote)}`
    case 'cancelled':
      return `cancelled after ${durationMs} ms; ${evidence(end.remote)}`
    case 'unknown':
      return `OUTCOME UNKNOWN: ${end.reason}. The command may have run and may still be running. Check before you run it again.`
  }
}

function evidence(remote: RemoteEvidence): string {
  switch (remote.state) {
    case 'stopped':
      return `its processes are gone (process group ${remote.processGroup}, ${remote.by})`
    case 'still_running':
      return `its process group ${remote.processGroup} is STILL RUNNING`
    case 'not_begun':
      return `it NEVER RAN: ${remote.reason}`
    case 'unknown':
      return `whether its processes stopped is unknown: ${remote.reason}`
  }
}

function notes(answer: RunAnswer): string[] {
  const { truncated, stdoutBytes, stderrBytes, cleaned, session, commandId, isRepeat } = answer
  return [
    ...(isRepeat ? ['This is the command that the idempotency key began before; nothing was run now.'] : []),
    ...(truncated
      ? [
          `Cut: stdout is ${stdoutBytes} bytes, stderr ${stderrBytes}. The rest: get_command_output with command_id ${commandId} and an offset, tail or pattern.`,
        ]
      : []),
    ...cleanedNotes(cleaned),
    ...(session?.state === 'kept' ? [kept(session)] : []),
  ]
}

function kept({ reason, workingDirectory }: SessionAfter): string {
  return `Session unchanged by this command${reason === undefined ? '' : ` (${reason})`}; still in ${workingDirectory}.`
}

export function fenced(name: string, text: string, mark: Mark): string[] {
  if (text === '') return []
  return [`--- ${name} ${mark}`, text.endsWith('\n') ? text.slice(0, -1) : text, `--- end ${mark}`]
}
