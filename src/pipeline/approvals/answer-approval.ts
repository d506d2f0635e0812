import type { Answer } from '../../domain/answer.ts'
import type { ApprovalAction, ApprovalAnswer, ApprovalView } from '../../domain/approval.ts'
import type { Call } from '../../domain/call.ts'
import { BridgeError, type ErrorCode } from '../../domain/errors.ts'
import { type Principal, principalKey, principalName } from '../../domain/principal.ts'
import type { Bridge } from '../bridge.ts'
import { mayAnswer } from './may-answer.ts'
import type { Waiting } from './waiting.ts'

type Answering = Pick<
  Extract<ApprovalAction, { readonly kind: 'answer_approval' }>,
  'verdict' | 'digest' | 'reason' | 'grantMs'
>
type Failed = Extract<Answer, { readonly kind: 'failed' }>

/**
 * A person's answer to a request, which counts once it is on record and durable. Undefined when it does; the request is `started` then
 * if it was the last that was needed.
 */
export function answerRequest(
  waiting: Waiting,
  { principal }: Call,
  answer: Answering,
  bridge: Bridge,
): Promise<Failed | undefined> {
  return waiting.inTurn(async () => {
    const may = mayAnswer(principal, waiting.request, bridge.approvals.options.who)
    if (may.as === 'stranger') return noSuchRequest()
    if (may.as === 'refused') return failed('forbidden', may.why)
    const refused = notNow(waiting, principal, answer, bridge)
    if (refused !== undefined) return refused
    const { verdict, reason } = answer
    const at = bridge.clock.now()
    const given = { verdict, as: may.as, by: principal, at, ...(reason !== undefined && { reason }) }
    const { call, id, digest } = waiting.request
    const event = { type: 'approval.answered', at, call, command: id, digest, answer: given } as const
    await bridge.approvals.options.audit.append(event)
    await (verdict === 'deny' ? deny(waiting, given, bridge) : approve(waiting, given, answer, bridge))
    return undefined
  })
}

function notNow(waiting: Waiting, principal: Principal, answer: Answering, { approvals, clock }: Bridge) {
  const { state, end, request, answers } = waiting
  // guard: answered-once
  if (state !== 'waiting')
    return failed('approval_over', `It is ${state}${end === undefined ? '' : `: ${end.why}`}.`)
  // guard: not-after-expiry
  if (request.expiresAt.getTime() <= clock.now().getTime())
    return failed('approval_over', 'It has expired: nobody answered in time.')
  // guard: answer-names-digest
  if (answer.digest !== request.digest) return failed('approval_changed', OTHER_DIGEST)
  const { samePerson } = approvals.options.who
  const isAgain = (by: Principal) =>
    principalKey(by) === principalKey(principal) || samePerson(by, principal) !== 'different'
  // guard: each-person-once
  if (answers.some(({ by }) => isAgain(by)))
    return failed('approval_over', 'You have answered this request already.')
  return undefined
}

async function deny(waiting: Waiting, given: ApprovalAnswer, { approvals }: Bridge): Promise<void> {
  const because = given.reason === undefined ? '' : `: ${given.reason}`
  const end = {
    state: 'denied',
    at: given.at,
    why: `denied by ${principalName(given.by)}${because}`,
  } as const
  const record = waiting.record()
  await approvals.options.store.save({ ...record, answers: [...record.answers, given], end })
  waiting.answered(given)
  waiting.ended(end)
}

async function approve(
  waiting: Waiting,
  given: ApprovalAnswer,
  { grantMs }: Answering,
  { approvals }: Bridge,
): Promise<void> {
  waiting.answered(given)
  const record = waiting.record()
  const kept = waiting.isApproved ? { ...record, startedAt: given.at } : record
  await approvals.options.store.save(kept).catch((cause: unknown) => {
    waiting.takeBack(given)
    const message = 'The answer could not be kept, so it does not count. Try again once there is room.'
    throw new BridgeError('audit_unavailable', message, { cause })
  })
  const { call, decision } = waiting.request
  if (grantMs !== undefined && given.as === 'person')
    await approvals.grants.add(call, decision, given.by, grantMs)
  // The one time that it is carried out: whoever comes after this finds it started.
  if (waiting.isApproved) waiting.started(given.at)
}

/** What the principal may see of requests: of those that are not theirs, nothing. */
export function viewsFor(principal: Principal, bridge: Bridge, all: boolean): readonly ApprovalView[] {
  const { approvals } = bridge
  return approvals
    .list()
    .filter((waiting) => all || waiting.state === 'waiting')
    .filter(({ request }) => mayAnswer(principal, request, approvals.options.who).as !== 'stranger')
    .map((waiting) => viewOf(waiting, principal, bridge))
}

export function viewOf(waiting: Waiting, principal: Principal, { redactor }: Bridge): ApprovalView {
  return waiting.view(waiting.owner === principalKey(principal), (text) => redactor.redact(text).text)
}

export function noSuchRequest(): Failed {
  return failed('approval_not_found', 'There is no such request that you may see.')
}

function failed(code: ErrorCode, message: string): Failed {
  return { kind: 'failed', code, message }
}

const OTHER_DIGEST =
  'The digest is not that of this request: what you saw is something else. List it again and compare.'
