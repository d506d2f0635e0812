import type { ApprovalAnswer } from '../../domain/approval.ts'
import type { ApprovalRequest } from '../../domain/approval-record.ts'
import { type Principal, principalKey } from '../../domain/principal.ts'

/** Who people are, by the rules in force. */
export interface WhoIsWho {
  readonly rolesOf: (principal: Principal) => ReadonlySet<string>
  /** `unknown`: one of the two is a key, a program or an operating-system user that nobody is known to stand behind. */
  readonly samePerson: (a: Identity, b: Identity) => 'same' | 'different' | 'unknown'
}

type Identity = Principal

export type MayAnswer =
  | { readonly as: ApprovalAnswer['as'] }
  /** The request is none of theirs: for them there is no such request. */
  | { readonly as: 'stranger' }
  | { readonly as: 'refused'; readonly why: string }

/**
 * Whether the principal may answer the request, and as what. An approver is a different human, signed in, whose role the rule names; the
 * requester, by whatever way in, is never one.
 */
export function mayAnswer(approver: Principal, request: ApprovalRequest, who: WhoIsWho): MayAnswer {
  const { terms } = request.decision
  const requester = request.call.principal
  const isRequester = principalKey(approver) === principalKey(requester)
  // guard: approver-role
  const hasRole = terms.approvers.some((role) => who.rolesOf(approver).has(role))
  if (!isRequester && !hasRole) return { as: 'stranger' }
  const relation = isRequester ? 'same' : who.samePerson(requester, approver)
  // guard: no-self-approval
  if (relation === 'same') return terms.selfApprove ? { as: 'confirmation' } : { as: 'refused', why: OWN }
  // guard: known-people-only
  if (relation === 'unknown') return { as: 'refused', why: NOBODY_KNOWN }
  return { as: 'person' }
}

const OWN = 'This is your own request: another person has to approve it.'

const NOBODY_KNOWN =
  'It is not known which person stands behind the requester, or behind you: an API key, a program and an operating-system user are nobody in particular. List their people under `people` in the configuration.'
