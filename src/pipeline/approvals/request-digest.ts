import type { ApprovalRecord, ApprovalRequest, Standing } from '../../domain/approval-record.ts'
import type { Action, Call } from '../../domain/call.ts'
import type { NeedsApproval } from '../../domain/decision.ts'
import { principalKey } from '../../domain/principal.ts'
import { sha256 } from './exact-text.ts'

/** Everything that an approver says yes to: one byte of it changed, and the digest is another. */
export function requestDigest(request: Omit<ApprovalRequest, 'digest'>): string {
  const { id, call, decision, standing, requestedAt, expiresAt } = request
  const { rule, policy, terms } = decision
  const asked = { id, by: identityOf(call), what: whatIsAsked(call.action), rule, policy, terms, standing }
  return digestOf({ ...asked, requestedAt, expiresAt })
}

/** What a grant is for: the same person asks the same thing of the same host, under the same rule and terms. */
export function grantDigest(call: Call, { rule, terms }: NeedsApproval, standing: Standing): string {
  return digestOf({ by: principalKey(call.principal), what: whatIsAsked(call.action), rule, terms, standing })
}

/** Two calls with the same would do the same: how long they are waited for, and under which name, is no part of it. */
function whatIsAsked(action: Action): unknown {
  if (action.kind !== 'run') return action
  const { waitMs: _, timeoutMs: __, idempotencyKey: ___, ...what } = action
  return what
}

export function askedDigest(action: Action): string {
  return digestOf(whatIsAsked(action))
}

/** With an idempotency key, only what has the same; without one, what asks the same. */
export function sameness({ action }: Call): string {
  const key = action.kind === 'run' ? action.idempotencyKey : undefined
  return `${key ?? ''}\n${askedDigest(action)}`
}

/** Of a record as it is read back: nothing of it is believed that its digest does not cover. */
export function isSound({ request }: ApprovalRecord): boolean {
  const { digest, ...asked } = request
  // guard: stored-request-intact
  return requestDigest(asked) === digest
}

function identityOf({ principal, edge, remoteAddress }: Call) {
  return { of: principalKey(principal), client: principal.clientId, edge, remoteAddress }
}

/** Of JSON with its members in order, so that the same value has the same digest however it was put together. */
function digestOf(value: unknown): string {
  return sha256(JSON.stringify(ordered(value)))
}

function ordered(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return { bytes: value.length, sha256: sha256(value) }
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Set) return [...value].sort()
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, ordered(member)]),
  )
}
