import type { ApprovalRequest, KeptApproval } from '../../domain/approval-record.ts'
import { principalKey } from '../../domain/principal.ts'
import type { ApprovalOptions } from './approval-options.ts'
import { sameness } from './request-digest.ts'

type Around = Pick<ApprovalOptions, 'audit' | 'clock' | 'store'>

/**
 * Puts a new request on record, and then where every instance sees it: nothing can be approved that is not on record. Resolves once both
 * are durable; to undefined when another instance was asked the same in this moment, and then it is called off again.
 */
export async function keepRequest(
  request: ApprovalRequest,
  around: Around,
): Promise<KeptApproval | undefined> {
  const { id, call, digest, requestedAt: at, expiresAt } = request
  await around.audit.append({ type: 'approval.requested', at, call, command: id, digest, expiresAt })
  const owner = principalKey(call.principal)
  const kept = await around.store
    .add({ request, answers: [] }, owner, sameness(call))
    .catch(async (cause: unknown) => {
      await callOff(request, 'it could not be kept', around)
      throw cause
    })
  if (kept === undefined) await callOff(request, 'the same was asked elsewhere in this moment', around)
  return kept
}

/** Nobody has answered it. What cannot be removed, or not recorded, expires like any other. */
async function callOff({ id, call, digest }: ApprovalRequest, why: string, { audit, clock, store }: Around) {
  try {
    await store.remove(id)
    const at = clock.now()
    await audit.append({ type: 'approval.ended', at, call, command: id, digest, state: 'cancelled', why })
  } catch {
    // The caller is told what was wrong first.
  }
}
