import type { Answer } from '../../domain/answer.ts'
import type { ApprovalAction, GrantView } from '../../domain/approval.ts'
import type { Grant } from '../../domain/approval-record.ts'
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
      await approvals.look()
      return { kind: 'approvals', approvals: viewsFor(call.principal, bridge, action.all) }
    case 'answer_approval': {
      const waiting = await approvals.seek(action.command)
      if (waiting === undefined) return noSuchRequest()
      const counted = await answerRequest(waiting, call, action, bridge)
      if (counted.kind === 'failed') return counted
      if (counted.begins) carryOutApproved(waiting, bridge, perform)
      return { kind: 'approval_answered', approval: viewOf(waiting, call.principal, bridge) }
    }
    case 'list_grants':
      return {
        kind: 'grants',
        grants: (await grantsFor(call, bridge)).map((grant) => grantView(grant, bridge)),
      }
    case 'revoke_grant': {
      const grant = (await grantsFor(call, bridge)).find(({ id }) => id === action.grant)
      if (grant === undefined) return noSuchRequest()
      await approvals.grants.revoke(grant, principalName(call.principal))
      return { kind: 'grant_revoked', grant: grant.id }
    }
  }
}

/** Those for the caller itself, and those of rules whose requests it may answer. */
async function grantsFor({ principal }: Call, { approvals }: Bridge): Promise<readonly Grant[]> {
  const roles = approvals.options.who.rolesOf(principal)
  const all = await approvals.grants.list()
  return all.filter(
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
