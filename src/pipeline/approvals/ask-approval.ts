import type { Answer, WaitingAnswer } from '../../domain/answer.ts'
import type { Call } from '../../domain/call.ts'
import type { NeedsApproval } from '../../domain/decision.ts'
import type { Bridge } from '../bridge.ts'
import { isRunCall } from '../commands/command.ts'
import { repeatAnswer } from '../commands/command-answer.ts'
import { cleanText } from '../redaction/clean.ts'
import type { Waiting } from './waiting.ts'

/**
 * A call that needs approval becomes a request; its caller is told at once. What an idempotency key began before, or what waits already,
 * is not asked a second time.
 */
export async function askApproval(
  call: Call,
  decision: NeedsApproval,
  bridge: Bridge,
  signal: AbortSignal,
): Promise<Answer> {
  if (isRunCall(call) && call.action.idempotencyKey !== undefined) {
    await bridge.commands.loaded
    const earlier = bridge.commands.repeated(call)
    if (earlier?.isSame) return repeatAnswer(earlier.command, call, bridge, signal)
  }
  const asked = await bridge.approvals.ask(call, decision)
  return 'kind' in asked
    ? { kind: 'failed', code: asked.code, message: asked.message }
    : waitingAnswer(asked.waiting, asked.isRepeat, bridge)
}

export function waitingAnswer(
  waiting: Waiting,
  isRepeat: boolean,
  { approvals, redactor }: Bridge,
): WaitingAnswer {
  const { id, call, decision, expiresAt } = waiting.request
  const { rule, terms, understood = [] } = decision
  const url = approvals.options.urlOf(id)
  return {
    kind: 'waiting_approval',
    commandId: id,
    call,
    ...(call.action.kind === 'run' && { command: cleanText(call.action.command, redactor).text }),
    rule,
    needed: terms.count,
    approvers: terms.approvers,
    expiresAt,
    understood,
    ...(url !== undefined && { url }),
    mayConfirm: terms.selfApprove,
    isRepeat,
  }
}
