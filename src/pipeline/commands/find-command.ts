import type { Answer } from '../../domain/answer.ts'
import type { Call, ReadOutputAction } from '../../domain/call.ts'
import { principalKey } from '../../domain/principal.ts'
import type { Bridge } from '../bridge.ts'
import { mayKnow } from '../decide-now.ts'
import type { Command } from './command.ts'

type Named = Pick<ReadOutputAction, 'command' | 'ofAnybody'>
type Failed = Extract<Answer, { readonly kind: 'failed' }>

/**
 * The caller's own command on a host that the caller may still use, or anybody's where the call was decided as an operator's. One that never was, is forgotten, belongs to somebody else, or ran
 * on a host that is out of reach now is answered alike.
 */
export async function findCommand(
  call: Call,
  { command: id, ofAnybody }: Named,
  bridge: Bridge,
): Promise<Command | Failed> {
  await bridge.commands.loaded
  if (ofAnybody === true)
    return bridge.commands.findAnybodys(id) ?? unknownCommand('There is no such command.')
  const command = bridge.commands.find(principalKey(call.principal), id)
  if (command !== undefined && mayKnow(command.call, call.principal, bridge)) return command
  return unknownCommand(
    'There is no such command of yours. get_session_stats lists those that are still known.',
  )
}

function unknownCommand(message: string): Failed {
  return { kind: 'failed', code: 'command_not_found', message }
}
