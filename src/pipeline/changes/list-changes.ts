import type { Answer } from '../../domain/answer.ts'
import type { Call } from '../../domain/call.ts'
import type { ChangeId, ChangeRecord, ChangeSummary } from '../../domain/change.ts'
import { allCleaned, type Cleaned } from '../../domain/cleaned.ts'
import { principalKey } from '../../domain/principal.ts'
import type { Bridge } from '../bridge.ts'
import { mayKnow } from '../decide-now.ts'
import { cleanText } from '../redaction/clean.ts'
import { restoringOf } from './undo-change.ts'

/** The principal's own changes, latest first, on hosts that are within its reach now: of others, none is known. */
export async function listChanges(call: Call, limit: number, bridge: Bridge): Promise<Answer> {
  const { changes, redactor } = bridge
  const all = await changes.list(principalKey(call.principal))
  const own = all.filter((record) =>
    mayKnow({ ...call, action: restoringOf({ record }, true) }, call.principal, bridge),
  )
  const undoneBy = whatTookBack(all)
  const parts: Cleaned[] = []
  const listed = own.slice(0, limit).map(({ owner: _, ...record }): ChangeSummary => {
    const path = cleanText(record.path, redactor)
    parts.push(path.cleaned)
    const by = undoneBy.get(record.id)
    return { ...record, path: path.text, ...(by !== undefined && { undoneBy: by }) }
  })
  return { kind: 'changes', changes: listed, total: own.length, cleaned: allCleaned(parts) }
}

/** Which change took which one back, and was not itself taken back. `latestFirst`: what took one back comes before it. */
function whatTookBack(latestFirst: readonly ChangeRecord[]): ReadonlyMap<ChangeId, ChangeId> {
  const undoneBy = new Map<ChangeId, ChangeId>()
  for (const { id, undoes } of latestFirst) {
    if (undoes === undefined || undoneBy.has(id) || undoneBy.has(undoes)) continue
    undoneBy.set(undoes, id)
  }
  return undoneBy
}
