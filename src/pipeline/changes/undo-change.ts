import type { Answer } from '../../domain/answer.ts'
import type { Call, UndoChangeAction } from '../../domain/call.ts'
import type { KeptChange } from '../../domain/change.ts'
import type { RestoreFileAction } from '../../domain/file.ts'
import { principalKey } from '../../domain/principal.ts'
import { randomId } from '../../lib/ids.ts'
import type { Bridge } from '../bridge.ts'

/**
 * Takes a change back by a call of its own that restores the file: decided, recorded and carried out as any write on that host and path
 * would be now. The answer is that call's. Another's change is not found, like one that never was.
 */
export async function undoChange(
  call: Call,
  action: UndoChangeAction,
  { changes, clock }: Pick<Bridge, 'changes' | 'clock'>,
  perform: (child: Call) => Promise<Answer>,
): Promise<Answer> {
  const kept = await changes.find(principalKey(call.principal), action.change)
  if (kept === undefined)
    return {
      kind: 'failed',
      code: 'change_not_found',
      message: `There is no change ${action.change} of yours: never made, forgotten, or somebody else's.`,
    }
  return perform({
    ...call,
    id: randomId('call'),
    parent: call.id,
    receivedAt: clock.now(),
    action: restoringOf(kept, action.dryRun),
  })
}

export function restoringOf(
  { record, content }: Pick<KeptChange, 'record' | 'content'>,
  dryRun: boolean,
): RestoreFileAction {
  const { id, host, path, sudo, before, after } = record
  return {
    kind: 'restore_file',
    host,
    path,
    sudo,
    undoes: id,
    expected: after,
    before,
    ...(content !== undefined && { content }),
    dryRun,
  }
}
