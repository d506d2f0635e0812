import type { Answer } from '../../domain/answer.ts'
import type { ApprovalEnd } from '../../domain/approval.ts'
import type { ApprovalRequest } from '../../domain/approval-record.ts'
import type { Approval } from '../../domain/permit.ts'
import { principalName } from '../../domain/principal.ts'
import type { Bridge } from '../bridge.ts'
import { decideAgain, decideNow } from '../decide-now.ts'
import { outcomeText } from './read-waiting.ts'
import { whatChanged } from './standing.ts'
import type { Waiting } from './waiting.ts'

/** The one way, for a request that somebody has approved. */
export type PerformApproved = (
  request: ApprovalRequest,
  approval: Approval,
  bridge: Bridge,
) => Promise<Answer | NotAnyMore>

/** Approved, and yet not carried out: what was approved is not what would be done now. */
export interface NotAnyMore {
  readonly kind: 'not_any_more'
  readonly state: ApprovalEnd['state']
  readonly why: string
}

/** Carries out a started request, whoever still waits for it. What comes of it is in the request, of a command in the command. */
export function carryOutApproved(waiting: Waiting, bridge: Bridge, perform: PerformApproved): void {
  const { approvals } = bridge
  const { request, answers } = waiting
  const confirmed = answers.some(({ as }) => as === 'confirmation')
  const approval: Approval = {
    call: request.call.id,
    by: confirmed ? 'confirmation' : 'people',
    who: answers.map(({ by }) => principalName(by)),
  }
  const done = async () => {
    const answer = await perform(request, approval, bridge)
    if (answer.kind === 'not_any_more') return approvals.end(waiting, 'started', answer.state, answer.why)
    waiting.cameTo(answer)
    const told = request.call.action.kind === 'run' ? undefined : outcomeText(answer)
    await approvals.end(waiting, 'started', 'completed', 'it was carried out', told)
  }
  done().catch(async (cause: unknown) => {
    approvals.options.log.error('An approved call has failed', {
      command: request.id,
      cause: String(cause),
    })
    await approvals
      .end(waiting, 'started', 'unknown', 'the bridge lost sight of it; see its log')
      .catch(() => approvals.letGo(waiting))
  })
}

/** Why an approved request must not be carried out as things are; undefined when nothing has changed that its approval depends on. */
export async function whyNotAnyMore(
  { call, decision, standing }: ApprovalRequest,
  bridge: Bridge,
): Promise<NotAnyMore | undefined> {
  const { approvals, gate } = bridge
  const { principalNow, standingOf } = approvals.options
  const principal = principalNow(call.principal)
  // guard: requester-still-let-in
  if (principal === undefined) return notAnyMore('denied', 'its requester is not let in any more')
  const closed = gate.closedFor()
  // What the requester was shown since changes nothing: people have looked at this very request.
  const shown = decideNow({ ...call, principal }, bridge)
  const now = shown.rule === decision.rule ? shown : decideAgain({ ...call, principal }, bridge)
  const refused = closed ?? (now.verdict === 'deny' ? now.reason : undefined)
  // guard: refused-by-now
  if (refused !== undefined) return notAnyMore('denied', `it is refused by now (${refused.code})`)
  // guard: same-rules
  if (now.verdict !== 'approve' || now.rule !== decision.rule || now.policy !== decision.policy)
    return notAnyMore('expired', 'the rules have changed since it was asked; ask again')
  const changed = whatChanged(standing, await standingOf(call))
  // guard: same-standing
  if (changed !== undefined) return notAnyMore('expired', `${changed} changed since it was asked; ask again`)
  return undefined
}

function notAnyMore(state: ApprovalEnd['state'], why: string): NotAnyMore {
  return { kind: 'not_any_more', state, why }
}
