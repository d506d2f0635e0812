import type { AuditEvent } from '../domain/audit.ts'
import { type Call, hostOf } from '../domain/call.ts'
import type { Lock } from '../domain/lock.ts'
import type { Principal } from '../domain/principal.ts'
import type { Taint } from '../domain/taint.ts'
import { never } from '../lib/never.ts'
import { escapedJson } from '../lib/printable.ts'
import { actionFacts } from './audit-action.ts'

/** Takes secrets out of a text. */
export type Redact = (text: string) => string

/** One event as one line of JSON, snake_case, newline included. Every control character is escaped, so a line is one event, and whoever reads it sees it. */
export function auditLine(event: AuditEvent, redact: Redact = asItIs): string {
  const begin = `{"at":"${event.at.toISOString()}","type":"${event.type}"`
  switch (event.type) {
    case 'call.received':
      return `${begin},${callText(event.call, redact)}}\n`
    case 'call.decided':
      return `${begin},${callText(event.call, redact)},${members({ claims: claimsFacts(event.call), ...decisionFacts(event.decision) }, redact)}}\n`
    case 'call.started':
      return `${begin},${callText(event.call, redact)},${members({ rule: event.rule, approval: event.approval }, redact)}}\n`
    case 'call.finished': {
      const line = `${begin},${callText(event.call, redact)},${members(endFacts(event), redact)}}\n`
      callTexts.delete(event.call)
      return line
    }
    default:
      return `${begin},${members(factsOf(event), redact)}}\n`
  }
}

type OfCallAlone = 'call.received' | 'call.decided' | 'call.started' | 'call.finished'

function factsOf(event: Exclude<AuditEvent, { type: OfCallAlone }>): Record<string, unknown> {
  switch (event.type) {
    case 'call.continued':
      // A repeated call goes on with another command than its own.
      return { ...callFacts(event.call), command_id: event.command }
    case 'call.resumed':
      return { ...callFacts(event.call), command_id: event.command, rule: event.rule }
    case 'transfer.used': {
      const { call, direction, bytes, sha256, complete, remoteAddress } = event
      return { ...callFacts(call), remote: remoteAddress, direction, bytes, sha256, complete }
    }
    case 'approval.requested': {
      const { call, command, digest, expiresAt } = event
      return { ...callFacts(call), command_id: command, digest, expires_at: expiresAt.toISOString() }
    }
    case 'approval.answered': {
      const { call, command, digest, answer } = event
      const { verdict, as, by, reason } = answer
      return { ...callFacts(call), command_id: command, digest, verdict, as, by: whoFacts(by), reason }
    }
    case 'approval.ended': {
      const { call, command, digest, state, why } = event
      return { ...callFacts(call), command_id: command, digest, state, why }
    }
    case 'grant.added':
      return {
        ...callFacts(event.call),
        grant: event.grant,
        by: event.by,
        expires_at: event.expiresAt.toISOString(),
      }
    case 'grant.revoked':
      return { ...callFacts(event.call), grant: event.grant, by: event.by }
    case 'auth.denied':
      return { edge: event.edge, reason: event.reason, remote: event.remoteAddress, times: event.times }
    case 'taint.marked':
      return { ...callFacts(event.call), ...taintFacts(event.taint) }
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

function taintFacts({ id, principal, marks, expiresAt }: Taint) {
  return {
    taint: id,
    of: whoFacts(principal),
    why: marks.map(({ why }) => why),
    expires: expiresAt.toISOString(),
  }
}

function lockFacts({ id, on, reason, by, at, expiresAt }: Lock) {
  return { lock: id, on, reason, by, since: at.toISOString(), expires: expiresAt?.toISOString() }
}

function endFacts({ rule, result }: Extract<AuditEvent, { type: 'call.finished' }>) {
  const { status, exitStatus, signal, errorCode, detail, repeats, change } = result
  const { durationMs, outputBytes, hostKey } = result
  return {
    rule,
    result: { status, exit_status: exitStatus, signal, error: errorCode, detail, repeats, change_id: change },
    duration_ms: durationMs,
    output_bytes: outputBytes,
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

/** The same on each record of a call, so it is made once; held until the last one. */
const callTexts = new WeakMap<Call, string>()

function callText(call: Call, redact: Redact): string {
  const known = callTexts.get(call)
  if (known !== undefined) return known
  const text = members(callFacts(call), redact)
  callTexts.set(call, text)
  return text
}

/** The inside of a JSON object. Never empty here: each has at least one member that is always there. */
function members(facts: Record<string, unknown>, redact: Redact): string {
  // guard: audit-without-secrets
  const json = JSON.stringify(facts, (_, value) => (typeof value === 'string' ? redact(value) : value))
  return escapedJson(json).slice(1, -1)
}

function asItIs(text: string): string {
  return text
}

function whoFacts({ issuer, subject, method, email, name, clientId }: Principal) {
  return { issuer, subject, method, email, name, client: clientId }
}

/** Who, from where, what, where to: on every record of a call, so that each line can be read alone. */
function callFacts(call: Call): Record<string, unknown> {
  return {
    call: call.id,
    parent: call.parent,
    principal: whoFacts(call.principal),
    edge: call.edge,
    remote: call.remoteAddress,
    action: call.action.kind,
    host: hostOf(call.action),
    ...actionFacts(call),
  }
}
