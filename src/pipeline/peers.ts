import type { Answer } from '../domain/answer.ts'
import type { Call } from '../domain/call.ts'
import type { Held } from '../domain/peers.ts'
import { principalKey } from '../domain/principal.ts'
import { randomId } from '../lib/ids.ts'
import type { Bridge } from './bridge.ts'
import { isRunCall, type RunCall } from './commands/command.ts'

/**
 * Has another instance perform a call that names what lives there: a command, a terminal, a secret. It is performed here when what it
 * names is here, or nobody has it.
 */
export async function performElsewhere(
  call: Call,
  bridge: Bridge,
  signal: AbortSignal,
  here: () => Promise<Answer>,
): Promise<Answer> {
  const { peers } = bridge
  if (peers === undefined) return here()
  await bridge.commands.loaded
  for (const held of heldBy(call)) {
    if (isHere(held, call, bridge)) continue
    for (const holder of await peers.holdersOf(held, signal)) {
      const answer = await peers.carry(call, holder, signal)
      if (answer !== undefined) return answer
    }
  }
  return here()
}

/**
 * The answer of the instance that was faster with the same idempotency key, to a call of its own that repeats this one. Undefined where
 * it cannot be asked, or has forgotten the command meanwhile: nothing was done then.
 */
export async function answerOfFaster(
  call: RunCall,
  { peers }: Bridge,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const key = call.action.idempotencyKey
  if (peers === undefined || key === undefined) return undefined
  const repeat = { ...call, id: randomId('call'), parent: call.id }
  for (const holder of await peers.holdersOf(
    { kind: 'key', owner: principalKey(call.principal), key },
    signal,
  )) {
    const answer = await peers.carry(repeat, holder, signal)
    if (answer !== undefined) return answer
  }
  return undefined
}

/** Whether a call may have to be performed elsewhere. Costs nothing. */
export function mayBeElsewhere(call: Call, { peers }: Bridge): boolean {
  return peers?.areThere() === true && heldBy(call).length > 0
}

/** Whether this instance holds something that the call names. */
export function holdsWhatIsNamed(call: Call, bridge: Bridge): boolean {
  return heldBy(call).some((held) => isHere(held, call, bridge))
}

function heldBy(call: Call): readonly Held[] {
  const { action } = call
  const owner = principalKey(call.principal)
  switch (action.kind) {
    case 'get_command_output':
    case 'cancel_command':
      return action.ofAnybody === true
        ? [{ kind: 'command_of_anybody', id: action.command }]
        : [{ kind: 'command', owner, id: action.command }]
    case 'use_terminal':
      return [{ kind: 'terminal', owner, id: action.session }]
    case 'close_session':
      return action.session === undefined ? [] : [{ kind: 'terminal', owner, id: action.session }]
    case 'run': {
      const { idempotencyKey: key, secrets } = action
      return [
        ...(key === undefined ? [] : [{ kind: 'key', owner, key } as const]),
        ...(secrets === undefined
          ? []
          : [{ kind: 'secrets', owner, handles: secrets.map(({ handle }) => handle) } as const]),
      ]
    }
    default:
      return []
  }
}

function isHere(held: Held, call: Call, bridge: Bridge): boolean {
  switch (held.kind) {
    case 'command':
      return bridge.commands.find(held.owner, held.id) !== undefined
    case 'command_of_anybody':
      return bridge.commands.findAnybodys(held.id) !== undefined
    case 'key':
      return isRunCall(call) && bridge.commands.repeated(call) !== undefined
    case 'terminal':
      return bridge.executor.holdsTerminal?.(held.owner, held.id) === true
    case 'secrets':
      return (
        isRunCall(call) &&
        held.handles.every(
          (handle) => bridge.secrets.find(held.owner, call.action.host, handle) !== undefined,
        )
      )
  }
}
