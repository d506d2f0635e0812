import type { Answer } from '../domain/answer.ts'
import type { AuditEvent } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import type { Decision } from '../domain/decision.ts'
import { BridgeError } from '../domain/errors.ts'
import type { Outcome } from '../domain/outcome.ts'
import { Permit } from '../domain/permit.ts'
import { decide } from '../policy/decide.ts'
import { auditResult } from './audit-result.ts'
import type { Bridge } from './bridge.ts'
import { hostViews } from './host-views.ts'
import { shape } from './shape.ts'

/**
 * The one way from a call to its answer: remember it, decide it, mint the permit, carry it out, shape the answer, remember how it
 * ended. Each record is durable before the next step happens.
 *
 * Aborting `signal` ends the remote command; the answer then says what is known about it. Rejects with `BridgeError` only when the
 * audit log cannot be written: nothing was run then, or the message says that it was.
 */
export function perform(call: Call, bridge: Bridge, signal: AbortSignal): Promise<Answer> {
  // Tracked from the first record to the last: a change of rules reaches every call, and whoever waits for the running calls may
  // close the audit afterwards.
  return bridge.running.track(call, signal, (ended) => walk(call, bridge, ended))
}

async function walk(call: Call, bridge: Bridge, signal: AbortSignal): Promise<Answer> {
  const { audit, clock } = bridge
  const startedMs = clock.monotonicMs()
  // Nothing is done about a call before it is on record. Deciding does nothing: its records share one trip to the disk.
  const received = remember(bridge, { type: 'call.received', at: clock.now(), call })
  const decision = authorize(call, bridge)
  const decided = { type: 'call.decided', at: clock.now(), call, decision } as const
  if (decision.verdict === 'deny') {
    await Promise.all([received, remember(bridge, decided)])
    return told(call, { kind: 'denied', reason: decision.reason }, bridge, startedMs)
  }

  const permit = Permit.for(call, decision)
  const started = { type: 'call.started', at: clock.now(), call, rule: permit.rule } as const
  await Promise.all([received, remember(bridge, decided, started)])
  const outcome = await carryOut(permit, bridge, signal).catch((defect: unknown) =>
    rememberDefect(permit, bridge, defect, startedMs),
  )
  const answer = shape(outcome, bridge)

  // What has happened is not denied by a failing log: the caller gets the truth, and the log's own state stops later calls.
  const result = auditResult(outcome, clock.monotonicMs() - startedMs)
  const finished = { type: 'call.finished', at: clock.now(), call, rule: permit.rule, result } as const
  await audit.append(finished).catch((cause: unknown) => {
    throw new BridgeError('audit_unavailable', notRemembered(outcome), { cause })
  })
  return told(call, answer, bridge, startedMs)
}

/** The decision as it would be now: the gate first (shutting down, too many calls), then the rules. */
function authorize(call: Call, { gate, hosts, clock }: Bridge): Decision {
  const closed = gate.refuses(call.principal, clock.monotonicMs())
  return closed ? { verdict: 'deny', rule: 'limits', reason: closed } : decide(call, hosts)
}

async function carryOut(permit: Permit, bridge: Bridge, signal: AbortSignal): Promise<Outcome> {
  const { call } = permit
  if (call.action.kind === 'list_hosts')
    return { kind: 'hosts', hosts: hostViews(bridge.hosts, call.principal) }
  return bridge.executor.execute(permit, signal)
}

/** A defect in the middle leaves the command's end unknown. That too is on record before the defect goes on to the caller's edge. */
async function rememberDefect(
  { call, rule }: Permit,
  { audit, clock }: Bridge,
  defect: unknown,
  startedMs: number,
): Promise<never> {
  const durationMs = Math.round(clock.monotonicMs() - startedMs)
  const result = { status: 'failed', errorCode: 'internal', durationMs } as const
  await audit
    .append({ type: 'call.finished', at: clock.now(), call, rule, result })
    .catch((cause: unknown) => {
      throw new BridgeError(
        'audit_unavailable',
        'The call failed, and how could not be written to the audit log. Do not repeat it blindly.',
        { cause },
      )
    })
  throw defect
}

async function remember(bridge: Bridge, ...events: readonly AuditEvent[]): Promise<void> {
  try {
    await bridge.audit.append(...events)
  } catch (cause) {
    throw new BridgeError(
      'audit_unavailable',
      'The audit log cannot be written, so nothing was run. It resumes by itself once it can.',
      {
        cause,
      },
    )
  }
}

function notRemembered(outcome: Outcome): string {
  const what = outcome.kind === 'ran' ? 'The command was run' : 'The call was carried out'
  return `${what}, but how it ended could not be written to the audit log, so its answer is withheld. Do not repeat it blindly.`
}

function told(call: Call, answer: Answer, bridge: Bridge, startedMs: number): Answer {
  bridge.observer.finished(call, answer, bridge.clock.monotonicMs() - startedMs)
  return answer
}
