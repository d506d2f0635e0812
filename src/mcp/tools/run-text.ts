import type { RunAnswer } from '../../domain/answer.ts'
import type { RemoteEvidence, SessionAfter } from '../../domain/outcome.ts'
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
    ...(streams.length === 0 ? ['(no output)'] : streams),
  ].join('\n')
}

function ending({ end, durationMs }: RunAnswer): string {
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
    case 'unknown':
      return `whether its processes stopped is unknown: ${remote.reason}`
  }
}

function notes({ truncated, stdoutBytes, stderrBytes, redactions, session }: RunAnswer): string[] {
  return [
    ...(truncated
      ? [
          `Cut: stdout was ${stdoutBytes} bytes, stderr ${stderrBytes}. Narrow it down (grep, head, tail, sed -n) to see the rest.`,
        ]
      : []),
    ...(redactions > 0 ? [`${redactions} secret(s) replaced by [redacted].`] : []),
    ...(session?.state === 'kept' ? [kept(session)] : []),
  ]
}

function kept({ reason, workingDirectory }: SessionAfter): string {
  return `Session unchanged by this command${reason === undefined ? '' : ` (${reason})`}; still in ${workingDirectory}.`
}

function fenced(name: string, text: string, mark: Mark): string[] {
  if (text === '') return []
  return [`--- ${name} ${mark}`, text.endsWith('\n') ? text.slice(0, -1) : text, `--- end ${mark}`]
}
