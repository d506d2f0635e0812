import type { Answer } from '../../domain/answer.ts'
import type { ApprovalAction } from '../../domain/approval.ts'
import type { Call } from '../../domain/call.ts'
import { principalKey } from '../../domain/principal.ts'
import type { Bridge } from '../bridge.ts'
import { commandAnswer } from '../commands/command-answer.ts'
import { answerRequest, noSuchRequest } from './answer-approval.ts'
import { carryOutApproved, type PerformApproved } from './carry-out-approved.ts'
import type { Waiting } from './waiting.ts'

type Confirming = Extract<ApprovalAction, { readonly kind: 'confirm_command' }>

/** The requester's own client confirms, where the rule takes that; then the command is waited for as its call asked. */
export async function confirmCommand(
  call: Call,
  { command: id, waitMs }: Confirming,
  bridge: Bridge,
  perform: PerformApproved,
  signal: AbortSignal,
): Promise<{ readonly kind: 'answered'; readonly answer: Answer }> {
  const waiting = await bridge.approvals.seekOwn(principalKey(call.principal), id)
  if (waiting === undefined) return { kind: 'answered', answer: noSuchRequest() }
  const { digest } = waiting.request
  const counted = await answerRequest(waiting, call, { verdict: 'approve', digest }, bridge)
  if (counted.kind === 'failed') return { kind: 'answered', answer: counted }
  if (counted.begins) carryOutApproved(waiting, bridge, perform)
  return { kind: 'answered', answer: await untilOver(waiting, waitMs, bridge, signal) }
}

async function untilOver(
  waiting: Waiting,
  waitMs: number,
  bridge: Bridge,
  signal: AbortSignal,
): Promise<Answer> {
  const over = new AbortController()
  const late = bridge.clock.sleep(waitMs, AbortSignal.any([signal, over.signal])).then(
    () => 'late' as const,
    () => 'late' as const,
  )
  while (waiting.outcome === undefined && waiting.end === undefined)
    if ((await Promise.race([waiting.changed, late])) === 'late') break
  over.abort('over')
  if (waiting.outcome !== undefined) return waiting.outcome
  const command = bridge.commands.find(waiting.owner, waiting.request.id)
  if (command !== undefined) return commandAnswer(command, bridge)
  return {
    kind: 'failed',
    code: 'approval_over',
    message: `It was not run: ${waiting.end?.why ?? 'it is being begun'}.`,
  }
}
