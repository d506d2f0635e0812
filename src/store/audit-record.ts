import type { AuditEvent } from '../domain/audit.ts'
import { type Call, hostOf } from '../domain/call.ts'
import { never } from '../lib/never.ts'
import { actionFacts } from './audit-action.ts'

/** One event as one line of JSON, snake_case, newline included. JSON escapes every control character, so a line is one event. */
export function auditLine(event: AuditEvent): string {
  return `${JSON.stringify({ at: event.at.toISOString(), type: event.type, ...factsOf(event) })}\n`
}

function factsOf(event: AuditEvent): Record<string, unknown> {
  switch (event.type) {
    case 'call.received':
      return callFacts(event.call)
    case 'call.decided':
      return { ...callFacts(event.call), ...decisionFacts(event.decision) }
    case 'call.started':
      return { ...callFacts(event.call), rule: event.rule }
    case 'call.continued':
      // A repeated call goes on with another command than its own.
      return { ...callFacts(event.call), command_id: event.command }
    case 'call.resumed':
      return { ...callFacts(event.call), command_id: event.command, rule: event.rule }
    case 'call.finished': {
      const { status, exitStatus, signal, errorCode, detail, durationMs, outputBytes, hostKey } = event.result
      const result = { status, exit_status: exitStatus, signal, error: errorCode, detail }
      return {
        ...callFacts(event.call),
        rule: event.rule,
        result: { ...result, repeats: event.result.repeats },
        duration_ms: durationMs,
        output_bytes: outputBytes,
        host_key: hostKey,
      }
    }
    case 'transfer.used': {
      const { call, direction, bytes, sha256, complete, remoteAddress } = event
      return { ...callFacts(call), remote: remoteAddress, direction, bytes, sha256, complete }
    }
    case 'auth.denied':
      return { edge: event.edge, reason: event.reason, remote: event.remoteAddress, times: event.times }
    case 'config.reloaded':
      return { applied: event.applied, problems: event.problems }
    case 'bridge.started':
    case 'bridge.stopped':
      return { version: event.version }
    case 'audit.resumed':
      return { since: event.since.toISOString(), cause: event.cause }
    default:
      return never(event)
  }
}

function decisionFacts(decision: Extract<AuditEvent, { type: 'call.decided' }>['decision']) {
  const { verdict, rule } = decision
  if (decision.verdict === 'allow') return { verdict, rule }
  const missing = decision.reason.code === 'insufficient_scope' ? decision.reason.missing : undefined
  return { verdict, rule, reason: decision.reason.code, missing_scopes: missing }
}

/** Who, from where, what, where to: on every record of a call, so that each line can be read alone. */
function callFacts(call: Call): Record<string, unknown> {
  const { issuer, subject, method, email, name, clientId } = call.principal
  return {
    call: call.id,
    parent: call.parent,
    principal: { issuer, subject, method, email, name, client: clientId },
    edge: call.edge,
    remote: call.remoteAddress,
    action: call.action.kind,
    host: hostOf(call.action),
    ...actionFacts(call),
  }
}
