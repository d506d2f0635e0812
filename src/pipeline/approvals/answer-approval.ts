import type { Answer } from '../../domain/answer.ts'
import type { ApprovalAction, ApprovalAnswer, ApprovalView } from '../../domain/approval.ts'
import { type ApprovalRecord, isApproved } from '../../domain/approval-record.ts'
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

/** The answer counts. `begins`: it was the last that was needed, and the request is this process's to carry out. */
interface Counted {
  readonly kind: 'counted'
  readonly begins: boolean
}

/** A person's answer to a request, which counts once it is on record and durable, whichever instance was told it. */
export async function answerRequest(
  waiting: Waiting,
  { principal }: Call,
  answer: Answering,
  bridge: Bridge,
): Promise<Failed | Counted> {
  const { approvals } = bridge
  let refused: Failed | undefined
  let given: ApprovalAnswer | undefined
  const isThere = await approvals
    .change(waiting, async () => {
      const may = mayAnswer(principal, waiting.request, approvals.options.who)
      if (may.as === 'stranger') refused = noSuchRequest()
      else if (may.as === 'refused') refused = failed('forbidden', may.why)
      else refused = notNow(waiting, principal, answer, bridge)
      if (refused !== undefined || may.as === 'stranger' || may.as === 'refused') return undefined
      const { verdict, reason, grantMs } = answer
      const at = bridge.clock.now()
      const more = { ...(reason !== undefined && { reason }), ...(grantMs !== undefined && { grantMs }) }
      given = { verdict, as: may.as, by: principal, at, ...more }
      const { call, id, digest } = waiting.request
      const event = { type: 'approval.answered', at, call, command: id, digest, answer: given } as const
      await approvals.options.audit.append(event)
      return answered(waiting.record(), given)
    })
    .catch(notKept)
  if (!isThere || refused !== undefined || given === undefined) return refused ?? noSuchRequest()
  return { kind: 'counted', begins: await begin(waiting, bridge) }
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

function answered(record: ApprovalRecord, given: ApprovalAnswer): ApprovalRecord {
  const answers = [...record.answers, given]
  if (given.verdict === 'approve') return { ...record, answers }
  const because = given.reason === undefined ? '' : `: ${given.reason}`
  const why = `denied by ${principalName(given.by)}${because}`
  return { ...record, answers, end: { state: 'denied', at: given.at, why } }
}

function notKept(cause: unknown): never {
  if (cause instanceof BridgeError) throw cause
  const message = 'The answer could not be kept, so it does not count. Try again once there is room.'
  throw new BridgeError('audit_unavailable', message, { cause })
}

/** Whoever gave the last yes that was needed begins. Where that cannot be kept now, it is taken up as soon as it can. */
async function begin(waiting: Waiting, { approvals }: Bridge): Promise<boolean> {
  if (!isApproved(waiting.record())) return false
  const { call, decision, id } = waiting.request
  const granted = grantedBy(waiting)
  if (granted !== undefined) await approvals.grants.add(call, decision, granted.by, granted.forMs)
  if (!waiting.isToBegin) return false
  return approvals.start(waiting).catch((cause: unknown) => {
    const { log } = approvals.options
    log.error('An approved request could not be begun yet', { command: id, cause: String(cause) })
    return false
  })
}

/** Undefined unless as many people as the rule asks have said yes to the same again: it lasts as long as each of them said. */
function grantedBy({ answers, request }: Waiting) {
  const people = answers.flatMap(({ verdict, as, by, grantMs }) =>
    verdict === 'approve' && as === 'person' && grantMs !== undefined ? [{ by, grantMs }] : [],
  )
  const last = people.at(-1)
  // guard: grants-need-everybody
  if (last === undefined || people.length < request.decision.terms.count) return undefined
  return { by: last.by, forMs: Math.min(...people.map(({ grantMs }) => grantMs)) }
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
