import type { Answer } from '../domain/answer.ts'
import type { AuditEvent, AuditResult } from '../domain/audit.ts'
import type { Call } from '../domain/call.ts'
import { BridgeError } from '../domain/errors.ts'
import type { Permit } from '../domain/permit.ts'
import type { Bridge, Stage } from './bridge.ts'
import { cleanAnswer } from './redaction/clean-answer.ts'
import { redactorBeside } from './secrets/redactor-for.ts'

/** Resolves once the events are durable. Rejects otherwise, and then what they announce must not be done. */
export async function remember(bridge: Bridge, ...events: readonly AuditEvent[]): Promise<void> {
  await append(
    bridge,
    'The audit log cannot be written, so nothing was run. It resumes by itself once it can.',
    events,
  )
}

/**
 * How a call ended. What has happened is not denied by a failing log: the caller gets the truth (`toldInstead`), and the log's own
 * state stops later calls.
 */
export async function rememberEnd(
  { call, rule }: Permit,
  bridge: Bridge,
  result: AuditResult,
  toldInstead: string,
): Promise<void> {
  const finished = { type: 'call.finished', at: bridge.clock.now(), call, rule, result } as const
  await append(bridge, toldInstead, [finished])
}

/** A defect in the middle leaves the end unknown. That too is on record before the defect goes on to the caller's edge. */
export async function rememberDefect(
  permit: Permit,
  bridge: Bridge,
  startedMs: number,
  defect: unknown,
): Promise<never> {
  const durationMs = Math.round(bridge.clock.monotonicMs() - startedMs)
  const told = 'The call failed, and how could not be written to the audit log. Do not repeat it blindly.'
  await rememberEnd(permit, bridge, { status: 'failed', errorCode: 'internal', durationMs }, told)
  throw defect
}

/** What goes to the edge and to those who watch: nothing that a host gave is in it as it was. */
export function told(call: Call, answer: Answer, bridge: Bridge, startedMs: number): Answer {
  const clean = cleanAnswer(answer, redactorBeside(call, bridge))
  bridge.observer.finished(call, clean, bridge.clock.monotonicMs() - startedMs)
  return clean
}

/** A part of the call's way that began at `sinceMs` is over. Answers when: the next one begins there. */
export function staged(
  { observer, clock }: Pick<Bridge, 'observer' | 'clock'>,
  call: Call,
  stage: Stage,
  sinceMs: number,
): number {
  const nowMs = clock.monotonicMs()
  observer.stage?.(call, stage, sinceMs, nowMs)
  return nowMs
}

async function append(bridge: Bridge, message: string, events: readonly AuditEvent[]): Promise<void> {
  await bridge.audit.append(...events).catch((cause: unknown) => {
    throw new BridgeError('audit_unavailable', message, { cause })
  })
}
