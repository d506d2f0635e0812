import type { Answer } from '../../domain/answer.ts'
import type { Call } from '../../domain/call.ts'
import { BridgeError } from '../../domain/errors.ts'
import type { Bridge } from '../bridge.ts'
import { riskOf } from './risk-of.ts'

type Parts = Pick<Bridge, 'taints' | 'audit' | 'clock'>

/**
 * Marks the caller when the answer shows it what others may have written, on record before the answer leaves. A caller that becomes tainted
 * is told so, once. What is done on behalf of another call is judged with that one.
 */
export async function noteTaint(call: Call, answer: Answer, parts: Parts): Promise<Answer> {
  if (call.parent !== undefined) return answer
  const { taints, audit, clock } = parts
  const risk = riskOf(call.action, answer, taints.places)
  if (risk === undefined) return answer
  // guard: taint-marks
  const taint = taints.mark(call, risk)
  if (taint === undefined) return answer
  const marked = { type: 'taint.marked', at: clock.now(), call, taint } as const
  await Promise.all([audit.append(marked), taints.keep(call.principal)]).catch((cause: unknown) => {
    throw new BridgeError('audit_unavailable', WITHHELD, { cause })
  })
  return { ...answer, tainted: risk.why }
}

const WITHHELD =
  'The call was carried out, but what it showed could not be written to the audit log, so its answer is withheld. Do not repeat it blindly.'
