import type { CommandId } from '../../domain/command.ts'
import { type Principal, principalKey } from '../../domain/principal.ts'
import type { Bridge } from '../bridge.ts'
import { mayKnow } from '../decide-now.ts'

type Watched = Pick<Bridge, 'commands' | 'approvals' | 'hosts' | 'rules' | 'clock'>

/** What can be seen of a command without reading it. */
export interface Standing {
  /** Another text than before: there is something new to read. */
  readonly mark: string
  readonly isOver: boolean
  /** Resolves when the mark may be another one. A request that was said yes to may become a command without it. */
  readonly news: Promise<unknown>
}

/**
 * How the principal's own command stands now. Undefined where nothing of it is here: it never was, is somebody else's, is out of the
 * principal's reach by now, or lives at another instance.
 */
export async function standingOfCommand(
  principal: Principal,
  id: CommandId,
  bridge: Watched,
): Promise<Standing | undefined> {
  const owner = principalKey(principal)
  const command = bridge.commands.find(owner, id)
  if (command !== undefined) {
    // guard: watched-while-known
    if (!mayKnow(command.call, principal, bridge)) return undefined
    const { state, isOver, output, ended } = command
    const news = isOver ? Promise.resolve() : Promise.race([output.news, ended])
    return { mark: `${state} ${output.total('output')}`, isOver, news }
  }
  const waiting = await bridge.approvals.seekOwn(owner, id)
  if (waiting === undefined || !mayKnow(waiting.request.call, principal, bridge)) return undefined
  const isOver = waiting.end !== undefined || waiting.outcome !== undefined
  return { mark: `${waiting.state} ${isOver}`, isOver, news: waiting.changed }
}
