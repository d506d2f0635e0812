import type { Answer } from '../domain/answer.ts'
import type { AuditResult } from '../domain/audit.ts'
import type { Done } from './carry-out.ts'

/** How a call ended, as the audit keeps it: facts, never output, and no address, user or key path of a host. */
export function auditResult(outcome: Done, durationMs: number): AuditResult {
  const took = { durationMs: Math.round(durationMs) }
  if (outcome.kind === 'not_started') {
    return { status: 'not_started', errorCode: outcome.code, detail: outcome.message, ...took }
  }
  if (outcome.kind === 'failed') {
    return { status: 'failed', errorCode: outcome.code, detail: outcome.message, ...took }
  }
  if (outcome.kind === 'answered') return { ...answerResult(outcome.answer), ...took }
  if (outcome.kind === 'ran_on_hosts') {
    const { selected, counts, stoppedBecause } = outcome.report
    const status = stoppedBecause === 'cancelled' || counts.cancelled > 0 ? 'cancelled' : 'completed'
    return { status, detail: `${counts.succeeded} of ${selected} hosts succeeded`, ...took }
  }
  if (outcome.kind === 'checked') {
    const { verdict, rule } = outcome.check.decision
    return { status: 'completed', detail: `would be: ${verdict} by ${rule}`, ...took }
  }
  if (outcome.kind !== 'ran') {
    const key = 'hostKey' in outcome && outcome.hostKey !== undefined ? { hostKey: outcome.hostKey } : {}
    const change = 'changeId' in outcome && outcome.changeId !== undefined ? { change: outcome.changeId } : {}
    if (outcome.kind === 'file_unknown')
      return { status: 'unknown', detail: outcome.reason, ...took, ...key, ...change }
    const read = outcome.kind === 'file_read' ? { outputBytes: outcome.length } : {}
    return { status: 'completed', ...took, ...key, ...read, ...change }
  }

  const { end, hostKey } = outcome
  const facts = { ...took, ...(hostKey && { hostKey }) }
  switch (end.how) {
    case 'exited':
      return { status: 'completed', exitStatus: end.code, ...facts }
    case 'killed':
      return { status: 'completed', signal: end.signal, ...facts }
    case 'timed_out':
    case 'cancelled':
      return { status: end.how, detail: `remote process group: ${end.remote.state}`, ...facts }
    case 'unknown':
      return { status: 'unknown', detail: end.reason, ...facts }
  }
}

/** How a call ended of which the answer is somebody else's, whose own records say what was done. */
function answerResult(answer: Answer): AuditResult {
  if (answer.kind === 'denied') return { status: 'not_started', errorCode: answer.reason.code }
  if (answer.kind === 'failed') return { status: 'failed', errorCode: answer.code, detail: answer.message }
  return { status: 'completed', detail: answer.kind }
}
