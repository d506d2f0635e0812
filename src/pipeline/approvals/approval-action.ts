import type { Answer } from '../../domain/answer.ts'
import type { ApprovalAction, Grant, GrantView } from '../../domain/approval.ts'
import { type Call, hostsOf } from '../../domain/call.ts'
import { principalKey, principalName } from '../../domain/principal.ts'
import type { Bridge } from '../bridge.ts'
import { answerRequest, noSuchRequest, viewOf, viewsFor } from './answer-approval.ts'
import { carryOutApproved, type PerformApproved } from './carry-out-approved.ts'
import { actionText, exactText } from './exact-text.ts'

type Done = Extract<
  Answer,
  { readonly kind: 'approvals' | 'approval_answered' | 'grants' | 'grant_revoked' | 'failed' }
>

/** What approvers ask for and say. */
export async function approvalAction(
  call: Call,
  action: Exclude<ApprovalAction, { readonly kind: 'confirm_command' }>,
  bridge: Bridge,
  perform: PerformApproved,
): Promise<Done> {
  const { approvals } = bridge
  await approvals.loaded
  switch (action.kind) {
    case 'list_approvals':
      return { kind: 'approvals', approvals: viewsFor(call.principal, bridge, action.all) }
    case 'answer_approval': {
      const waiting = approvals.find(action.command)
      const refused = waiting ? await answerRequest(waiting, call, action, bridge) : noSuchRequest()
      if (waiting === undefined || refused !== undefined) return refused ?? noSuchRequest()
      if (waiting.state === 'started') carryOutApproved(waiting, bridge, perform)
      return { kind: 'approval_answered', approval: viewOf(waiting, call.principal, bridge) }
    }
    case 'list_grants':
      return { kind: 'grants', grants: grantsFor(call, bridge).map((grant) => grantView(grant, bridge)) }
    case 'revoke_grant': {
      const grant = grantsFor(call, bridge).find(({ id }) => id === action.grant)
      if (grant === undefined) return noSuchRequest()
      await approvals.grants.revoke(grant, principalName(call.principal))
      return { kind: 'grant_revoked', grant: grant.id }
    }
  }
}

/** Those for the caller itself, and those of rules whose requests it may answer. */
function grantsFor({ principal }: Call, { approvals }: Bridge): readonly Grant[] {
  const roles = approvals.options.who.rolesOf(principal)
  return approvals.grants
    .list()
    .filter(
      ({ call, approvers }) =>
        principalKey(call.principal) === principalKey(principal) || approvers.some((role) => roles.has(role)),
    )
}

function grantView({ id, call, rule, by, createdAt, expiresAt }: Grant, { redactor }: Bridge): GrantView {
  const hosts = hostsOf(call.action)
  return {
    id,
    requester: exactText(principalName(call.principal)),
    ...(hosts.length > 0 && { host: hosts.join(', ') }),
    action: call.action.kind,
    text: redactor.redact(actionText(call.action)).text,
    rule,
    by: exactText(principalName(by)),
    createdAt,
    expiresAt,
  }
}
