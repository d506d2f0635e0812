import type { AuditEvent } from '../domain/audit.ts'
import { type Call, hostOf } from '../domain/call.ts'
import { principalKey } from '../domain/principal.ts'
import type { Taint } from '../domain/taint.ts'
import { isStatementType } from '../evidence/statement.ts'
import { canonicalMembers, canonicalObject } from '../lib/canonical-json.ts'
import { never } from '../lib/never.ts'
import type { AuditRow } from './audit-append.ts'
import { callMembers, forgetCall, type Redact, whoFacts } from './call-record.ts'
import { evidenceFacts } from './evidence-record.ts'
import { lockFacts } from './lock-record.ts'
import { loginFacts } from './login-record.ts'
import { recordingFacts } from './recording-record.ts'

/** One event as it is written, but for its place in the chain: a canonical JSON object with snake_case members, and what it is found by. */
export function auditRow(event: AuditEvent, redact?: Redact): AuditRow {
  const call = callOf(event)
  const recorded = 'recording' in event ? event.recording : undefined
  const subject = 'subject' in event ? event.subject : undefined
  const ofCall = call ? callMembers(call, redact) : []
  const own = canonicalMembers(
    { at: event.at, type: event.type, ...factsOf(event) },
    // Digests, keys and signatures that the bridge has made itself: changed, they would prove nothing.
    isStatementType(event.type) ? undefined : redact,
  )
  if (event.type === 'call.finished') forgetCall(event.call)
  return {
    at: event.at.getTime(),
    type: event.type,
    call: call?.id ?? recorded?.call,
    person: call ? principalKey(call.principal) : (recorded?.person ?? subject),
    host: call ? hostOf(call.action) : recorded?.host,
    action: call?.action.kind,
    outcome: outcomeOf(event),
    // Where both have a name, it is the event's.
    body: canonicalObject([...ofCall.filter(([name]) => !own.some(([mine]) => mine === name)), ...own]),
  }
}

/** As it is written where nobody keeps a chain. */
export function auditLine(event: AuditEvent, redact?: Redact): string {
  return `${auditRow(event, redact).body}\n`
}

/** The call that it is about. */
function callOf(event: AuditEvent): Call | undefined {
  return 'call' in event && event.type !== 'taint.cleared' ? event.call : undefined
}

/** One word that says how it went, to search by. */
function outcomeOf(event: AuditEvent): string | undefined {
  if (event.type === 'call.finished') return event.result.status
  if (event.type === 'call.decided') return event.decision.verdict
  if (event.type === 'recording.finished') return event.end.state
  return 'reason' in event ? event.reason : undefined
}

/** What it says beside its call. */
function factsOf(event: AuditEvent): Record<string, unknown> {
  switch (event.type) {
    case 'call.received':
      return {}
    case 'call.decided':
      return { claims: claimsFacts(event.call), ...decisionFacts(event.decision) }
    case 'call.started':
      return { rule: event.rule, approval: event.approval }
    case 'call.finished':
      return endFacts(event)
    case 'call.continued':
      // A repeated call goes on with another command than its own.
      return { command_id: event.command }
    case 'call.resumed':
      return { command_id: event.command, rule: event.rule }
    case 'transfer.begun':
      return { remote: event.remoteAddress, direction: event.direction }
    case 'transfer.used': {
      const { direction, bytes, sha256, complete, remoteAddress } = event
      return { remote: remoteAddress, direction, bytes, sha256, complete }
    }
    case 'approval.requested': {
      const { command, digest, expiresAt } = event
      return { command_id: command, digest, expires_at: expiresAt.toISOString() }
    }
    case 'approval.answered': {
      const { command, digest, answer } = event
      const { verdict, as, by, reason } = answer
      return { command_id: command, digest, verdict, as, by: whoFacts(by), reason }
    }
    case 'approval.ended': {
      const { command, digest, state, why } = event
      return { command_id: command, digest, state, why }
    }
    case 'grant.added':
      return {
        grant: event.grant,
        by: event.by,
        expires_at: event.expiresAt.toISOString(),
      }
    case 'grant.revoked':
      return { grant: event.grant, by: event.by }
    case 'auth.denied':
      return { edge: event.edge, reason: event.reason, remote: event.remoteAddress, times: event.times }
    case 'sign_in.succeeded':
    case 'sign_in.refused':
    case 'sign_in.throttled':
      return signInFacts(event)
    case 'user.set_up': {
      const { subject, username, withCode, remoteAddress } = event
      return { subject, username, with_code: withCode, remote: remoteAddress }
    }
    case 'taint.marked':
      return { ...taintFacts(event.taint) }
    case 'taint.cleared':
      return {
        ...taintFacts(event.taint),
        cleared_by: event.by,
        by_call: event.call.id,
        purpose: event.reason,
      }
    case 'lock.added':
      return { ...lockFacts(event.lock), ended_calls: event.endedCalls }
    case 'lock.removed':
      return { ...lockFacts(event.lock), removed_by: event.by }
    case 'user.added':
    case 'user.changed':
    case 'user.reset':
    case 'user.disabled':
    case 'user.enabled':
    case 'user.removed': {
      const { id, username, groups, scopes } = event.user
      return { subject: id, username, groups, scopes, by: event.by }
    }
    case 'config.reloaded':
      return { applied: event.applied, problems: event.problems }
    case 'bridge.started':
    case 'bridge.stopped':
      return { version: event.version }
    case 'instance.lost':
      return { instance: event.instance, by: event.by, silent_ms: event.silentMs }
    case 'instance.fenced':
      return { instance: event.instance, now: event.now, refused: event.refused, away_ms: event.awayMs }
    case 'audit.resumed':
      return { since: event.since.toISOString(), cause: event.cause }
    case 'audit.opened':
    case 'audit.checkpoint':
    case 'audit.key_added':
    case 'audit.pruned':
      return evidenceFacts(event)
    default:
      return 'recording' in event ? recordingFacts(event) : loginFacts(event)
  }
}

type SignInEvent = Extract<AuditEvent, { type: `sign_in.${string}` }>

function signInFacts({ subject, username, client, remoteAddress, ...event }: SignInEvent) {
  return {
    subject,
    username,
    client,
    remote: remoteAddress,
    ...('by' in event && { by: event.by }),
    ...('reason' in event && { reason: event.reason }),
    ...('upstream' in event && { upstream: event.upstream }),
    ...('waitMs' in event && { wait_ms: event.waitMs }),
  }
}

function taintFacts({ id, principal, marks, expiresAt }: Taint) {
  return {
    taint: id,
    of: whoFacts(principal),
    why: marks.map(({ why }) => why),
    expires: expiresAt.toISOString(),
  }
}

function endFacts({ rule, result }: Extract<AuditEvent, { type: 'call.finished' }>) {
  const { status, exitStatus, signal, errorCode, detail, repeats, change } = result
  const { durationMs, outputBytes, stdoutSha256, stderrSha256, hostKey } = result
  return {
    rule,
    result: { status, exit_status: exitStatus, signal, error: errorCode, detail, repeats, change_id: change },
    duration_ms: durationMs,
    output_bytes: outputBytes,
    stdout_sha256: stdoutSha256,
    stderr_sha256: stderrSha256,
    host_key: hostKey,
  }
}

function decisionFacts(decision: Extract<AuditEvent, { type: 'call.decided' }>['decision']) {
  const { verdict, rule, policy, classes, understood, observed, tainted } = decision
  const decided = { verdict, rule, policy, classes, understood, observed, tainted }
  switch (decision.verdict) {
    case 'allow':
      return { ...decided, script: decision.script }
    case 'approve': {
      const { approvers, count, expiresAfterMs, selfApprove } = decision.terms
      return { ...decided, approvers, count, expires_after_ms: expiresAfterMs, self_approve: selfApprove }
    }
    case 'deny': {
      const { reason } = decision
      const missing = reason.code === 'insufficient_scope' ? reason.missing : undefined
      const budget = reason.code === 'rate_limited' ? reason.budget : undefined
      return { ...decided, reason: reason.code, missing_scopes: missing, budget }
    }
    default:
      return never(decision)
  }
}

/** What roles were matched on: once a call, where it counts, so that the decision can be made again later. */
function claimsFacts({ principal: { groups, roles, scopes } }: Call) {
  return { groups, roles, scopes: scopes === 'all' ? scopes : [...scopes] }
}
