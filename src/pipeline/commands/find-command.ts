import type { Answer } from '../../domain/answer.ts'
import type { Call } from '../../domain/call.ts'
import type { CommandId } from '../../domain/command.ts'
import { principalKey } from '../../domain/principal.ts'
import type { Bridge } from '../bridge.ts'
import { mayKnow } from '../decide-now.ts'
import type { Command } from './command.ts'

type Failed = Extract<Answer, { readonly kind: 'failed' }>

/**
 * The caller's own command on a host that the caller may still use. One that never was, is forgotten, belongs to somebody else, or ran
 * on a host that is out of reach now is answered alike.
 */
export async function findCommand(call: Call, id: CommandId, bridge: Bridge): Promise<Command | Failed> {
  await bridge.commands.loaded
  const command = bridge.commands.find(principalKey(call.principal), id)
  if (command !== undefined && mayKnow(command.call, call.principal, bridge)) return command
  const message = 'There is no such command of yours. get_session_stats lists those that are still known.'
  return { kind: 'failed', code: 'command_not_found', message }
}
