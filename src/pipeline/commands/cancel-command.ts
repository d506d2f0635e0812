import type { Answer, CancelAnswer } from '../../domain/answer.ts'
import type { Call, CancelCommandAction } from '../../domain/call.ts'
import { findWaiting, withdraw } from '../approvals/read-waiting.ts'
import type { Bridge } from '../bridge.ts'
import { findCommand } from './find-command.ts'

/** Ends a command and waits until it is known what became of its processes. */
export async function cancelCommand(
  call: Call,
  action: CancelCommandAction,
  bridge: Bridge,
  signal: AbortSignal,
): Promise<CancelAnswer | Extract<Answer, { readonly kind: 'failed' }>> {
  const command = await findCommand(call, action, bridge)
  if ('code' in command) {
    const waiting = await findWaiting(call, action.command, bridge)
    return waiting === undefined ? command : withdraw(waiting, bridge)
  }
  const wasOver = command.isOver
  if (!wasOver) command.end('cancelled')
  // The ending is bounded by itself; who asked may stop waiting earlier.
  const gone = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
  await Promise.race([command.ended, gone])
  const { host, command: text } = command.call.action
  const outcome = command.outcome
  return {
    kind: 'command_cancelled',
    commandId: command.id,
    host,
    command: text,
    state: command.state,
    cancelled: !wasOver && outcome?.kind === 'ran' && outcome.end.how === 'cancelled',
    ...(outcome?.kind === 'ran' && { end: outcome.end }),
  }
}
